"""The first page: what waits on me."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partnerships.access import Role, Section, memberships, reads_along, roles
from vivirkr.waiting import waiting_on
from youths.models import AccessEvent, Channel, Notice, Placement, Youth, goals_of

NEWS = 20  # on the page
FROM_THE_SCHOOL = (Notice.Kind.REPLIED,)


@require_safe
def home(request):
    """What this person should do next, oldest first. Others are led to their own first page."""
    user = request.user
    mine = roles(user)
    if mine & {Role.SCHOOL, Role.CASEWORKER}:
        return render(request, "home/home.html", _for_a_professional(user))
    if Role.EMPLOYER in mine:
        return redirect("youths:placements")
    if Role.CONTROLLER in mine:
        return redirect("youths:reviews")
    if mine & {Role.LEAD, Role.EVALUATOR}:
        first = next(m for m in memberships(user) if m.role in (Role.LEAD, Role.EVALUATOR))
        return redirect("evaluation:dashboard", first.programme_id)
    parties = Youth.objects.select_related("partnership__school", "partnership__municipality")
    youth = parties.visible_to(user).active().first()
    if youth is not None:
        return render(request, "home/youth.html", _for_a_youth(user, youth))
    if user.is_staff:
        return redirect("admin:index")
    return render(request, "home/nothing.html")


def _for_a_professional(user):
    now = timezone.now()
    waiting = waiting_on(user)
    youths = (
        Youth.objects.visible_to(user)
        .active()
        .select_related("phase", "partnership__school", "partnership__municipality")[:10]
    )
    news = [] if reads_along(user) else list(Notice.objects.news_for(user)[:NEWS])
    named = {row.youth_id for row in waiting if row.youth_id} | {youth.pk for youth in youths}
    named |= {notice.youth_id for notice in news}
    shown = {pk: [Section.IDENTITY] for pk in named}
    for pk, section in sorted({(row.youth_id, row.section) for row in waiting if row.section}):
        shown[pk].append(section)
    AccessEvent.record(user, Youth.objects.filter(pk__in=shown), shown, Channel.LIST)
    return {
        "waiting": [{"row": row, "days": max((now - row.since).days, 0)} for row in waiting],
        "news": [{"notice": notice, "what": _told(notice)} for notice in news],
        "youths": youths,
        "several_teams": len({m.partnership_id for m in memberships(user)}) > 1,
    }


def _told(notice) -> str:
    """What has happened, with the name that the mail leaves out."""
    words = {
        Notice.Kind.CANNOT_USE: _("%(who)s cannot use a part of the handover of %(name)s"),
        Notice.Kind.REPLIED: _("%(who)s has replied to a question about %(name)s"),
        Notice.Kind.ACCEPTED: _("%(who)s has accepted the handover of %(name)s"),
        Notice.Kind.WITH_QUESTIONS: _(
            "%(who)s has accepted the handover of %(name)s with questions"
        ),
        Notice.Kind.DECLINED: _("%(who)s has declined the handover of %(name)s"),
        Notice.Kind.FEEDBACK: _("%(who)s has given feedback on the handover of %(name)s"),
        Notice.Kind.CONTACT_PASSED: _("%(name)s has a new contact"),
        Notice.Kind.COMPANY: _("A company has given feedback on the placement of %(name)s"),
        Notice.Kind.DIFFERENTLY: _("%(name)s sees a company's feedback differently"),
        Notice.Kind.AGREED: _("All three have said yes to the agreement of %(name)s"),
        Notice.Kind.PLACEMENT: _("A placement of %(name)s was prolonged, paused or ended"),
        Notice.Kind.CORRECTED: _("%(who)s has corrected the record of the meeting with %(name)s"),
    }
    parties = notice.youth.partnership
    who = parties.school if notice.kind in FROM_THE_SCHOOL else parties.municipality
    return words[notice.kind] % {"who": who.name, "name": notice.youth.name}


def _for_a_youth(user, youth):
    return {
        "waiting": waiting_on(user),
        "youth": youth,
        "newest_words": youth.words.filter(kind="words").first(),
        "direction": youth.words.filter(kind="direction").first(),
        "goals": [goal for goal in goals_of(user, youth) if goal.is_open],
        "placement": Placement.objects.visible_to(user)
        .running()
        .select_related("employer", "contact")
        .first(),
    }
