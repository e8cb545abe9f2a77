"""What a programme promised, and the registers that count it."""

import csv
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from evaluation.models import Criterion, Entry, RegisterRefused
from evaluation.tasks import sweep
from tests.factories import OrganisationFactory, days, entry_of

pytestmark = pytest.mark.django_db


def municipality(n):
    return OrganisationFactory(
        kind="municipality", name=f"Kommune {n}", municipality_code=f"99{n:02}"
    )


@pytest.fixture
def municipalities():
    return [municipality(n) for n in range(3)]


@pytest.fixture
def promised(team):
    for position, (counts, target) in enumerate(
        [("referred", None), ("closer", None), ("model_parts", 5), ("practice_days", 12),
         ("said_yes", 4)]
    ):  # fmt: skip
        Criterion.objects.create(
            programme=team.programme, counts=counts, name=counts, target=target, position=position
        )


def url(name, programme, *args):
    return reverse(f"evaluation:{name}", args=[programme.pk, *args])


def picture() -> bytes:
    Image.new("RGB", (4, 4)).save(made := BytesIO(), "PNG")
    return made.getvalue()


# -- Counting ----------------------------------------------------------------------------------


def test_a_municipality_counts_once_however_often_it_came(team, municipalities):
    one, two, three = municipalities
    for came in ([one, two], [two, three]):
        entry_of(team.programme, register="practice_days", municipalities=came, file=None)
    for said in (one, one):
        entry_of(team.programme, register="said_yes", municipalities=[said], file=None)
    entry_of(team.programme)
    removed = entry_of(team.programme)
    removed.remove(by=team.lead)
    removed.remove(by=team.lead)

    assert Entry.objects.filter(programme=team.programme).counted() == {
        "model_parts": 1,
        "practice_days": 3,
        "said_yes": 1,
    }
    assert removed.__class__.objects.filter(pk=removed.pk).exists()


@pytest.mark.parametrize(
    "given",
    [{"happened_on": days(1)}, {"register": "practice_days"}, {"register": "said_yes"}],
    ids=str,
)
def test_what_cannot_be_is_refused(team, given):
    with pytest.raises(RegisterRefused):
        entry_of(team.programme, **given)


def test_one_municipality_says_yes_in_a_line(team, municipalities):
    with pytest.raises(RegisterRefused):
        entry_of(team.programme, register="said_yes", municipalities=municipalities[:2])


@pytest.mark.parametrize(
    "given",
    [{"counts": "closer", "target": 3}, {"counts": "model_parts", "target": None}],
    ids=str,
)
def test_the_database_knows_whose_target_it_is(team, given):
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.create(programme=team.programme, name="x", **given)


# -- Pages -------------------------------------------------------------------------------------


def test_each_criterion_leads_to_exactly_its_rows(team, promised, municipalities, sign_in):
    entry_of(team.programme)
    entry_of(team.programme, register="practice_days", municipalities=municipalities[:2])
    entry_of(team.programme, register="said_yes", municipalities=municipalities[:1])
    sweep()
    client = sign_in(team.lead)
    rows = client.get(url("criteria", team.programme)).context["rows"]

    assert [row["count"] for row in rows] == [1, 0, 1, 2, 1]
    assert [row["criterion"].wanted for row in rows] == [
        team.programme.referred_target, team.programme.closer_target, 5, 12, 4,
    ]  # fmt: skip
    for row in rows:
        assert client.get(row["url"]).context["count"] == row["count"]


@pytest.mark.parametrize(
    ("role", "sees", "writes"),
    [("lead", 200, 302), ("evaluator", 200, 403), ("school", 404, 404), ("caseworker", 404, 404),
     ("employer", 404, 404), ("young", 404, 404)],
)  # fmt: skip
def test_the_leadership_keeps_them_and_the_evaluator_reads(
    team, promised, sign_in, role, sees, writes
):
    client = sign_in(getattr(team, role))
    page = url("register", team.programme, "model_parts")
    assert client.get(url("criteria", team.programme)).status_code == sees
    assert client.get(page).status_code == sees
    data = {"title": "Manual", "happened_on": days(-1)}
    assert client.post(page, data).status_code == writes
    entry = entry_of(team.programme)
    assert client.get(reverse("evaluation:entry_document", args=[entry.pk])).status_code == sees
    gone = client.post(reverse("evaluation:remove_entry", args=[entry.pk]))
    assert gone.status_code == writes


def test_another_programme_is_not_found(team, other_team, sign_in):
    entry = entry_of(team.programme)
    client = sign_in(other_team.lead)
    assert client.get(url("criteria", team.programme)).status_code == 404
    for name in ("entry_document", "remove_entry"):
        assert client.get(reverse(f"evaluation:{name}", args=[entry.pk])).status_code == 404


def test_a_document_is_what_its_content_says_and_is_handed_out_safely(team, sign_in):
    client, page = sign_in(team.lead), url("register", team.programme, "model_parts")
    data = {"title": "Manual", "happened_on": days(-1)}
    false = SimpleUploadedFile("manual.pdf", b"<html><script>")
    assert client.post(page, data | {"file": false}).status_code == 422
    empty = SimpleUploadedFile("manual.pdf", b"")
    assert client.post(page, data | {"file": empty}).status_code == 422
    assert not Entry.objects.exists()

    real = SimpleUploadedFile("../../manual.exe", picture())
    assert client.post(page, data | {"file": real}).status_code == 302

    entry = Entry.objects.get()
    assert entry.document_kind == "png"
    assert "/" not in entry.document_name
    response = client.get(reverse("evaluation:entry_document", args=[entry.pk]))
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    entry.remove(by=team.lead)
    gone = client.get(reverse("evaluation:entry_document", args=[entry.pk]))
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("register", "data", "status"),
    [
        ("model_parts", {"title": "", "happened_on": days(-1)}, 422),
        ("model_parts", {"title": "Del", "happened_on": days(3)}, 409),
        ("practice_days", {"title": "Dag", "happened_on": days(-1)}, 422),
        ("said_yes", {"title": "Ja", "happened_on": days(-1), "municipalities": "x"}, 422),
    ],
)
def test_bad_input_is_told_and_stays(team, sign_in, register, data, status):
    response = sign_in(team.lead).post(url("register", team.programme, register), data)
    assert response.status_code == status
    assert data["title"] in response.text
    assert not Entry.objects.exists()


def test_a_register_that_is_not_there_is_not_found(team, sign_in):
    page = url("register", team.programme, "nothing")
    assert sign_in(team.lead).get(page).status_code == 404


def test_a_register_is_saved_as_a_file(team, municipalities, sign_in, english):
    entry_of(team.programme, register="said_yes", municipalities=municipalities[:1], title="=1+1")
    response = sign_in(team.lead).get(
        url("register", team.programme, "said_yes"), {"format": "csv"}
    )
    text = response.content.decode("utf-8-sig")
    head, line = csv.reader(StringIO(text, newline=""), delimiter=";")
    assert head[:3] == ["What", "Day", "Municipalities"]
    assert line[0] == "'=1+1"
    assert line[2] == "Kommune 0"


@pytest.mark.parametrize("count", [1, 3])
def test_they_cost_the_same_with_one_and_with_three(
    team, promised, municipalities, sign_in, django_assert_num_queries, count
):
    for n in range(count):
        entry_of(team.programme, register="practice_days", municipalities=municipalities[: n + 1])
    client = sign_in(team.lead)
    with django_assert_num_queries(11):
        client.get(url("criteria", team.programme))
    with django_assert_num_queries(11):
        client.get(url("register", team.programme, "practice_days"))
