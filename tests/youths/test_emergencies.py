"""An administrator opens one case in an emergency: for an hour, with a reason, told to all."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from partnerships.access import Role
from partnerships.models import Narrowing, User
from tests.factories import HandoverProfileFactory, PartFactory, YouthFactory, days, member
from youths.models import (
    AccessEvent,
    EmergencyNotice,
    EmergencyOpening,
    EmergencyRefused,
    Youth,
)
from youths.tasks import mail_emergencies

pytestmark = pytest.mark.django_db
REASON = "Den unge er forsvundet fra praktikken."


def administrator(team, **fields):
    admin = member(team.partnership, Role.ADMIN, **fields)
    admin.is_staff = True
    admin.save()
    return admin


@pytest.fixture
def admin(team):
    return administrator(team)


@pytest.fixture
def opening(team, admin):
    return EmergencyOpening.open(by=admin, youth=team.youth, reason=REASON)


def case(team):
    return reverse("case", args=[team.youth.pk])


class TestStanding:
    def test_an_administrator_has_no_case(self, team, admin, sign_in):
        assert sign_in(admin).get(case(team)).status_code == 404
        assert not Youth.objects.visible_to(admin).exists()

    def test_a_superuser_has_no_case(self, team, sign_in):
        root = User.objects.create_superuser("rod@vivirkr.example", "x" * 20, name="Rod")
        assert sign_in(root).get(case(team)).status_code == 404
        EmergencyOpening.open(by=root, youth=team.youth, reason=REASON)
        assert sign_in(root).get(case(team)).status_code == 200


class TestOpening:
    def test_opens_this_case_and_no_other(self, team, other_team, admin, opening, sign_in):
        friend = YouthFactory(partnership=team.partnership)
        client = sign_in(admin)
        assert client.get(case(team)).status_code == 200
        assert client.get(reverse("case", args=[friend.pk])).status_code == 404
        assert client.get(case(other_team)).status_code == 404

    def test_reads_what_the_caseworker_reads_and_writes_nothing(
        self, team, admin, opening, sign_in
    ):
        profile = HandoverProfileFactory(youth=team.youth)
        for section in ("direction", "competences", "support", "health"):
            PartFactory(profile=profile, section=section, text=f"KANARIE {section}")
        client = sign_in(admin)
        received = reverse("handover:received", args=[team.youth.pk])
        assert "KANARIE" not in client.get(received).text  # a draft
        profile.send(by=team.school)
        seen = client.get(received).text
        assert "KANARIE direction" in seen
        assert "KANARIE health" not in seen  # nobody has said yes
        sent = profile.sent_parts.get(section="support")
        answer = reverse("handover:answer", args=[sent.pk])
        assert client.post(answer, {"kind": "understood"}).status_code == 403
        assert client.get(reverse("handover:write", args=[team.youth.pk])).status_code == 403
        assert client.get(reverse("case_pdf", args=[team.youth.pk])).status_code == 403
        assert client.get(reverse("youths:account", args=[team.youth.pk])).status_code == 403

    def test_marks_in_the_log_all_that_was_read(self, team, admin, opening, sign_in):
        sign_in(admin).get(case(team))
        line = AccessEvent.objects.get(youth_id=team.youth.pk)
        assert (line.user_id, line.emergency_id, line.role) == (admin.pk, opening.pk, "admin")
        page = sign_in(team.school).get(reverse("youths:emergency", args=[opening.pk]))
        assert page.context["reads"][0]["event"] == line

    def test_ends_after_an_hour_in_an_open_session(self, team, admin, opening, sign_in):
        client = sign_in(admin)
        assert client.get(case(team)).status_code == 200
        with time_machine.travel(opening.closes_at - timedelta(seconds=5)):
            assert client.get(case(team)).status_code == 200
        with time_machine.travel(opening.closes_at + timedelta(seconds=1)):
            assert client.get(case(team)).status_code == 404

    def test_ends_when_closed_and_when_the_partnership_ends(self, team, admin, opening, sign_in):
        client = sign_in(admin)
        page = reverse("youths:emergency", args=[opening.pk])
        client.post(page, {"act": "close"})
        assert client.get(case(team)).status_code == 404
        EmergencyOpening.open(by=admin, youth=team.youth, reason=REASON)
        assert client.get(case(team)).status_code == 200
        team.partnership.end(by=admin)
        assert client.get(case(team)).status_code == 404

    def test_ends_with_the_administrators_own_time(self, team, admin, opening, sign_in):
        admin.memberships.update(ends_on=days(-1))
        assert sign_in(admin).get(case(team)).status_code == 404

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_needs_a_reason(self, team, admin, reason, sign_in):
        with pytest.raises(EmergencyRefused):
            EmergencyOpening.open(by=admin, youth=team.youth, reason=reason)
        typed = {"code": team.youth.code, "reason": reason}
        response = sign_in(admin).post(reverse("youths:emergencies"), typed)
        assert response.status_code == 422
        assert team.youth.code in response.text
        assert not EmergencyOpening.objects.exists()

    def test_is_refused_to_everybody_else(self, team, other_team):
        for person in (team.school, team.caseworker, team.lead, team.young, team.employer):
            with pytest.raises(EmergencyRefused):
                EmergencyOpening.open(by=person, youth=team.youth, reason=REASON)
        with pytest.raises(EmergencyRefused):
            EmergencyOpening.open(by=administrator(other_team), youth=team.youth, reason=REASON)

    def test_a_code_of_another_programme_is_as_unknown_as_none(self, other_team, admin, sign_in):
        page = reverse("youths:emergencies")
        typed = {"reason": REASON}
        foreign = sign_in(admin).post(page, typed | {"code": other_team.youth.code})
        nothing = sign_in(admin).post(page, typed | {"code": "VVR-0000"})
        assert foreign.status_code == nothing.status_code == 422
        assert foreign.context["form"].errors == nothing.context["form"].errors

    def test_twice_is_refused_while_it_is_open(self, team, admin, opening):
        with pytest.raises(EmergencyRefused):
            EmergencyOpening.open(by=admin, youth=team.youth, reason=REASON)

    def test_the_database_refuses_more_than_an_hour(self, team, admin):
        now = timezone.now()
        times = {"opened_at": now, "closes_at": now + timedelta(minutes=61)}
        with pytest.raises(IntegrityError), transaction.atomic():
            EmergencyOpening.objects.create(
                youth=team.youth, opened_by=admin, reason=REASON, **times
            )

    def test_reads_no_more_than_the_agreement_leaves_the_caseworker(
        self, team, admin, opening, sign_in
    ):
        Narrowing.objects.create(
            partnership=team.partnership, role="caseworker", section="ratings", reason="Aftalt"
        )
        ratings = reverse("evaluation:ratings", args=[team.youth.pk])
        assert sign_in(admin).get(ratings).status_code == 403
        assert sign_in(admin).get(case(team)).status_code == 200

    def test_an_administrator_who_has_left_reads_not_even_the_own_opening(
        self, admin, opening, sign_in
    ):
        page = reverse("youths:emergency", args=[opening.pk])
        assert sign_in(admin).get(page).status_code == 200
        admin.memberships.update(ends_on=days(-1))
        assert sign_in(admin).get(page).status_code == 404


class TestTelling:
    def test_waits_on_everybody_of_the_team_until_seen(self, team, opening, sign_in):
        page = reverse("youths:emergency", args=[opening.pk])
        for person in (team.school, team.caseworker):
            client = sign_in(person)
            assert page in client.get(reverse("home")).text
            assert REASON in client.get(page).text
            client.post(page, {"act": "seen"})
            assert page not in client.get(reverse("home")).text

    def test_mails_each_once_without_a_word_about_the_case(self, team, admin, opening):
        mail_emergencies()
        mail_emergencies()
        assert {m.to[0] for m in mail.outbox} == {team.school.email, team.caseworker.email}
        assert len(mail.outbox) == 2
        for message in mail.outbox:
            said = message.subject + message.body + str(message.extra_headers)
            for secret in (team.youth.name, team.youth.first_name, team.youth.code, REASON):
                assert secret not in said
            assert reverse("youths:emergency", args=[opening.pk]) in message.body

    def test_a_mail_that_fails_stays_on_the_work_list(self, team, opening, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        mail_emergencies()
        assert EmergencyNotice.work_list().count() == 2

    def test_two_workers_send_one_mail(self, opening):
        notice = EmergencyNotice.work_list().first()
        assert EmergencyNotice.mail(notice.pk) is True
        assert EmergencyNotice.mail(notice.pk) is False

    def test_another_team_sees_nothing_of_it(self, other_team, opening, sign_in):
        page = reverse("youths:emergency", args=[opening.pk])
        assert sign_in(other_team.school).get(page).status_code == 404
