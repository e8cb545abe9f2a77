"""The ressourcepapir: begun and talked about in good time, issued where STU has ended.

Of those whose STU ends within a few months the conversation is still to be held, and the newest
has come too late for it to be begun in time.
"""

from datetime import timedelta

from django.utils import timezone

from handover.models import DocumentStep, HandoverProfile, document_plan
from vivirkr.demo.dates import at, day

EARLIER = timedelta(days=18)  # than the latest day
Kind = DocumentStep.Kind


def create(cases, people) -> None:
    profiles = {profile.youth_id: profile for profile in HandoverProfile.objects.all()}
    for case in cases:
        if profile := profiles.get(case.youth.pk):
            DocumentStep.objects.bulk_create(_steps(case, profile, people))


def _steps(case, profile, people):
    story, youth = case.story, case.youth
    programme, plan = youth.partnership.programme, document_plan(youth)
    coordinator = people.by[story.partnership, "coordinator"]
    caseworker = people.caseworker(story.partnership, max(story.stu_ends, 0))
    if story.stu_ends <= programme.document_start_months:
        yield _step(profile, Kind.STARTED, plan, coordinator)
    if story.stu_ends < programme.conversation_months:
        who = f"{youth.first_name}, hjemmet, {coordinator.name} og {caseworker.name} (jobcenteret)"
        yield _step(profile, Kind.CONVERSATION, plan, coordinator, took_part=who)
    if story.stu_ends < 0 and (version := profile.versions.first()):
        on = min(timezone.localdate(version.sent_at) + timedelta(days=4), day(0))
        yield DocumentStep(
            profile=profile,
            kind=Kind.ISSUED,
            on=on,
            due_on=youth.stu_ends_on,
            version=version,
            name=programme.handover_document,
            noted_by=coordinator,
            noted_at=at((day(0) - on).days, 14, 20),
        )


def _step(profile, kind, plan, by, **fields) -> DocumentStep:
    on = plan[kind] - EARLIER
    return DocumentStep(
        profile=profile,
        kind=kind,
        on=on,
        due_on=plan[kind],
        noted_by=by,
        noted_at=at((day(0) - on).days, 12, 5),
        **fields,
    )
