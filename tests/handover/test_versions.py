"""Every version as it was sent, and what each changed, for who may read it today."""

import pytest
from django.utils import timezone

from handover.models import HandoverVersion, SentPart, changes
from tests.factories import PartFactory
from tests.handover.test_profiles import complete, sent
from tests.handover.test_views import page, url
from youths.models import AccessEvent, Consent

pytestmark = pytest.mark.django_db


def rewrite(profile, section="support", **texts):
    part = profile.parts.get(section=section, withdrawn_at=None)
    part.write(by=part.written_by, revision=part.revision, **texts)
    return part


@pytest.fixture
def twice(team):
    """Sent twice: support was changed, network taken away, a competence added."""
    profile = sent(team, "network")
    rewrite(profile, works="Vis det to gange.", level="4")
    gone = profile.parts.get(section="network")
    gone.remove(by=team.school, revision=1)
    PartFactory(profile=profile, section="competences", label="Kasse", written_by=team.school)
    profile.send(by=team.school)
    return profile


@pytest.fixture
def caseworker(team, sign_in):
    return sign_in(team.caseworker)


class TestChanges:
    def test_says_what_is_new_changed_and_gone(self, team, twice):
        copies = list(SentPart.objects.visible_to(team.school, team.youth))
        found = [(change.kind, change.part.section) for change in changes(copies, 1, 2)]
        assert found == [("new", "competences"), ("changed", "support"), ("gone", "network")]

    def test_of_the_first_version_are_all_new(self, team, twice):
        copies = list(SentPart.objects.visible_to(team.school, team.youth))
        assert {change.kind for change in changes(copies, 0, 1)} == {"new"}
        assert len(changes(copies, 0, 1)) == 4

    def test_over_several_versions_leave_out_what_came_and_went(self, team, twice):
        next(p for p in twice.parts.all() if p.label == "Kasse").remove(by=team.school, revision=1)
        rewrite(twice, works="Vis det én gang.", level="3")
        twice.send(by=team.school)
        copies = list(SentPart.objects.visible_to(team.school, team.youth))
        found = changes(copies, 1, 3)
        assert [(change.kind, change.part.section) for change in found] == [("gone", "network")]

    def test_are_told_field_by_field(self, team, twice):
        copies = list(SentPart.objects.visible_to(team.school, team.youth))
        (changed,) = [c for c in changes(copies, 1, 2) if c.kind == "changed"]
        assert [(str(field["name"]), field["words"]) for field in changed.fields()] == [
            (
                "Level",
                [
                    ("removed", "Step 3 of 5: with help with something new"),
                    ("added", "Step 4 of 5: with a reminder"),
                ],
            ),
            (
                "What works",
                [
                    ("kept", "Vis det "),
                    ("removed", "én gang"),
                    ("added", "to gange"),
                    ("kept", "."),
                ],
            ),
        ]


class TestVersion:
    @pytest.mark.parametrize("name", ["versions", "version", "changed"])
    def test_is_for_who_may_read_the_handover(self, team, other_team, sign_in, twice, name):
        address = url(name, team.youth.pk, *([1] if name != "versions" else []))
        statuses = {
            role: sign_in(person).get(address).status_code for role, person in team.people().items()
        }
        assert statuses == {
            "school": 200,
            "caseworker": 200,
            "young": 200,
            "employer": 404,
            "lead": 404,
            "evaluator": 404,
        }
        assert sign_in(other_team.caseworker).get(address).status_code == 404

    def test_is_readable_as_it_was_sent(self, team, caseworker, twice):
        first = page(caseworker.get(url("version", team.youth.pk, 1)))
        second = page(caseworker.get(url("version", team.youth.pk, 2)))
        assert first.count("Vis det én gang.") == 4
        assert "Kasse" not in first
        assert "This is an earlier version." in first
        assert "Vis det to gange." in second
        assert "Kasse" in second
        assert "This is an earlier version." not in second

    def test_never_shows_the_working_text(self, team, sign_in, twice):
        rewrite(twice, text="Kun en kladde")
        for person in (team.caseworker, team.young):
            for number in (1, 2):
                assert "kladde" not in page(
                    sign_in(person).get(url("version", team.youth.pk, number))
                )

    @pytest.mark.parametrize("number", [0, 3, 10**12])
    @pytest.mark.parametrize("name", ["version", "changed"])
    def test_that_is_none_is_not_found(self, team, caseworker, twice, name, number):
        assert caseworker.get(url(name, team.youth.pk, number)).status_code == 404

    def test_before_anything_is_sent_says_so(self, team, sign_in):
        complete(team)
        html = page(sign_in(team.young).get(url("versions", team.youth.pk)))
        assert "Nothing has been sent yet" in html

    def test_follows_the_consent_of_today(self, team, sign_in, caseworker):
        profile = complete(team)
        PartFactory(profile=profile, section="health", label="Angst i grupper", text="Hemmeligt")
        profile.send(by=team.school)
        rewrite(profile, "health", text="Mere hemmeligt")
        profile.send(by=team.school)
        addresses = [
            url("versions", team.youth.pk),
            *(url(name, team.youth.pk, n) for name in ("version", "changed") for n in (1, 2)),
        ]

        def shown(client):
            return [
                any(w in page(client.get(one)).lower() for w in ("angst", "hemmeligt"))
                for one in addresses
            ]

        assert shown(caseworker) == [False] * 5
        html = page(caseworker.get(url("version", team.youth.pk, 1)))
        assert "Social and mental conditions: one part is not shared with you today." in html
        consent = Consent.give(by=team.young, youth=team.youth, section="health")
        assert shown(caseworker) == [True] * 5
        consent.withdraw(by=team.young)
        assert shown(caseworker) == [False] * 5
        for person in (team.school, team.young):
            assert shown(sign_in(person)) == [True] * 5

    def test_is_noted_in_the_read_log_with_what_was_shown(self, team, caseworker, twice):
        for name, number in (("version", 1), ("changed", 2), ("versions", None)):
            caseworker.get(url(name, team.youth.pk, *([number] if number else [])))
        newest, changed, read = AccessEvent.objects.all()
        assert read.sections == "identity,direction,competences,support,network"
        assert changed.sections == "identity,competences,support,network"
        assert newest.sections == read.sections


class TestChanged:
    def test_marks_words_put_in_and_taken_out(self, team, caseworker, twice):
        html = page(caseworker.get(url("changed", team.youth.pk, 2)))
        assert '<del><span class="vv-sr">[taken out: </span>én gang' in html
        assert '<ins><span class="vv-sr">[put in: </span>to gange' in html
        assert "The school has taken this part away." in html

    def test_shows_a_text_as_text(self, team, caseworker, twice):
        rewrite(twice, works="<script>alert(1)</script>")
        twice.send(by=team.school)
        html = page(caseworker.get(url("changed", team.youth.pk, 3)))
        assert "<script>alert" not in html
        assert "alert" in html

    @pytest.mark.parametrize(
        ("since", "due"),
        [("0", 0), ("1", 1), ("2", 1), ("x", 1), ("9" * 30, 1), ("-1", 1), ("²", 1)],
    )
    def test_is_from_the_version_before_or_an_earlier_one(
        self, team, caseworker, twice, since, due
    ):
        response = caseworker.get(url("changed", team.youth.pk, 2), {"since": since})
        assert (response.status_code, response.context["since"]) == (200, due)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("versions", 9), ("version", 12), ("changed", 11)])
def test_asks_as_often_for_three_as_for_one(
    team, caseworker, django_assert_num_queries, name, queries, rows
):
    profile = complete(team)
    for _ in range(rows - 1):
        PartFactory(profile=profile, section="support", written_by=team.school)
    profile.send(by=team.school)
    for n in range(rows):
        for part in profile.parts.filter(section="support"):
            part.write(by=team.school, revision=part.revision, text=f"Nyt {n}")
        profile.send(by=team.school)
    HandoverVersion.objects.update(sent_at=timezone.now())
    address = url(name, team.youth.pk, *([2] if name != "versions" else []))
    caseworker.get(address)
    with django_assert_num_queries(queries):
        caseworker.get(address)
