"""What is sent is what the preview said; else the page asks again."""

from threading import Event

import pytest
from django.db import transaction

from handover.models import HandoverProfile, PreviewChanged
from partnerships.models import Narrowing
from tests.factories import member
from tests.handover.test_profiles import complete, sent
from tests.handover.test_views import page, url
from vivirkr.celery import app
from youths.models import Consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(team, sign_in):
    return sign_in(team.school)


def previewed(client, team) -> dict:
    """The form as it stands on the page of sending."""
    context = client.get(url("send", team.youth.pk)).context
    return {"version": context["profile"].version, "shown": context["shown"]}


def refused(client, team, form):
    """What the page answers to a form that does not hold any more; nothing was sent."""
    before = HandoverProfile.objects.get().version
    response = client.post(url("send", team.youth.pk), form)
    assert response.status_code == 409
    assert HandoverProfile.objects.get().version == before
    assert "Nothing was sent: this page does not hold any more." in page(response)
    return response


class TestAPreviewThatDoesNotHold:
    def test_after_a_withdrawal_says_so_and_asks_again(self, team, school):
        profile = complete(team, "health")
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        form = previewed(school, team)
        assert school.get(url("send", team.youth.pk)).context["held_back"] == []
        consent.withdraw(by=team.young)
        response = refused(school, team, form)
        assert response.context["differs"] == ["held"]
        assert [held.section for held in response.context["held_back"]] == ["health"]
        again = {"version": 0, "shown": response.context["shown"]}
        assert school.post(url("send", team.youth.pk), again).status_code == 302
        profile.refresh_from_db()
        assert profile.version == 1

    @pytest.mark.parametrize("change", ["yes", "no", "narrowed"])
    def test_after_another_answer_or_agreement(self, team, school, change):
        complete(team, "health")
        form = previewed(school, team)
        if change == "narrowed":
            fields = {"role": "caseworker", "section": "health", "reason": "Aftalt"}
            Narrowing.objects.create(partnership=team.partnership, **fields)
        elif change == "yes":
            Consent.give(by=team.young, youth=team.youth, section="health")
        else:
            Consent.say_no(by=team.young, youth=team.youth, section="health")
        assert refused(school, team, form).context["differs"] == ["held"]

    @pytest.mark.parametrize("change", ["written", "added", "removed"])
    def test_after_a_colleague_has_written(self, team, school, change):
        profile = complete(team, "network")
        form = previewed(school, team)
        colleague, part = member(team.partnership, "school"), profile.parts.get(heading="network")
        if change == "written":
            part.write(by=colleague, revision=1, text="Noget andet")
        elif change == "removed":
            part.remove(by=colleague, revision=1)
        else:
            added = profile.add_part(by=colleague, heading="network")
            added.write(by=colleague, revision=1, label="Bus", text="Linje 12")
        assert refused(school, team, form).context["differs"] == ["parts"]

    def test_after_a_colleague_has_sent_and_written_on(self, team, school):
        profile = complete(team)
        form = previewed(school, team)
        profile.send(by=team.school)
        profile.parts.first().write(by=team.school, revision=1, text="Mere")
        assert refused(school, team, form).context["differs"] == ["version", "parts"]

    @pytest.mark.parametrize("shown", ["", "x", "0-a", "-" * 5000, "\x00"])
    def test_without_a_word_of_what_was_read(self, team, school, shown):
        complete(team)
        assert refused(school, team, {"shown": shown}).context["differs"] == []

    def test_of_a_second_version_too(self, team, school):
        profile = sent(team, "health")
        profile.parts.get(section="health").write(by=team.school, revision=1, text="Nyt")
        form = previewed(school, team)
        Consent.give(by=team.young, youth=team.youth, section="health")
        assert refused(school, team, form).context["differs"] == ["held"]


def test_the_same_page_read_twice_says_the_same(team, school):
    complete(team, "health")
    assert previewed(school, team) == previewed(school, team)


def test_sends_while_the_broker_is_away(team, school, monkeypatch):
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    complete(team)
    assert school.post(url("send", team.youth.pk), previewed(school, team)).status_code == 302
    assert HandoverProfile.objects.get().version == 1


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_while_it_is_sent_is_before_or_after_it(team, at_once):
    """Sending waits for the withdrawal that has begun, and then what was read does not hold."""
    profile = complete(team, "health")
    consent = Consent.give(by=team.young, youth=team.youth, section="health")
    shown, withdrawn = profile.fingerprint(), Event()

    def withdraw():
        with transaction.atomic():
            consent.withdraw(by=team.young)
            withdrawn.set()
            Event().wait(0.5)

    def send():
        withdrawn.wait(10)
        return profile.send(by=team.school, shown=shown)

    _none, answered = at_once(withdraw, send)
    assert isinstance(answered, PreviewChanged)
    assert answered.what == ["held"]
