"""The CPR number: masked, shown on request and noted, found by those who keep it, nowhere else."""

import logging
from datetime import date

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from partnerships.access import Role
from tests.factories import YouthFactory, member
from youths.models import AccessEvent, CprNumber, CprRefused, cpr_digits
from youths.models.cpr import born_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

BORN = timezone.localdate().replace(year=timezone.localdate().year - 20, day=5)
DIGITS = f"{BORN:%d%m%y}4321"
HYPHENED = f"{DIGITS[:6]}-4321"
FIND = reverse("youths:find")


def page(response) -> str:
    return response.content.decode()


@pytest.fixture
def youth(team):
    team.youth.birth_date = BORN
    team.youth.save()
    return team.youth


@pytest.fixture
def saved(team, youth):
    return CprNumber.note(by=team.caseworker, youth=youth, digits=DIGITS)


@pytest.fixture
def url(youth):
    return reverse("youths:cpr", args=[youth.pk])


@pytest.fixture
def post(team, url, sign_in):
    client = sign_in(team.caseworker)
    return lambda **data: client.post(url, data)


def sections_noted(youth) -> list:
    return list(
        AccessEvent.objects.filter(youth_id=youth.pk)
        .order_by("pk")
        .values_list("sections", "channel")
    )


class TestDigits:
    @pytest.mark.parametrize("text", ["0102034567", "010203-4567", " 010203 4567 "])
    def test_may_be_written_with_or_without_a_hyphen(self, text):
        assert cpr_digits(text) == "0102034567"

    @pytest.mark.parametrize("text", ["", "010203", "010203-456", "0102034567 8", "٠١٠٢٠٣٤٥٦٧"])
    def test_are_ten(self, text):
        with pytest.raises(ValidationError, match="ten digits"):
            cpr_digits(text)

    @pytest.mark.parametrize("text", ["3102034567", "0013034567", "2902034567", "0000000000"])
    def test_begin_with_a_date(self, text):
        with pytest.raises(ValidationError, match="no date"):
            cpr_digits(text)

    @pytest.mark.parametrize(
        ("digits", "born"),
        [
            ("0102030000", date(1903, 2, 1)),
            ("0102993999", date(1999, 2, 1)),
            ("0102364000", date(2036, 2, 1)),
            ("0102374000", date(1937, 2, 1)),
            ("0102055000", date(2005, 2, 1)),
            ("0102578999", date(2057, 2, 1)),
            ("0102585000", date(1858, 2, 1)),
            ("0102099000", date(2009, 2, 1)),
            ("0102999000", date(1999, 2, 1)),
        ],
    )
    def test_say_the_century(self, digits, born):
        assert born_by(digits) == born


class TestPage:
    def test_shows_that_a_number_is_there_and_not_which(self, team, youth, url, saved, sign_in):
        with connection.execute_wrapper(self.no_number):
            shown = page(sign_in(team.caseworker).get(url))
        assert "Not shown" in shown
        assert DIGITS[6:] not in shown
        assert sections_noted(youth) == [("identity", "page")]

    @staticmethod
    def no_number(execute, sql, params, many, context):
        assert '"youths_cprnumber"."number"' not in sql
        return execute(sql, params, many, context)

    @pytest.mark.parametrize("who", ["caseworker", "young"])
    def test_shows_it_to_who_asks_in_that_answer_only(self, team, url, saved, sign_in, who):
        client = sign_in(getattr(team, who))
        answer = client.post(url, {"act": "show"})
        assert answer.status_code == 200
        assert HYPHENED in page(answer)
        assert answer["Cache-Control"] == "no-store"
        assert DIGITS[6:] not in page(client.get(url))

    def test_notes_who_has_seen_it(self, team, youth, saved, post):
        post(act="show")
        assert sections_noted(youth) == [("cpr", "page")]
        assert AccessEvent.objects.get().user_id == team.caseworker.pk

    @pytest.mark.django_db(transaction=True)
    def test_is_not_sent_where_the_reading_cannot_be_noted(self, saved, post):
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE youths_accessevent ADD CONSTRAINT full_up CHECK (false) NOT VALID"
            )
        try:
            with pytest.raises(IntegrityError, match="full_up"):
                post(act="show")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE youths_accessevent DROP CONSTRAINT full_up")

    @pytest.mark.parametrize("act", [None, "show", "save", "remove", "forget"])
    def test_is_for_the_caseworker_and_read_by_the_youth(
        self, team, other_team, url, saved, sign_in, act
    ):
        def status(user):
            client = sign_in(user)
            return (client.post(url, {"act": act}) if act else client.get(url)).status_code

        assert status(team.school) == 403
        assert status(team.young) == (200 if act in (None, "show") else 403)
        for outsider in (
            *(team.employer, team.lead, team.evaluator, member(team.partnership, Role.ADMIN)),
            *(other_team.caseworker, other_team.young),
        ):
            assert status(outsider) == 404
        assert CprNumber.objects.get() == saved

    def test_is_linked_from_the_case_for_those_who_may(self, team, youth, url, sign_in):
        case = reverse("case", args=[youth.pk])
        linked = {
            who: url in page(sign_in(getattr(team, who)).get(case))
            for who in ("caseworker", "young", "school")
        }
        assert linked == {"caseworker": True, "young": True, "school": False}

    def test_asks_the_database_equally_often_with_and_without(
        self, team, youth, url, sign_in, django_assert_num_queries
    ):
        client = sign_in(team.caseworker)
        client.get(url)
        with django_assert_num_queries(QUERIES):
            client.get(url)
        CprNumber.note(by=team.caseworker, youth=youth, digits=DIGITS)
        with django_assert_num_queries(QUERIES):
            client.get(url)


QUERIES = 8


class TestWriting:
    @pytest.mark.parametrize("text", [DIGITS, HYPHENED])
    def test_adds_it_and_replaces_it(self, team, youth, url, post, text):
        assert post(act="save", number=f"{BORN:%d%m%y}4999").url == url
        assert post(act="save", number=text).url == url
        kept = CprNumber.objects.get()
        assert (kept.number, kept.added_by) == (DIGITS, team.caseworker)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "This field is required."),
            ("010203", "A CPR number is ten digits"),
            ("3102034567", "The first six digits are no date"),
            ("0102034567", "does not begin with the birth date"),
            (f"{BORN:%d%m%y}1321", "does not begin with the birth date"),  # another century
            ("a\x00b", "Null characters are not allowed."),
            ("<b>fed</b>", "A CPR number is ten digits"),
        ],
    )
    def test_says_a_fault_at_the_field_and_keeps_what_was_typed(self, post, text, said):
        response = post(act="save", number=text)
        assert response.status_code == 422
        assert said in page(response)
        assert response.context["form"]["number"].value() == text
        assert "<b>fed" not in page(response)
        assert not CprNumber.objects.exists()

    def test_removes_it_after_asking(self, saved, url, post):
        asked = post(act="remove")
        assert asked.status_code == 200
        assert "is no longer found by it" in page(asked)
        assert DIGITS[6:] not in page(asked)
        assert CprNumber.objects.exists()
        for _ in range(2):
            assert post(act="forget").url == url
        assert not CprNumber.objects.exists()

    def test_of_another_birth_date_is_refused_by_the_verb(self, team, youth):
        with pytest.raises(CprRefused):
            CprNumber.note(by=team.caseworker, youth=youth, digits="0102034567")

    def test_of_nothing_is_refused_by_the_database(self, saved):
        saved.number = ""
        with pytest.raises(IntegrityError, match="a_cpr_number_is_not_empty"), transaction.atomic():
            saved.save()

    @pytest.mark.django_db(transaction=True)
    def test_of_two_at_once_leaves_one(self, team, youth, at_once):
        def note():
            CprNumber.note(by=team.caseworker, youth=youth, digits=DIGITS)

        assert at_once(note, note) == [None, None]
        assert CprNumber.objects.get().number == DIGITS


class TestFind:
    @pytest.fixture
    def find(self, team, sign_in):
        client = sign_in(team.caseworker)
        return lambda text: client.post(FIND, {"number": text})

    @pytest.mark.parametrize("text", [DIGITS, HYPHENED])
    def test_leads_to_the_case_and_is_noted(self, youth, saved, find, text):
        response = find(text)
        assert response.url == reverse("case", args=[youth.pk])
        assert sections_noted(youth) == [("identity,cpr", "search")]

    def test_looks_only_among_those_whom_the_person_sees(self, saved, other_team, sign_in):
        response = sign_in(other_team.caseworker).post(FIND, {"number": DIGITS})
        assert response.status_code == 422
        assert "has this number here" in page(response)
        assert response.context["form"]["number"].value() == DIGITS
        assert not AccessEvent.objects.exists()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "This field is required."),
            (DIGITS[:6], "A CPR number is ten digits"),
            (f"{BORN:%d%m%y}4322", "has this number here"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, saved, find, text, said):
        response = find(text)
        assert response.status_code == 422
        assert said in page(response)
        assert response.context["form"]["number"].value() == text

    def test_is_offered_to_caseworkers_alone(self, team, sign_in):
        offered = {
            who: FIND in page(sign_in(getattr(team, who)).get(reverse("youths:list")))
            for who in ("caseworker", "school")
        }
        assert offered == {"caseworker": True, "school": False}
        for who in ("school", "young", "lead", "evaluator", "employer"):
            assert sign_in(getattr(team, who)).post(FIND, {"number": DIGITS}).status_code == 403

    def test_of_two_takes_whom_was_referred_last(self, team, youth, saved, find):
        again = YouthFactory(
            partnership=team.partnership, birth_date=BORN, enrolled_on=timezone.localdate()
        )
        CprNumber.note(by=team.caseworker, youth=again, digits=DIGITS)
        assert find(DIGITS).url == reverse("case", args=[again.pk])

    def test_of_whose_referral_was_withdrawn_finds_nobody(self, youth, saved, find):
        type(youth).objects.filter(pk=youth.pk).update(enrolled_on=None, partnership=None)
        assert find(DIGITS).status_code == 422


def test_is_nowhere_else(team, youth, saved, sign_in, caplog, post, url):
    """Not on another page, in the log, in a mail, in an address, in the database as it lies."""
    caplog.set_level(logging.DEBUG)
    assert post(act="save", number=HYPHENED).url == url
    assert post(act="save", number=f"{BORN:%d%m%y}43").status_code == 422
    client = sign_in(team.caseworker)
    found = client.post(FIND, {"number": HYPHENED}, follow=True)
    pages = [found, client.get(reverse("youths:list")), client.get(url), client.get("/")]
    for who in ("school", "young"):
        pages.append(sign_in(getattr(team, who)).get(reverse("case", args=[youth.pk])))
    with connection.cursor() as cursor:
        cursor.execute("SELECT youths_cprnumber::text FROM youths_cprnumber")
        stored = cursor.fetchone()[0]
    texts = [page(answer) for answer in pages] + [address for address, _ in found.redirect_chain]
    texts += [stored, str(saved), repr(saved), (mail.outbox and mail.outbox[0].body) or ""]
    texts += [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]
    for number in (DIGITS, HYPHENED, DIGITS.encode().hex()):
        assert not [text for text in texts if number in text]
