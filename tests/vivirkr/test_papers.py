"""The handover on paper: as each reads it, the draft, the booklet, and what was issued."""

from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from handover.models import Carried, DocumentStep, PartReaction
from tests.factories import HandoverProfileFactory, PartFactory, days, member
from youths.models import AccessEvent, Consent, EmergencyOpening, OwnWords, Sitting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english"), pytest.mark.pango]

PARTS = ("direction", "competences", "support", "health", "network")
ORDER = ["identity", "words", *PARTS]


@pytest.fixture
def case(team):
    """A sent handover with a word of its own in each place, and one part that is a draft."""
    OwnWords.objects.create(youth=team.youth, text="EGNEORD", how="wrote", taken_down_by=team.young)
    profile = team.profile = HandoverProfileFactory(youth=team.youth)
    team.parts = {
        section: PartFactory(
            profile=profile,
            section=section,
            label=f"DEL-{section}",
            text=f"SET-{section}",
            works=f"VIRKER-{section}",
            written_by=team.school,
        )
        for section in PARTS
    }
    profile.send(by=team.school)
    PartFactory(profile=profile, section="network", label="KLADDE", written_by=team.school)
    return team


def read(response) -> PdfReader:
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    return PdfReader(BytesIO(response.content))


def text(response) -> str:
    pages = "\n".join(page.extract_text() for page in read(response).pages)
    return " ".join(pages.split())


def tokens(response) -> set:
    said = text(response)
    known = {f"{what}-{part}" for what in ("DEL", "SET", "VIRKER") for part in PARTS}
    return {token for token in known | {"EGNEORD", "KLADDE"} if token in said}


def of(*sections) -> set:
    found = {f"{what}-{part}" for what in ("DEL", "SET", "VIRKER") for part in sections}
    return found | {"EGNEORD"}


WITHOUT_HEALTH = [part for part in PARTS if part != "health"]


class TestHandover:
    def url(self, team):
        return reverse("handover_pdf", args=[team.youth.pk])

    @pytest.mark.parametrize("role", ["school", "young"])
    def test_of_the_school_and_the_young_person_is_all_that_was_sent(self, case, sign_in, role):
        assert tokens(sign_in(getattr(case, role)).get(self.url(case))) == of(*PARTS)

    def test_of_the_caseworker_follows_the_consent(self, case, sign_in):
        client = sign_in(case.caseworker)
        assert tokens(client.get(self.url(case))) == of(*WITHOUT_HEALTH)
        given = Consent.give(by=case.young, youth=case.youth, section="health")
        assert tokens(client.get(self.url(case))) == of(*PARTS)
        given.withdraw(by=case.young)
        assert tokens(client.get(self.url(case))) == of(*WITHOUT_HEALTH)

    def test_is_nobody_elses_and_not_there_before_it_is_sent(self, case, team, other_team, sign_in):
        for user in (case.employer, case.lead, case.evaluator, other_team.school):
            assert sign_in(user).get(self.url(case)).status_code == 404
        HandoverProfileFactory(youth=other_team.youth)
        assert sign_in(other_team.school).get(self.url(other_team)).status_code == 404

    def test_says_the_version_and_who_printed_it_on_every_page(self, case, sign_in):
        response = sign_in(case.caseworker).get(self.url(case))
        reader = read(response)
        for page in reader.pages:
            foot = " ".join(page.extract_text().split())
            assert f"{case.youth.code}, version 1, sent" in foot
            assert f"Confidential. Printed by {case.caseworker.name}, for" in foot
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert reader.metadata.title == f"Handover of {case.youth.name}"
        assert response["Content-Disposition"] == (
            f'attachment; filename="{case.youth.code}-handover-{days(0)}.pdf"'
        )

    def test_is_noted_with_the_sections_in_it(self, case, sign_in):
        sign_in(case.caseworker).get(self.url(case))
        event = AccessEvent.objects.get()
        assert (event.channel, event.detail) == ("export", "handover_pdf")
        assert event.codes == [code for code in ORDER if code != "health"]

    def test_is_refused_in_an_emergency_and_not_offered(self, case, sign_in):
        admin = member(case.partnership, "admin", user__is_staff=True)
        EmergencyOpening.open(by=admin, youth=case.youth, reason="Fordi det haster")
        client = sign_in(admin)
        page = client.get(reverse("handover:received", args=[case.youth.pk]))
        assert page.status_code == 200
        assert self.url(case) not in page.content.decode()
        assert client.get(self.url(case)).status_code == 403


class TestDraft:
    def url(self, team):
        return reverse("draft_pdf", args=[team.youth.pk])

    def test_is_the_schools_and_says_on_every_page_that_it_is_one(self, case, sign_in):
        response = sign_in(case.school).get(self.url(case))
        assert tokens(response) == of(*PARTS) | {"KLADDE"}
        for page in read(response).pages:
            assert "draft, not sent" in page.extract_text()
        for role in ("caseworker", "young"):
            assert sign_in(getattr(case, role)).get(self.url(case)).status_code == 403

    def test_is_not_there_before_something_is_written(self, team, sign_in):
        assert sign_in(team.school).get(self.url(team)).status_code == 404

    def test_is_noted(self, case, sign_in):
        sign_in(case.school).get(self.url(case))
        event = AccessEvent.objects.get()
        assert (event.channel, event.detail, event.codes) == ("export", "draft_pdf", ORDER)


class TestBooklet:
    def url(self, team):
        return reverse("my_profile", args=[team.youth.pk])

    def test_has_own_words_and_what_works_and_nothing_of_other_sections(self, case, sign_in):
        assert tokens(sign_in(case.young).get(self.url(case))) == {
            "EGNEORD",
            "DEL-competences",
            "DEL-support",
            "VIRKER-support",
        }

    def test_is_a5_with_large_type(self, case, sign_in):
        reader = read(sign_in(case.young).get(self.url(case)))
        box = reader.pages[0].mediabox
        assert (round(box.width), round(box.height)) == (420, 595)

    def test_begins_with_what_is_chosen_and_says_it_once(self, case, sign_in):
        part = case.parts["competences"]
        Carried.change(by=case.young, youth=case.youth, act="add", key=f"part-{part.pk}")
        response = sign_in(case.young).get(self.url(case))
        first = read(response).pages[0].extract_text()
        assert "SET-competences" in first
        assert "VIRKER-support" not in first
        assert text(response).count("DEL-competences") == 1

    def test_leaves_out_what_the_young_person_sees_differently(self, case, sign_in):
        for section, agrees in (("support", False), ("competences", True)):
            PartReaction.give(
                by=case.young, part=case.parts[section], revision=1, agrees=agrees, text="SAGT"
            )
        response = sign_in(case.young).get(self.url(case))
        assert tokens(response) == {"EGNEORD", "DEL-competences"}
        assert "SAGT" in text(response)

    def test_is_printed_by_the_school_while_both_sit_together(self, case, sign_in):
        client = sign_in(case.school)
        response = client.get(self.url(case))
        assert response["Location"] == reverse("youths:together", args=[case.youth.pk])
        assert not AccessEvent.objects.filter(channel="export").exists()
        Sitting.start(by=case.school, youth=case.youth, pen="staff")
        said = text(client.get(self.url(case)))
        assert f"Printed by {case.youth.first_name} and {case.school.name}" in said
        event = AccessEvent.objects.get(channel="export")
        assert event.codes == ["identity", "words", "competences", "support"]

    def test_is_nobody_elses(self, case, other_team, sign_in):
        assert sign_in(case.caseworker).get(self.url(case)).status_code == 403
        for user in (case.employer, case.lead, other_team.young, other_team.school):
            assert sign_in(user).get(self.url(case)).status_code == 404


class TestIssued:
    @pytest.fixture
    def issued(self, case):
        DocumentStep.start(by=case.school, youth=case.youth, on=days(-30))
        return DocumentStep.issue(by=case.school, youth=case.youth)

    def url(self, issued):
        return reverse("issued_pdf", args=[issued.pk])

    def test_reads_as_it_was_issued_whatever_came_later(self, case, issued, sign_in):
        client = sign_in(case.school)
        before = text(client.get(self.url(issued)))
        part = case.parts["support"]
        part.refresh_from_db()
        part.write(by=case.school, revision=part.revision, text="NYTEKST", label="NYDEL")
        case.profile.refresh_from_db()
        case.profile.send(by=case.school)
        OwnWords.objects.create(
            youth=case.youth, text="SENERE", how="wrote", taken_down_by=case.young
        )
        PartReaction.give(by=case.young, part=part, revision=1, agrees=False, text="SAGT")
        Carried.change(by=case.young, youth=case.youth, act="add", key=f"part-{part.pk}")
        case.programme.handover_document = "Kompetencepapir"
        case.programme.save()
        case.youth.move_stu_end(by=case.caseworker, on=days(900))
        assert text(client.get(self.url(issued))) == before
        assert "Ressourcepapir, version 1, issued" in before

    def test_keeps_to_the_consent_of_today(self, case, issued, sign_in):
        client = sign_in(case.caseworker)
        response = client.get(self.url(issued))
        assert tokens(response) == of(*WITHOUT_HEALTH)
        assert "one part is not shared with you today" in text(response)
        Consent.give(by=case.young, youth=case.youth, section="health")
        assert tokens(client.get(self.url(issued))) == of(*PARTS)

    def test_is_nobody_elses_and_another_step_is_no_paper(self, case, issued, other_team, sign_in):
        for user in (case.employer, case.lead, other_team.school, other_team.caseworker):
            assert sign_in(user).get(self.url(issued)).status_code == 404
        begun = DocumentStep.objects.get(kind="started")
        assert sign_in(case.school).get(self.url(begun)).status_code == 404

    def test_is_noted(self, case, issued, sign_in):
        sign_in(case.caseworker).get(self.url(issued))
        event = AccessEvent.objects.get()
        assert (event.channel, event.detail) == ("export", "issued_pdf")
        assert "health" not in event.codes


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "role", "queries"),
    [
        ("handover_pdf", "caseworker", 26),
        ("draft_pdf", "school", 17),
        ("my_profile", "young", 13),
        ("issued_pdf", "caseworker", 13),
    ],
)
def test_costs_the_same_for_three_as_for_one(
    team, sign_in, django_assert_num_queries, name, role, queries, rows
):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support"):
        for _ in range(rows):
            part = PartFactory(profile=profile, section=section, written_by=team.school)
            PartReaction.give(by=team.young, part=part, revision=1, agrees=True)
            key = f"part-{part.pk}"
            if section == "support":
                Carried.change(by=team.young, youth=team.youth, act="add", key=key)
    profile.send(by=team.school)
    for n in range(rows):
        OwnWords.objects.create(
            youth=team.youth, text=str(n), how="wrote", taken_down_by=team.young
        )
    DocumentStep.start(by=team.school, youth=team.youth, on=days(-30))
    issued = DocumentStep.issue(by=team.school, youth=team.youth)
    thing = issued.pk if name == "issued_pdf" else team.youth.pk
    client = sign_in(getattr(team, role))
    with django_assert_num_queries(queries):
        client.get(reverse(name, args=[thing]))
