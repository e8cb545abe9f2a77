"""The evaluator's workbench: frozen cuts under pseudonyms, and the reports made of them."""

import base64
import csv
import hashlib
import io
import json
import zipfile
from datetime import date

import pyreadstat
import pytest
import time_machine
from django.db import InternalError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from evaluation import masking
from evaluation.models import (
    Assessment,
    CannotBeMade,
    Cut,
    CutRefused,
    Definition,
    ObservedFact,
    OwnRound,
    PartnershipProgress,
    PseudonymKey,
    Report,
    half_years,
)
from evaluation.models.collecting import DESCRIBED
from evaluation.packages import package, zipped
from evaluation.report import figures
from evaluation.tasks import make_cut, sweep, sweep_cuts
from partnerships.encryption import CannotOpen
from partnerships.models import OutcomeClass
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    UserFactory,
    YouthFactory,
    cut_of,
    days,
    report_of,
)
from vivirkr import reports
from youths.models import AccessEvent, CprNumber

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds(team):
    return [
        RatingRoundFactory(programme=team.programme, number=1, ago=3),
        RatingRoundFactory(programme=team.programme, number=2),
    ]


@pytest.fixture
def rated(team, rounds):
    """The team's young person has come closer, in the eyes of themself and of the school."""
    direction = IndicatorFactory(code="direction", position=1)
    IndicatorFactory(code="belief", position=2)
    for voice in ("youth", "school"):
        for in_round, step in zip(rounds, (2, 4), strict=True):
            RatingFactory(
                youth=team.youth, round=in_round, indicator=direction, voice=voice, step=step,
                small_step="Ringede selv til mester",
            )  # fmt: skip
    RatingFactory(
        youth=team.youth, round=rounds[1], indicator=direction, voice="caseworker", step=None,
        why_not="not_seen",
    )  # fmt: skip
    return team


def rows(cut, name) -> list[dict]:
    text = cut.files()[f"{name}.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def at(cut, file_name="package.zip"):
    return reverse("evaluation:cut_file", args=[cut.pk, file_name])


# -- Who -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sees", "freezes", "takes", "reports_on"),
    [
        ("evaluator", 200, 302, 200, 302),
        ("lead", 200, 403, 403, 302),
        *((role, 404, 404, 404, 404) for role in ("school", "caseworker", "employer", "young")),
    ],
)
def test_the_evaluator_takes_data_and_the_leadership_reports(
    rated, sign_in, role, sees, freezes, takes, reports_on
):
    cut = cut_of(rated.programme)
    report = report_of(cut)
    client = sign_in(getattr(rated, role))
    page = reverse("evaluation:workbench", args=[rated.programme.pk])
    here = reverse("evaluation:cut", args=[cut.pk])
    assert client.get(page).status_code == sees
    assert client.post(page, {"name": "Efterår"}).status_code == freezes
    assert client.get(here).status_code == sees
    assert client.get(at(cut)).status_code == takes
    assert client.get(at(cut, "ratings.csv")).status_code == takes
    starts_on, _ends_on = half_years(cut)[-1]
    assert client.post(here, {"starts_on": starts_on}).status_code == reports_on
    for name in ("report", "report_file"):
        answer = client.get(reverse(f"evaluation:{name}", args=[report.pk]))
        assert answer.status_code == sees
    quotes = client.get(reverse("evaluation:quotes", args=[rated.programme.pk]))
    assert quotes.status_code == takes


def test_the_leadership_sees_no_file_of_single_persons(rated, sign_in):
    cut = cut_of(rated.programme)
    page = sign_in(rated.lead).get(reverse("evaluation:cut", args=[cut.pk]))
    assert "ratings.csv" not in page.text
    assert cut.sha256 in page.text


def test_another_programme_is_not_found(rated, other_team, sign_in):
    cut = cut_of(rated.programme)
    report = report_of(cut)
    client = sign_in(other_team.evaluator)
    for url in (
        reverse("evaluation:workbench", args=[rated.programme.pk]),
        reverse("evaluation:quotes", args=[rated.programme.pk]),
        reverse("evaluation:cut", args=[cut.pk]),
        at(cut),
        reverse("evaluation:report", args=[report.pk]),
        reverse("evaluation:report_file", args=[report.pk]),
    ):
        assert client.get(url).status_code == 404


def test_a_download_is_noted_of_everybody_whose_data_is_in_it(rated, sign_in):
    other = YouthFactory(partnership=rated.partnership)
    cut = cut_of(rated.programme)
    later = YouthFactory(partnership=rated.partnership)
    sign_in(rated.evaluator).get(at(cut, "youths.csv"))
    noted = AccessEvent.objects.filter(user_id=rated.evaluator.pk, channel="export")
    assert {event.youth_id for event in noted} == {rated.youth.pk, other.pk}
    assert {(event.sections, event.detail) for event in noted} == {
        ("ratings", "evaluation:cut_file")
    }
    assert later.pk not in {event.youth_id for event in noted}
    mine = sign_in(rated.young).get(reverse("youths:readers", args=[rated.youth.pk])).text
    assert "de ser ikke dit navn" in mine


# -- Frozen --------------------------------------------------------------------------------------


def test_a_cut_is_the_same_bytes_whatever_happens_afterwards(rated, sign_in, rounds):
    cut = cut_of(rated.programme)
    client = sign_in(rated.evaluator)
    names = ["package.zip", "data.xlsx", "ratings.sav", "ratings.csv"]
    before = [client.get(at(cut, name)).content for name in names]
    RatingFactory(youth=rated.youth, round=rounds[1], voice="caseworker", step=5)
    YouthFactory(partnership=rated.partnership)
    rated.programme.closer_target = 1
    rated.programme.save()
    with time_machine.travel(date(2031, 5, 17)):
        client.force_login(rated.evaluator)
        assert [client.get(at(cut, name)).content for name in names] == before
    assert hashlib.sha256(before[0]).hexdigest() == cut.sha256
    with zipfile.ZipFile(io.BytesIO(before[0])) as archive:
        assert {name: archive.read(name) for name in names[1:]} == dict(
            zip(names[1:], before[1:], strict=True)
        )


def test_the_fingerprint_of_each_file_is_that_of_the_file(rated):
    cut = cut_of(rated.programme)
    files = cut.files()
    for one in cut.manifest:
        assert hashlib.sha256(files[one["name"]]).hexdigest() == one["sha256"]
    sums = dict(
        reversed(line.split("  ")) for line in files["SHA256SUMS.txt"].decode().split("\n")[:-1]
    )
    assert sums == {
        one["name"]: one["sha256"] for one in cut.manifest if one["name"] != "SHA256SUMS.txt"
    }


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_same_tables_make_the_same_files_at_another_time_in_any_language(rated, language):
    cut = cut_of(rated.programme)
    data = json.loads(cut.files()["data.json"])
    tables = {name: table[1:] for name, table in data["tables"].items()}
    with time_machine.travel(date(2031, 5, 17)), translation.override(language):
        again = zipped(package(data["about"], tables, DESCRIBED))
    assert hashlib.sha256(again).hexdigest() == cut.sha256


@pytest.mark.parametrize("field", ["sha256", "name", "content"])
def test_the_database_refuses_to_change_a_cut(rated, field):
    cut = cut_of(rated.programme)
    changed = {"sha256": "0" * 64, "name": "Andet", "content": b"x"}
    with pytest.raises(InternalError, match="never changes"), transaction.atomic():
        Cut.objects.filter(pk=cut.pk).update(**{field: changed[field]})
    cut.youths.clear()
    with (
        pytest.raises(InternalError, match="not deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM evaluation_cut")


def test_a_report_is_not_changed_either(rated):
    report = report_of(cut_of(rated.programme))
    with pytest.raises(InternalError, match="never changes"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(ends_on=days(900))


def test_what_is_stored_is_encrypted_and_bound_to_its_row(rated):
    one, two = cut_of(rated.programme), cut_of(rated.programme, "Efterår")
    assert b"PK" not in bytes(one.content)[:4]
    two.key, two.content = one.key, one.content
    with pytest.raises(CannotOpen):
        two.opened()


def test_a_key_of_the_installation_may_change_under_a_cut(rated):
    cut = cut_of(rated.programme)
    cut.save(update_fields=["key"])  # as rotate_keys does, sealed anew
    assert Cut.objects.get(pk=cut.pk).opened() == cut.opened()


def test_a_name_is_there_once_and_nothing_is_frozen_of_nobody(rated, sign_in):
    cut_of(rated.programme, "Forår")
    client = sign_in(rated.evaluator)
    page = reverse("evaluation:workbench", args=[rated.programme.pk])
    assert client.post(page, {"name": "Forår"}).status_code == 409
    assert client.post(page, {"name": ""}).status_code == 422
    empty = PartnershipFactory(signed=True).programme
    with pytest.raises(CutRefused):
        Cut.freeze(by=rated.evaluator, programme=empty, name="Forår")


# -- Pseudonyms ----------------------------------------------------------------------------------


def test_a_pseudonym_is_the_same_in_each_cut_and_only_there(rated, other_team):
    one, two = cut_of(rated.programme, "1"), cut_of(rated.programme, "2")
    [mine] = rows(one, "youths")
    assert rows(two, "youths") == [mine]
    key, other = PseudonymKey.of(rated.programme), PseudonymKey.of(other_team.programme)
    assert key.pseudonym(rated.youth) == mine["pseudonym"]
    assert other.pseudonym(rated.youth) != mine["pseudonym"]
    assert {row["pseudonym"] for row in rows(one, "ratings")} == {mine["pseudonym"]}


def test_a_pseudonym_cannot_be_derived_without_the_secret(rated):
    [mine] = rows(cut_of(rated.programme), "youths")
    kept = bytes(
        PseudonymKey.objects.values_list("key", flat=True).get(programme=rated.programme).stored
    )
    for known in (rated.youth.code, str(rated.youth.pk), rated.youth.name):
        for name in ("sha256", "sha1", "md5"):
            digest = hashlib.new(name, known.encode()).digest()
            assert not base64.b32encode(digest).decode().startswith(mine["pseudonym"])
    assert PseudonymKey.of(rated.programme).key.encode() not in kept


def test_no_file_holds_a_name_a_code_a_day_of_birth_or_what_somebody_wrote(rated):
    youth = rated.youth
    CprNumber.note(by=rated.caseworker, youth=youth, digits=f"{youth.birth_date:%d%m%y}4071")
    ObservedFact.record(by=rated.school, youth=youth, kind="job", began_on=days(-9))
    Assessment.give(by=rated.school, youth=youth, closer=True, reason="Passer kassen")
    cut = cut_of(rated.programme)
    words = [
        youth.name, youth.code, str(youth.pk), str(youth.birth_date),
        f"{youth.birth_date:%d%m%y}", "Ringede selv", "Passer kassen", rated.school.name,
        str(youth.enrolled_on), str(days(-9)), rated.young.email,
    ]  # fmt: skip
    for name, content in cut.files().items():
        texts = [content]
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                texts = [book.read(part) for part in book.namelist()]
        for text in texts:
            found = [word for word in words if word.encode() in text]
            assert found == [], name


# -- The files -----------------------------------------------------------------------------------


def test_every_answer_is_a_line_with_voice_indicator_round_and_reason(rated):
    lines = rows(cut_of(rated.programme), "ratings")
    told = [(r["round"], r["voice"], r["indicator"], r["step"], r["why_not"]) for r in lines]
    assert sorted(told) == [
        ("1", "school", "direction", "2", ""),
        ("1", "youth", "direction", "2", ""),
        ("2", "caseworker", "direction", "", "not_seen"),
        ("2", "school", "direction", "4", ""),
        ("2", "youth", "direction", "4", ""),
    ]


def test_each_young_person_has_the_result_and_the_version_it_was_judged_by(rated):
    cut = cut_of(rated.programme)
    [line] = rows(cut, "youths")
    assert (line["result"], line["seen_by"], line["definition"]) == (
        "closer",
        "both",
        "programme-1",
    )
    assert line["age"] in {"18_20", "under_18"}
    assert line["enrolled_month"] == f"{rated.youth.enrolled_on:%Y-%m}"
    assert "programme-1" in cut.files()["rules.txt"].decode()
    [rule] = rows(cut, "definitions")
    assert rule["words_da"].startswith("Tættere på:")
    assert rule["words_en"].startswith("Closer:")


def test_a_cut_counts_as_the_dashboard_does(rated):
    YouthFactory.create_batch(3, partnership=rated.partnership)
    sweep()
    cut = cut_of(rated.programme)
    standing = figures(cut.data(), date(2026, 7, 1), date(2026, 12, 31))["standing"]
    stored = PartnershipProgress.objects.get(partnership=rated.partnership)
    assert (standing.closer, standing.referred) == (stored.closer, stored.referred) == (1, 4)
    assert (standing.certain, standing.possible) == (stored.certain, stored.possible)


def test_the_codebook_names_every_variable_and_value_in_both_languages(rated):
    cut = cut_of(rated.programme)
    book = rows(cut, "codebook")
    for name in ("ratings", "youths", "partnerships", "definitions"):
        known = {line["variable"] for line in book if line["table"] == name}
        assert known == set(json.loads(cut.files()["data.json"])["tables"][name][0])
    assert all(line["danish"] and line["english"] for line in book)
    [line] = [
        b for b in book if (b["table"], b["variable"], b["value"]) == ("ratings", "voice", "school")
    ]
    assert (line["danish"], line["english"], line["number_in_sav"]) == ("Skole", "School", "2")


def test_spss_reads_the_answers_with_their_labels(rated, tmp_path):
    cut = cut_of(rated.programme)
    path = tmp_path / "ratings.sav"
    path.write_bytes(cut.files()["ratings.sav"])
    found, meta = pyreadstat.read_sav(path, output_format="dict")
    assert meta.number_rows == 5
    assert meta.column_names_to_labels["voice"] == "Hvis stemme"
    assert meta.variable_value_labels["voice"] == {1: "Den unge", 2: "Skole", 3: "Jobcenter"}
    assert meta.variable_value_labels["indicator"][1] == "direction da"
    assert sorted(step for step in found["step"] if step is not None) == [2, 2, 4, 4]
    assert meta.file_label == "Forår"
    assert meta.creation_time == timezone.make_naive(cut.frozen_at)


def test_a_table_without_rows_is_read_as_well(rated, tmp_path):
    path = tmp_path / "outcomes.sav"
    path.write_bytes(cut_of(rated.programme).files()["outcomes.sav"])
    _found, meta = pyreadstat.read_sav(path, output_format="dict")
    assert (meta.number_rows, meta.column_names[:2]) == (0, ["pseudonym", "partnership"])


def test_what_somebody_named_becomes_no_formula(rated):
    rated.partnership.school.name = "=HYPERLINK(1)"
    rated.partnership.school.save()
    files = cut_of(rated.programme).files()
    assert b";'=HYPERLINK(1);" in files["partnerships.csv"]
    with zipfile.ZipFile(io.BytesIO(files["data.xlsx"])) as book:
        sheets = [book.read(name) for name in book.namelist() if "worksheets" in name]
    assert len(sheets) == 15
    assert not any(b"<f>" in sheet for sheet in sheets)


def test_quotes_are_only_those_that_may_be_quoted(rated, sign_in):
    page = reverse("evaluation:quotes", args=[rated.programme.pk])
    client = sign_in(rated.evaluator)
    assert client.get(page).status_code == 200
    cut_of(rated.programme)
    assert client.get(page).status_code == 200
    elsewhere = YouthFactory()
    RatingRoundFactory(programme=elsewhere.partnership.programme)
    silent = YouthFactory(partnership=rated.partnership)
    for youth, said, may in (
        (rated.youth, "=Jeg tør ringe", True),
        (elsewhere, "Ikke vores", True),
        (silent, "Kun til jer", False),
    ):
        OwnRound.end_with(youth=youth, easier=said, may_be_quoted=may, helper="", done=True)
    text = client.get(page, {"format": "csv"}).content.decode("utf-8-sig")
    pseudonym = PseudonymKey.of(rated.programme).pseudonym(rated.youth)
    assert f"{pseudonym};2;'=Jeg tør ringe" in text
    assert "Ikke vores" not in text
    assert "Kun til jer" not in text
    noted = AccessEvent.objects.filter(user_id=rated.evaluator.pk, channel="export")
    assert [(n.youth_id, n.sections) for n in noted] == [(rated.youth.pk, "words")]
    assert pseudonym in client.get(page).text
    OwnRound.end_with(youth=rated.youth, easier="=Jeg tør ringe", may_be_quoted=False, helper="",
                      done=True)  # fmt: skip
    assert "ringe" not in client.get(page).text  # who takes the yes back is quoted no more


# -- Jobs ----------------------------------------------------------------------------------------


def test_a_cut_waits_for_the_worker_and_the_page_says_how_far_it_is(rated, sign_in):
    client = sign_in(rated.evaluator)
    page = reverse("evaluation:workbench", args=[rated.programme.pk])
    answer = client.post(page, {"name": "Forår"})
    cut = Cut.objects.get()
    assert (answer.status_code, cut.state, cut.content) == (302, "waiting", None)
    waiting = client.get(answer.url)
    assert 'hx-trigger="every 2s"' in waiting.text
    assert client.get(at(cut)).status_code == 404
    Cut.objects.update(state="running", progress=40)
    assert "40 procent" in client.get(answer.url).text
    make_cut(str(cut.pk))
    asked = client.get(answer.url, headers={"HX-Request": "true"})
    assert asked["HX-Refresh"] == "true"
    assert client.get(at(cut)).status_code == 200


def test_a_cut_that_no_message_told_of_or_a_worker_died_on_is_swept_up(rated):
    one = Cut.freeze(by=rated.evaluator, programme=rated.programme, name="1")
    two = Cut.freeze(by=rated.evaluator, programme=rated.programme, name="2")
    Cut.objects.filter(pk=two.pk).update(state="running", progress=40, attempts=1)
    sweep_cuts()
    assert set(Cut.objects.values_list("state", "progress")) == {("done", 100)}
    assert one.pk != two.pk


def test_making_twice_changes_nothing(rated):
    cut = cut_of(rated.programme)
    make_cut(str(cut.pk))
    sweep_cuts()
    again = Cut.objects.get()
    assert (again.made_at, again.sha256, again.attempts) == (cut.made_at, cut.sha256, 1)


def test_what_fails_is_tried_three_times_then_said_and_asked_for_again(rated, sign_in):
    cut = cut_of(rated.programme)
    starts_on, _ends_on = half_years(cut)[0]
    report = Report.ask(by=rated.lead, cut=cut, starts_on=starts_on, language="da")

    def broken(report):
        raise RuntimeError("no disk")

    for state in ("waiting", "waiting", "failed", "failed"):
        Report.make(report.pk, broken)
        assert Report.objects.get().state == state
    client = sign_in(rated.lead)
    here = reverse("evaluation:report", args=[report.pk])
    assert "Kunne ikke laves" in client.get(here).text
    assert client.post(here).status_code == 302
    assert Report.objects.get().state == "waiting"
    Report.make(report.pk, lambda report: (b"%PDF", {}))
    assert client.get(reverse("evaluation:report_file", args=[report.pk])).content == b"%PDF"


def test_what_kills_its_process_is_not_tried_forever(rated):
    cut = Cut.freeze(by=rated.evaluator, programme=rated.programme, name="1")
    Cut.objects.update(state="running", attempts=3)
    sweep_cuts()
    cut.refresh_from_db()
    assert (cut.state, cut.attempts) == ("failed", 3)


def test_what_cannot_be_made_is_not_tried_again(rated, monkeypatch):
    monkeypatch.setattr("vivirkr.pdf.is_possible", lambda: False)
    cut = cut_of(rated.programme)
    report = Report.ask(by=rated.lead, cut=cut, starts_on=half_years(cut)[0][0], language="da")
    reports.sweep_reports()
    assert Report.objects.get(pk=report.pk).state == "failed"
    with pytest.raises(CannotBeMade):
        reports.build(report)


def test_a_report_is_asked_for_once_and_only_of_a_frozen_cut(rated):
    waiting = Cut.freeze(by=rated.evaluator, programme=rated.programme, name="1")
    with pytest.raises(CutRefused):
        Report.ask(by=rated.lead, cut=waiting, starts_on=date(2026, 7, 1), language="da")
    cut = cut_of(rated.programme, "2")
    starts_on, ends_on = half_years(cut)[0]
    one = Report.ask(by=rated.lead, cut=cut, starts_on=starts_on, language="da")
    two = Report.ask(by=rated.evaluator, cut=cut, starts_on=starts_on, language="da")
    assert (one.pk, one.ends_on) == (two.pk, ends_on)
    with pytest.raises(CutRefused):
        Report.ask(by=rated.lead, cut=cut, starts_on=date(1999, 1, 1), language="da")


def test_half_years_reach_from_the_cut_back_to_the_first_of_the_programme(rated):
    found = half_years(cut_of(rated.programme))
    assert found[0][0] <= days(0) <= found[0][1]
    assert found[-1][0] <= rated.programme.starts_on <= found[-1][1]
    assert len(found) in (4, 5)
    assert found == sorted(set(found), reverse=True)


# -- The report ----------------------------------------------------------------------------------


@pytest.fixture
def many(rated):
    """Twelve young people, of whom three ended in the first class, and two in the second."""
    one, two = (
        OutcomeClass.objects.create(programme=rated.programme, position=n, name=f"Klasse {n}")
        for n in (1, 2)
    )
    YouthFactory.create_batch(3, partnership=rated.partnership, outcome=one, outcome_on=days(-2))
    YouthFactory.create_batch(8, partnership=rated.partnership)
    YouthFactory(
        partnership=PartnershipFactory(signed=True, programme=rated.programme), outcome=two
    )
    return rated


def test_a_report_tells_of_few_persons_in_bands_only(many):
    cut = cut_of(many.programme)
    said = figures(cut.data(), *half_years(cut)[0])
    told = {row["school"]: row for row in said["partnerships"]}
    own = told[many.partnership.school.name]
    assert (own["low"], own["high"]) == masking.band(1, 12)
    assert said["outcomes"] == [("Klasse 1", None), ("Klasse 2", None)]
    assert said["standing"].closer == 1


def test_a_report_is_of_the_cut_and_not_of_today(many):
    cut = cut_of(many.programme)
    before = figures(cut.data(), *half_years(cut)[0])
    YouthFactory.create_batch(2, partnership=many.partnership)
    many.programme.closer_target = 2
    many.programme.save()
    Definition.objects.all().update(stored_rule={})
    assert figures(Cut.objects.get().data(), *half_years(cut)[0]) == before


@pytest.mark.pango
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("da", ["1 af 40", "Målet er mindst 35", "Bilag", "Tættere på: Den unge og mindst én"]),
        ("en", ["1 of 40", "The target is at least 35", "Annex", "Closer: the young person and"]),
    ],
)
def test_the_pdf_says_the_figures_the_rules_and_what_it_is_made_of(many, language, words):
    cut = cut_of(many.programme)
    starts_on, _ends_on = half_years(cut)[0]
    report = Report.ask(by=many.lead, cut=cut, starts_on=starts_on, language=language)
    reports.make_report(str(report.pk))
    report = Report.objects.get()
    assert (report.state, report.progress) == ("done", 100)
    made = PdfReader(io.BytesIO(report.opened()))
    pages = [" ".join(page.extract_text().split()) for page in made.pages]
    text = " ".join(pages)
    for said in words:
        assert said in text
    assert all(cut.sha256 in page.replace(" ", "") for page in pages)
    assert many.partnership.school.name in text
    assert many.youth.code not in text


def test_progress_is_told_while_the_report_is_made(many, monkeypatch):
    told = []
    monkeypatch.setattr(Report, "tell", lambda report, n: told.append(n))
    monkeypatch.setattr("vivirkr.pdf.is_possible", lambda: True)
    monkeypatch.setattr("vivirkr.pdf.make", str.encode)
    cut = cut_of(many.programme)
    report = Report.ask(by=many.lead, cut=cut, starts_on=half_years(cut)[0][0], language="da")
    reports.sweep_reports()
    assert told == sorted(told)
    assert told
    assert Report.objects.get(pk=report.pk).is_done


# -- Cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_cost_the_same_with_one_and_with_three(
    rated, sign_in, django_assert_num_queries, count
):
    for n in range(count):
        cut = cut_of(rated.programme, f"Nr. {n}", by=UserFactory())
    for starts_on, _ends_on in half_years(cut)[:count]:
        Report.ask(by=UserFactory(), cut=cut, starts_on=starts_on, language="da")
    client = sign_in(rated.evaluator)
    with django_assert_num_queries(7):
        client.get(reverse("evaluation:workbench", args=[rated.programme.pk]))
    with django_assert_num_queries(7):
        client.get(reverse("evaluation:cut", args=[cut.pk]))


def test_a_list_does_not_fetch_what_was_frozen(rated, sign_in):
    cut_of(rated.programme)
    with connection.execute_wrapper(_no_content):
        client = sign_in(rated.evaluator)
        assert (
            client.get(reverse("evaluation:workbench", args=[rated.programme.pk])).status_code
            == 200
        )


def _no_content(execute, sql, params, many, context):
    assert '"content"' not in sql
    return execute(sql, params, many, context)
