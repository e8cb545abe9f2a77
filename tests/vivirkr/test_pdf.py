"""The case as a PDF: the viewer's slice and no more, tagged, noted, and without the network."""

import sys
from io import BytesIO

import cffi
import pytest
from django.urls import reverse
from pypdf import PdfReader

from partnerships.models import Membership
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    PartFactory,
    PlacementFactory,
    RatingFactory,
    RatingRoundFactory,
    YouthFactory,
    days,
)
from vivirkr import pdf
from youths.models import AccessEvent, Consent, OwnWords, Referral

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PARTS = ("direction", "competences", "support", "health", "network")


@pytest.fixture
def case(team):
    """A case with a word of its own in each place where one can stand."""
    team.youth.name, team.youth.phone = "Ærlig Østergård-Åberg", "87654321"
    team.youth.save()
    OwnWords.objects.create(youth=team.youth, text="EGNEORD", how="wrote", taken_down_by=team.young)
    OwnWords.objects.create(
        youth=team.youth,
        kind="direction",
        text="RETNINGSORD",
        how="said",
        taken_down_by=team.school,
    )
    profile = HandoverProfileFactory(youth=team.youth)
    for section in PARTS:
        PartFactory(
            profile=profile,
            section=section,
            label=f"DEL-{section}",
            text=f"SET-{section}",
            works=f"VIRKER-{section}",
            evidence=f"BEVIS-{section}",
            written_by=team.school,
        )
    profile.send(by=team.school)
    question = profile.sent_parts.get(section="support").answer(
        by=team.caseworker, kind="question", text="SPØRGSMÅL"
    )
    question.give_reply(by=team.school, text="GENSVAR")
    PartFactory(profile=profile, section="network", label="KLADDE", written_by=team.school)
    indicator = IndicatorFactory(code="direction")
    RatingFactory(
        youth=team.youth,
        indicator=indicator,
        round=RatingRoundFactory(programme=team.programme),
        step=4,
        small_step="SMÅSKRIDT",
        rated_by=team.young,
    )
    team.placement.tasks = "OPGAVEORD"
    team.placement.save()
    return team


SEEN_BY_ALL = {
    "Ærlig Østergård-Åberg",
    "87654321",
    "EGNEORD",
    "RETNINGSORD",
    *(f"{what}-{part}" for part in PARTS if part != "health" for what in ("DEL", "SET", "BEVIS")),
    "VIRKER-support",
    "SPØRGSMÅL",
    "GENSVAR",
    "SMÅSKRIDT",
    "OPGAVEORD",
}
HEALTH = {"DEL-health", "SET-health", "VIRKER-health", "BEVIS-health"}
ALL = SEEN_BY_ALL | HEALTH | {"KLADDE"}


def url(team):
    return reverse("case_pdf", args=[team.youth.pk])


def read(response) -> PdfReader:
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    return PdfReader(BytesIO(response.content))


def text(response) -> str:
    return "\n".join(page.extract_text() for page in read(response).pages)


def tokens(response) -> set:
    """Which of the words that stand somewhere in the case stand in the file."""
    found = text(response)
    return {token for token in ALL if token in found}


@pytest.mark.pango
class TestSlice:
    @pytest.mark.parametrize("role", ["school", "young"])
    def test_of_the_school_and_the_young_person_is_all_that_was_sent(self, case, sign_in, role):
        assert tokens(sign_in(getattr(case, role)).get(url(case))) == SEEN_BY_ALL | HEALTH

    def test_of_the_caseworker_lacks_what_is_not_consented_and_says_so(self, case, sign_in):
        response = sign_in(case.caseworker).get(url(case))
        assert tokens(response) == SEEN_BY_ALL
        assert "Held back, 1 part" in text(response)

    def test_of_the_caseworker_follows_the_consent(self, case, sign_in):
        given = Consent.give(by=case.young, youth=case.youth, section="health")
        client = sign_in(case.caseworker)
        assert tokens(client.get(url(case))) == SEEN_BY_ALL | HEALTH
        given.withdraw(by=case.young)
        assert tokens(client.get(url(case))) == SEEN_BY_ALL

    def test_is_what_the_pages_show(self, case, sign_in):
        """A word on the case page or the handover's page is in the file, and the other way."""
        for role in ("school", "caseworker", "young"):
            client = sign_in(getattr(case, role))
            names = ("case", "handover:received", "placement")
            things = (case.youth.pk, case.youth.pk, case.placement.pk)
            pages = "".join(
                client.get(reverse(name, args=[pk])).content.decode()
                for name, pk in zip(names, things, strict=True)
            )
            assert tokens(client.get(url(case))) == {t for t in ALL if t in pages}, role

    def test_follows_the_agreement_that_takes_a_section_away(self, case, sign_in):
        case.partnership.narrowings.create(role="caseworker", section="course")
        case.partnership.narrowings.create(role="caseworker", section="ratings")
        case.partnership.save()
        response = sign_in(case.caseworker).get(url(case))
        assert tokens(response) == SEEN_BY_ALL - {"SMÅSKRIDT", "OPGAVEORD"}
        assert "Placements and job" not in text(response)
        assert "course" not in AccessEvent.objects.get().sections

    def test_before_anything_is_sent_says_so(self, team, sign_in):
        assert "Nothing has been sent yet" in text(sign_in(team.caseworker).get(url(team)))


@pytest.mark.pango
class TestFile:
    def test_is_tagged_and_says_its_language_and_title(self, case, sign_in, settings):
        settings.LANGUAGE_CODE = "da"
        reader = read(sign_in(case.school).get(url(case)))
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/StructTreeRoot"]["/K"]
        assert root["/Lang"] == "da"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert reader.metadata.title == f"{case.youth.code}: Ærlig Østergård-Åberg"
        assert b"pdfuaid:part" in root["/Metadata"].get_data()

    def test_every_page_says_it_is_confidential_who_saved_it_and_which_page_it_is(
        self, case, sign_in
    ):
        reader = read(sign_in(case.caseworker).get(url(case)))
        assert len(reader.pages) > 1
        for number, page in enumerate(reader.pages, start=1):
            foot = page.extract_text()
            assert (
                f"Confidential. Printed by {case.caseworker.name},"
                f" for {case.partnership.municipality.name}," in foot
            )
            assert f"{number} / {len(reader.pages)}" in foot

    def test_is_saved_under_the_code_and_kept_by_no_cache(self, case, sign_in, time_machine):
        response = sign_in(case.young).get(url(case))
        name = response["Content-Disposition"]
        assert name == f'attachment; filename="{case.youth.code}-case-{days(0)}.pdf"'
        assert response["Cache-Control"] == "no-store"
        assert response["X-Content-Type-Options"] == "nosniff"

    def test_has_its_fonts_inside(self, case, sign_in):
        fonts = {
            font.get_object()["/BaseFont"].partition("+")[2]
            for page in read(sign_in(case.school).get(url(case))).pages
            for font in page["/Resources"]["/Font"].values()
        }
        assert fonts
        assert all(name.startswith("IBM-Plex-Sans") for name in fonts), fonts

    def test_shows_what_was_typed_as_text(self, case, sign_in):
        OwnWords.objects.create(
            youth=case.youth,
            text='<img src="http://192.0.2.1/x.png"><b>fed</b> {{ user }}',
            how="wrote",
            taken_down_by=case.young,
        )
        assert '<img src="http://192.0.2.1/x.png"><b>fed</b>' in text(
            sign_in(case.school).get(url(case))
        )


@pytest.mark.pango
@pytest.mark.parametrize(
    "html",
    [
        '<img alt="x" src="http://127.0.0.1:9/x">',
        '<img alt="x" src="file:///etc/passwd">',
        '<img alt="x" src="data:image/svg+xml,<svg/>">',
        '<img alt="x" src="/youths/">',
        '<img alt="x" src="/static/../vivirkr/settings.py">',
        '<img alt="x" src="/static/%2e%2e/vivirkr/settings.py">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x">',
        '<link rel="attachment" href="http://127.0.0.1:9/x">',
        '<p style="background: url(http://127.0.0.1:9/x)">x</p>',
    ],
)
def test_only_our_static_files_are_fetched(html, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("asked the network"))
    with pytest.raises(pdf.NotOurs):
        pdf.make(f'<html lang="da"><title>x</title>{html}</html>')


@pytest.mark.pango
class TestReadLog:
    @pytest.mark.parametrize("role", ["school", "caseworker"])
    def test_has_a_line_with_exactly_the_sections_in_the_file(self, case, sign_in, role):
        sign_in(getattr(case, role)).get(url(case))
        event = AccessEvent.objects.get()
        assert (event.channel, event.detail) == ("export", "case_pdf")
        assert (event.youth_id, event.user_id) == (case.youth.pk, getattr(case, role).pk)
        assert event.sections.split(",") == [
            "identity",
            "words",
            "course",
            "ratings",
            *(p for p in PARTS if role == "school" or p != "health"),
        ]

    def test_has_none_of_the_young_person(self, case, sign_in):
        assert sign_in(case.young).get(url(case)).status_code == 200
        assert not AccessEvent.objects.exists()

    def test_has_none_of_who_is_refused(self, case, other_team, sign_in):
        for user in (case.employer, case.lead, case.evaluator, other_team.school):
            assert sign_in(user).get(url(case)).status_code == 404
        assert not AccessEvent.objects.filter(channel="export").exists()


@pytest.mark.pango
def test_leaving_the_team_works_at_once(case, sign_in):
    client = sign_in(case.school)
    assert client.get(url(case)).status_code == 200
    Membership.objects.filter(user=case.school).update(ends_on=days(-1))
    assert client.get(url(case)).status_code == 404


def test_a_referral_is_no_case(team, sign_in):
    proposed = YouthFactory(partnership=team.partnership, enrolled_on=None)
    Referral.objects.create(
        youth=proposed, partnership=team.partnership, reason="x", proposed_by=team.caseworker
    )
    assert sign_in(team.school).get(reverse("case_pdf", args=[proposed.pk])).status_code == 404


@pytest.mark.pango
@pytest.mark.parametrize("rows", [1, 3])
def test_costs_the_same_for_three_as_for_one(team, sign_in, django_assert_num_queries, rows):
    profile = HandoverProfileFactory(youth=team.youth)
    for section in ("direction", "competences", "support"):
        for _ in range(rows):
            PartFactory(profile=profile, section=section, written_by=team.school)
    profile.send(by=team.school)
    for part in profile.sent_parts.all():
        part.answer(by=team.caseworker, kind="understood")
    for n in range(rows):
        PlacementFactory(youth=team.youth, starts_on=days(-100 + n))
        OwnWords.objects.create(
            youth=team.youth, text=str(n), how="wrote", taken_down_by=team.young
        )
    client = sign_in(team.caseworker)
    with django_assert_num_queries(45):
        client.get(url(team))


def test_a_machine_without_the_library_says_so_and_notes_nothing(team, sign_in, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(cffi.FFI, "dlopen", missing)
    pdf._engine.cache_clear()
    try:
        response = sign_in(team.school).get(url(team))
    finally:
        pdf._engine.cache_clear()
    assert response.status_code == 503
    assert "This server cannot make PDFs" in response.content.decode()
    assert not AccessEvent.objects.exists()


def missing(*_args):
    raise OSError("no such library")


@pytest.mark.parametrize("role", ["school", "caseworker", "young"])
def test_the_case_page_offers_it_and_says_what_is_noted(team, sign_in, role):
    page = sign_in(getattr(team, role)).get(reverse("case", args=[team.youth.pk])).content.decode()
    assert f'href="{url(team)}"' in page
    assert ("It is noted in the log" in page) == (role != "young")
