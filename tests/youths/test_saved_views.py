"""The list of young people: found by company, by what has come to a halt, and kept as a view."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from partnerships.access import Role
from partnerships.models import Narrowing
from tests.factories import (
    OrganisationFactory,
    PlacementFactory,
    YouthFactory,
    days,
    member,
)
from youths.models import SavedView

pytestmark = pytest.mark.django_db

LIST, VIEWS = reverse("youths:list"), reverse("youths:saved_views")


def names(response) -> list[str]:
    return [row.record.name for row in response.context["table"].rows]


@pytest.fixture
def placed(team):
    youth = YouthFactory(partnership=team.partnership, name="Placeret Ung")
    cafe = OrganisationFactory(employer=True, name="Café Månen")
    PlacementFactory(youth=youth, employer=cafe, starts_on=days(-200), ends_on=days(-100))
    return youth


def test_one_box_finds_names_codes_and_companies(team, other_team, placed, sign_in):
    cafe = placed.placements.get().employer
    PlacementFactory(youth=other_team.youth, employer=cafe)
    client = sign_in(team.caseworker)

    for asked in ("Placeret", placed.code.lower(), "månen"):
        assert names(client.get(LIST, {"q": asked})) == [placed.name]


def test_a_company_is_not_found_by_whom_the_agreement_keeps_from_the_course(team, placed, sign_in):
    Narrowing.objects.create(partnership=team.partnership, role=Role.CASEWORKER, section="course")
    assert names(sign_in(team.caseworker).get(LIST, {"q": "månen"})) == []
    assert names(sign_in(team.school).get(LIST, {"q": "månen"})) == [placed.name]


def test_what_has_come_to_a_halt_is_listed_with_why(team, other_team, sign_in, english):
    for one in (team, other_team):
        one.youth.stu_ends_on = timezone.localdate() + timedelta(days=30)
        one.youth.save()
    YouthFactory(partnership=team.partnership)
    client = sign_in(team.school)

    assert "halt" not in client.get(LIST).context["table"].columns.names()
    for asked in ("any", "unsent"):
        page = client.get(LIST, {"halt": asked})
        assert names(page) == [team.youth.name]
        assert "STU ends within three months, and no handover is sent" in page.text
    assert names(client.get(LIST, {"halt": "returned"})) == []
    assert client.get(LIST, {"halt": "nonsense"}).status_code == 200
    file = client.get(LIST, {"halt": "any", "format": "csv"}).content.decode("utf-8-sig")
    assert "no handover is sent" in file


def test_a_view_is_saved_opened_replaced_and_removed(team, placed, sign_in):
    client = sign_in(team.school)
    shown = client.get(LIST, {"q": "Placeret", "sort": "-name", "page": "1", "x": "1"})
    form = client.get(f"{VIEWS}?{shown.context['save']}").context["form"]
    query = form["query"].value()

    assert client.post(VIEWS, {"name": "Mine", "query": query})["Location"] == LIST
    view = SavedView.objects.get()
    assert view.query == urlencode({"q": "Placeret", "sort": "-name"})
    page = client.get(LIST)
    assert f'?{view.query.replace("&", "&amp;")}">Mine</a>' in page.text
    assert names(client.get(f"{LIST}?{view.query}")) == [placed.name]

    client.post(VIEWS, {"name": "mine", "query": "state=left"})
    assert SavedView.objects.get().query == "state=left"
    client.post(VIEWS, {"act": "remove", "view": str(view.pk)})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "query"),
    [("", "q=x"), ("x" * 61, "q=x"), ("Mine", ""), ("Mine", "y=1&page=2"), ("Mine", "q=")],
)
def test_what_is_no_view_is_not_saved_and_stays_written(team, sign_in, name, query):
    response = sign_in(team.school).post(VIEWS, {"name": name, "query": query})

    assert response.status_code == 422
    assert name in response.text
    assert not SavedView.objects.exists()


def test_a_view_is_ones_own(team, sign_in):
    view = SavedView.keep(by=team.school, name="Hemmelig", query="q=Ung")
    colleague = member(team.partnership, Role.SCHOOL)
    client = sign_in(colleague)

    assert "Hemmelig" not in client.get(LIST).text + client.get(VIEWS).text
    assert client.post(VIEWS, {"act": "remove", "view": str(view.pk)}).status_code == 404
    assert client.post(VIEWS, {"act": "remove", "view": "x"}).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_there_are_twenty_at_most(team, sign_in):
    client = sign_in(team.school)
    for n in range(20):
        client.post(VIEWS, {"name": f"Nr. {n}", "query": "q=x"})

    response = client.post(VIEWS, {"name": "En mere", "query": "q=x"})

    assert response.status_code == 422
    assert "En mere" in response.text
    assert client.post(VIEWS, {"name": "Nr. 3", "query": "q=y"}).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_one_and_with_three(
    team, sign_in, django_assert_num_queries, count
):
    for n in range(count):
        YouthFactory(partnership=team.partnership, stu_ends_on=days(20))
        SavedView.keep(by=team.school, name=str(n), query="q=x")
    client = sign_in(team.school)
    with django_assert_num_queries(20):
        client.get(LIST, {"halt": "any"})
