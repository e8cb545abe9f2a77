"""The list of youths as a file: the list's own rows, filters and order, and a line for each."""

import csv
import zipfile
from io import BytesIO, StringIO

import pytest
from django.urls import reverse

from partnerships import spreadsheets
from tests.factories import YouthFactory, days
from youths.models import AccessEvent, Youth
from youths.views import cases

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

URL = "/youths/"


def rows(response):
    assert response.status_code == 200
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def names(response):
    return [row[0] for row in rows(response)[1:]]


def test_address_is_the_lists_own():
    assert reverse("youths:list") == URL


def test_holds_what_the_list_shows(team, sign_in):
    Youth.objects.filter(pk=team.youth.pk).update(name="Ærlig Østergård-Åberg")
    proposed = YouthFactory(partnership=team.partnership, enrolled_on=None, name="Bo")
    left = YouthFactory(
        partnership=team.partnership, left_on=days(-1), left_because="moved", name="Carl"
    )
    day = str(team.youth.stu_ends_on)
    assert rows(sign_in(team.caseworker).get(URL, {"format": "csv"})) == [
        ["Name", "Code", "Phase", "State", "STU ends"],
        ["Bo", proposed.code, "", "Referral waits", day],
        ["Carl", left.code, "", "Has left", day],
        ["Ærlig Østergård-Åberg", team.youth.code, "Afklaring", "In the course", day],
    ]


def test_holds_all_pages_with_filters_and_order_kept(team, sign_in):
    for n in range(cases.PAGE_SIZE + 2):
        YouthFactory(partnership=team.partnership, name=f"Lærke {n:02}")
    asked = {"format": "csv", "q": "lærke", "sort": "-name", "page": "2"}
    found = names(sign_in(team.school).get(URL, asked))
    assert found == [f"Lærke {n:02}" for n in reversed(range(cases.PAGE_SIZE + 2))]


def test_holds_nobody_of_another_team(team, other_team, sign_in):
    assert names(sign_in(team.school).get(URL, {"format": "csv"})) == [team.youth.name]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("role", ["employer", "young", "lead", "evaluator"])
def test_is_refused_to_who_has_no_list(team, sign_in, role, kind):
    assert sign_in(getattr(team, role)).get(URL, {"format": kind}).status_code == 403
    assert not AccessEvent.objects.filter(channel="export").exists()


def test_writes_a_line_for_everybody_in_it(team, sign_in, monkeypatch):
    monkeypatch.setattr(cases, "LINES_AT_ONCE", 2)
    shown = {team.youth.pk} | {YouthFactory(partnership=team.partnership).pk for _ in range(4)}
    YouthFactory(partnership=team.partnership, name="Ikke med", code="X-1")
    client = sign_in(team.school)
    client.get(URL, {"format": "xlsx", "q": "Ung"})
    events = AccessEvent.objects.filter(channel="export")
    assert set(events.values_list("youth_id", flat=True)) == shown
    assert events.count() == len(shown)
    assert set(events.values_list("sections", "detail")) == {("identity", "youths:list")}
    client.get(URL, {"format": "csv", "q": "Ung"})
    assert events.count() == 2 * len(shown)


def test_a_name_that_looks_like_a_formula_is_none(team, sign_in):
    Youth.objects.filter(pk=team.youth.pk).update(name='=HYPERLINK("http://x.example")')
    client = sign_in(team.school)
    assert names(client.get(URL, {"format": "csv"})) == ['\'=HYPERLINK("http://x.example")']
    book = zipfile.ZipFile(BytesIO(client.get(URL, {"format": "xlsx"}).content))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    assert b"=HYPERLINK" in book.read("xl/sharedStrings.xml")


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_its_name_names_nobody_and_it_is_kept_by_no_cache(team, sign_in, kind):
    response = sign_in(team.school).get(URL, {"format": kind, "q": team.youth.name})
    assert response["Content-Disposition"] == f'attachment; filename="youths-{days(0)}.{kind}"'
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_of_too_many_rows_is_refused_in_words(team, sign_in, monkeypatch):
    YouthFactory(partnership=team.partnership)
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 1)
    response = sign_in(team.school).get(URL, {"format": "xlsx"})
    assert response.status_code == 422
    assert "too many for one file" in response.content.decode()
    assert not AccessEvent.objects.filter(channel="export").exists()


def test_is_offered_below_the_list_with_its_filters(team, sign_in):
    page = sign_in(team.school).get(URL, {"q": "Ung", "page": "1"}).content.decode()
    assert 'href="?q=Ung&amp;format=xlsx"' in page
    assert 'href="?q=Ung&amp;format=csv"' in page


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("number", [1, 3])
def test_costs_the_same_for_three_as_for_one(
    team, sign_in, django_assert_num_queries, number, kind
):
    for _ in range(number - 1):
        YouthFactory(partnership=team.partnership, phase=team.phase)
    client = sign_in(team.school)
    with django_assert_num_queries(7):
        client.get(URL, {"format": kind})
