"""The browser prints a page of a record: the read log is told; and how the log's pages look."""

import pytest
from django.urls import reverse

from tests.factories import MembershipFactory, Team, days
from youths.models import AccessEvent, ReadSample

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


def test_printing_a_case_is_noted(site, signed_in, transactional_db):
    team = Team()
    page = signed_in(team.caseworker)
    page.goto(f"{site}{reverse('case', args=[team.youth.pk])}")
    with page.expect_response("**/printed/") as told:
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert told.value.status == 204
    event = AccessEvent.objects.get(channel="print")
    assert (event.user_id, event.youth_id) == (team.caseworker.pk, team.youth.pk)
    assert event.sections == "identity,words,course,ratings"


def test_who_has_read_and_the_review_look_well(site, signed_in, transactional_db, look):
    team = Team()
    for person in (team.school, team.caseworker):
        AccessEvent.record(person, [team.youth], ["identity", "health"])
        AccessEvent.record(person, [team.youth], ["identity"], "list")
    AccessEvent.record(team.lead, [team.youth], [], "refused", "case")
    for person in (team.young, team.school):
        page = signed_in(person)
        assert page.goto(f"{site}{reverse('youths:readers', args=[team.youth.pk])}").ok
        look(page)
    month = days(-40).replace(day=1)
    school = team.partnership.school
    sample = ReadSample.objects.create(organisation=school, month=month)
    for event in AccessEvent.objects.filter(channel="page"):
        sample.reads.create(
            event_id=event.pk,
            at=event.at,
            user_id=event.user_id,
            role=event.role,
            youth_id=event.youth_id,
            code=team.youth.code,
            sections=event.sections,
            channel=event.channel,
        )
    page = signed_in(MembershipFactory(role="controller", organisation=school).user)
    for name, args in (("youths:reviews", []), ("youths:review", [sample.pk])):
        assert page.goto(f"{site}{reverse(name, args=args)}").ok
        look(page)
