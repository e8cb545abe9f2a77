"""Whatever is typed: a message at the field, the text kept, nothing half-saved, never an error."""

import uuid

import pytest
from django.urls import reverse

from partnerships.access import Role
from tests.factories import (
    OrganisationFactory,
    PartnershipFactory,
    UserFactory,
    YouthFactory,
    days,
    member,
)
from youths.models import AccessEvent, Consent, ConsentText, OwnWords, Placement, Referral, Youth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

EMOJI = "Vil lave mad 👩‍🍳 til 100 %"
HTML = "<script>alert(1)</script><b>fed</b>"
FORMULA = '=HYPERLINK("http://x";"y")'
LONG = "æ" * 100_000


def years(n):
    return days(-round(n * 365.25) - 1)


class TestRefer:
    GOOD = {
        "name": "Lærke Å. Ødegård",
        "birth_date": years(19),
        "stu_ends_on": days(200),
        "reason": "Vil gerne i gang",
    }

    @pytest.fixture
    def post(self, team, sign_in):
        client = sign_in(team.caseworker)
        url = reverse("youths:refer", args=[team.partnership.pk])
        return lambda **data: client.post(url, {**self.GOOD, **data})

    @pytest.mark.parametrize("text", [EMOJI, HTML, FORMULA])
    def test_any_text_is_kept_as_it_is_and_shown_escaped(self, post, team, sign_in, text):
        response = post(reason=text, name=text[:100])
        assert response.status_code == 302
        referral = Referral.objects.get(status="proposed")
        assert referral.reason == text
        page = sign_in(team.school).get(response.url).content.decode()
        assert "<script>alert" not in page
        assert "<b>fed" not in page

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"name": ""}, "This field is required."),
            ({"name": "   "}, "This field is required."),
            ({"name": "x" * 121}, "at most 120 characters"),
            ({"name": "a\x00b"}, "Null characters are not allowed."),
            ({"reason": LONG}, "at most 2000 characters"),
            ({"reason": ""}, "This field is required."),
            ({"phone": "1" * 21}, "at most 20 characters"),
            ({"birth_date": ""}, "This field is required."),
            ({"birth_date": "i går"}, "Enter a valid date."),
            ({"birth_date": "2026-02-30"}, "Enter a valid date."),
            ({"birth_date": "9999-99-99"}, "Enter a valid date."),
            ({"birth_date": years(14)}, "between 15 and 30"),
            ({"birth_date": years(31)}, "between 15 and 30"),
            ({"birth_date": "0001-01-01"}, "between 15 and 30"),
            ({"birth_date": years(19), "stu_ends_on": years(20)}, "STU cannot end before"),
        ],
    )
    def test_a_fault_is_said_at_the_field_and_the_rest_is_kept(self, post, data, message):
        response = post(**data)
        page = response.content.decode()
        assert response.status_code == 422
        assert message in page
        for name, value in self.GOOD.items():
            if name not in data:
                assert str(value) in page
        assert not Referral.objects.filter(status="proposed").exists()

    @pytest.mark.parametrize("age", [15, 30])
    def test_15_and_30_are_within(self, post, age):
        assert post(birth_date=years(age)).status_code == 302

    def test_a_text_too_long_stays_on_the_page(self, post):
        assert LONG in post(reason=LONG).content.decode()

    def test_a_full_partnership_says_so_and_keeps_the_text(self, post, team):
        team.partnership.places = 1
        team.partnership.save()
        response = post()
        assert response.status_code == 422
        assert "All 1 places are taken" in response.content.decode()
        assert "Lærke Å. Ødegård" in response.content.decode()

    def test_foreign_fields_are_not_taken_over(self, post, team, other_team):
        post(
            partnership=other_team.partnership.pk,
            account=team.school.pk,
            enrolled_on=days(0),
            code="VVR-9999",
        )
        youth = Youth.objects.get(name="Lærke Å. Ødegård")
        assert (youth.partnership, youth.account) == (team.partnership, None)
        assert (youth.enrolled_on, youth.code == "VVR-9999") == (None, False)


class TestWords:
    @pytest.fixture
    def url(self, team):
        return reverse("youths:words", args=[team.youth.pk])

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"kind": "words", "text": ""}, "This field is required."),
            ({"kind": "words", "text": LONG}, "at most 600 characters"),
            ({"kind": "words", "text": "\x00"}, "Null characters are not allowed."),
            ({"kind": "secret", "text": "x"}, "secret is not one of the available choices"),
        ],
    )
    def test_a_fault_is_said_at_the_field(self, team, sign_in, url, data, message):
        response = sign_in(team.young).post(url, data)
        assert response.status_code == 422
        assert message in response.content.decode()
        assert not OwnWords.objects.exists()

    def test_a_second_click_saves_once(self, team, sign_in, url):
        client = sign_in(team.young)
        for _ in range(2):
            assert client.post(url, {"kind": "words", "text": EMOJI}).status_code == 302
        assert OwnWords.objects.get().how == "wrote"

    def test_what_the_school_takes_down_is_marked_so(self, team, sign_in, url):
        sign_in(team.school).post(url, {"kind": "direction", "text": HTML})
        said = OwnWords.objects.get()
        assert (said.how, said.taken_down_by) == ("said", team.school)
        assert "<b>fed" not in sign_in(team.caseworker).get(url).content.decode()


class TestSharing:
    @pytest.fixture
    def url(self, team):
        return reverse("youths:sharing", args=[team.youth.pk])

    def test_yes_no_and_twice_each(self, team, sign_in, url):
        client = sign_in(team.young)
        text = ConsentText.objects.in_use().pk
        for answer, standing in (("yes", 1), ("yes", 1), ("no", 0), ("no", 0)):
            data = {"section": "health", "answer": answer, "text": text}
            response = client.post(url, data)
            assert response.status_code == 302
            if response.url.endswith(
                "/withdraw/"
            ):  # a yes is taken back after a look at what stops
                assert client.post(response.url).status_code == 302
            assert Consent.objects.in_force().count() == standing

    @pytest.mark.parametrize("section", ["", "competences", "nonsense", "\x00"])
    def test_only_a_section_that_needs_a_yes(self, team, sign_in, url, section):
        response = sign_in(team.young).post(url, {"section": section, "answer": "yes"})
        assert response.status_code == 404
        assert not Consent.objects.exists()

    def test_nobody_else_says_yes(self, team, sign_in, url):
        for person in (team.school, team.caseworker):
            data = {"section": "health", "answer": "yes"}
            assert sign_in(person).post(url, data).status_code == 403
        assert not Consent.objects.exists()


class TestPlacement:
    @pytest.fixture
    def good(self, team):
        return {
            "employer": OrganisationFactory(employer=True).pk,
            "kind": "practice",
            "starts_on": days(5),
            "ends_on": days(50),
            "weekly_hours": "12.5",
            "tasks": "Rydde op",
            "contact": team.caseworker.pk,
        }

    @pytest.fixture
    def post(self, team, sign_in, good):
        client = sign_in(team.caseworker)
        url = reverse("youths:add_placement", args=[team.youth.pk])
        return lambda **data: client.post(url, {**good, **data})

    def test_is_saved_once_however_often_it_is_sent(self, post):
        before = Placement.objects.count()
        for _ in range(2):
            assert post().status_code == 302
        assert Placement.objects.count() == before + 1

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"starts_on": days(50), "ends_on": days(5)}, "The last day is before the first."),
            ({"weekly_hours": "0"}, "greater than or equal to 1"),
            ({"weekly_hours": "38"}, "less than or equal to 37"),
            ({"weekly_hours": "1e400"}, "no more than 4 digits"),
            ({"weekly_hours": "mange"}, "Enter a number."),
            ({"kind": "slavery"}, "is not one of the available choices"),
            ({"tasks": LONG}, "at most 2000 characters"),
            ({"tasks": "  "}, "This field is required."),
            ({"employer": "x"}, "is not a valid UUID"),
            ({"employer": str(uuid.UUID(int=1))}, "is not one of the available choices"),
            ({"contact": str(uuid.UUID(int=1))}, "is not one of the available choices"),
        ],
    )
    def test_a_fault_is_said_and_nothing_is_saved(self, post, data, message):
        before = Placement.objects.count()
        response = post(**data)
        assert response.status_code == 422
        assert message in response.content.decode()
        assert "Rydde op" in response.content.decode() or "tasks" in data
        assert Placement.objects.count() == before

    def test_only_a_company_and_only_a_contact_of_the_team(self, post, team, other_team):
        for data in (
            {"employer": team.partnership.school_id},
            {"contact": other_team.caseworker.pk},
            {"contact": UserFactory().pk},
        ):
            assert post(**data).status_code == 422


class TestList:
    @pytest.fixture
    def get(self, team, sign_in):
        client = sign_in(team.caseworker)
        return lambda query: client.get(f"{reverse('youths:list')}?{query}")

    @pytest.mark.parametrize(
        "query",
        [
            "page=abc", "page=999", "page=-1", "page=0", "per_page=0", "per_page=-5", "sort=evil",
            "sort=-", "sort=account__password", "phase=x", "phase=999999", "state=x", "q=%00",
            "q=" + "x" * 5000, "q=%25_%27;drop", "partnership=x", f"partnership={uuid.UUID(int=1)}",
        ],
    )  # fmt: skip
    def test_a_strange_address_is_a_page_all_the_same(self, get, query):
        assert get(query).status_code == 200

    def test_danish_letters_sort_last_and_are_found(self, team, get):
        names = ["Zenia", "Ærø Holm", "Ørsted", "Åse", "Lærke", "Aage", "Anna"]
        for name in names:
            YouthFactory(partnership=team.partnership, name=name)
        page = get("").content.decode()
        order = sorted(names, key=lambda name: page.index(f">{name}<"))
        assert order[:5] == ["Anna", "Lærke", "Zenia", "Ærø Holm", "Ørsted"]
        assert set(order[5:]) == {"Aage", "Åse"}
        found = get("q=ær").content.decode()
        assert "Ærø Holm" in found
        assert "Lærke" in found
        assert "Zenia" not in found

    def test_hits_of_a_search_are_in_the_read_log(self, team, get):
        get(f"q={team.youth.code}")
        event = AccessEvent.objects.get()
        assert (event.youth_id, event.channel) == (team.youth.pk, "search")

    def test_somebody_in_two_teams_filters_by_team_but_never_by_a_foreign_one(
        self, team, other_team, sign_in
    ):
        second = PartnershipFactory(
            signed=True, programme=team.programme, school=team.partnership.school
        )
        person = member(team.partnership, Role.SCHOOL)
        person.memberships.create(
            role=Role.SCHOOL, partnership=second, organisation=second.school, starts_on=days(-1)
        )
        theirs = YouthFactory(partnership=second)
        client = sign_in(person)
        page = client.get(f"{reverse('youths:list')}?partnership={second.pk}").content.decode()
        assert theirs.name in page
        assert f">{team.youth.name}<" not in page
        foreign = client.get(f"{reverse('youths:list')}?partnership={other_team.partnership.pk}")
        assert f">{other_team.youth.name}<" not in foreign.content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_the_same_for_three_as_for_one(self, team, get, django_assert_num_queries, rows):
        for _ in range(rows - 1):
            YouthFactory(partnership=team.partnership, phase=team.phase)
        with django_assert_num_queries(11):
            get("")
