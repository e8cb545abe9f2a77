"""A list is handed in, looked at, referred by a real worker, and what is wrong comes back."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.factories import Team, YouthFactory, days
from tests.partnerships.test_sheets import book
from youths.models import HEADINGS, Import, Referral

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


def opened(download):
    return load_workbook(BytesIO(download.path().read_bytes()))


def test_good_rows_go_in_and_bad_ones_come_back(transactional_db, signed_in, site, worker, look):
    team = Team()
    team.partnership.places = 4
    team.partnership.save()
    YouthFactory(partnership=team.partnership, name="Er Her", birth_date="2006-03-11")
    rest = ["11-03-2006", "", "", str(days(300)), "Vil gerne i gang"]
    content = book(
        [names["da"] for names in HEADINGS.values()],
        ["1", "Åse Ømand", *rest],
        ["2", "=1+1", *rest],
        ["3", "Er Her", *rest],
        ["4", "Bo Ørn", "i fjor", *rest[1:]],
        ["5", "Ida Ærø", *rest],
        ["6", "En Fjerde", *rest],
    )
    page = signed_in(team.caseworker)
    page.goto(site + reverse("youths:refer", args=[team.partnership.pk]))
    page.get_by_role("link", name="Henvis fra en liste").click()
    look(page)
    with page.expect_download() as template:
        page.get_by_role("link", name="Skabelon til Excel").click()
    headings = opened(template.value).worksheets[0]
    assert [cell.value for cell in headings[1]] == [names["da"] for names in HEADINGS.values()]

    # What is no list is said so, by the field.
    page.locator("input[type=file]").set_input_files(
        {"name": "x.xlsx", "mimeType": "text/plain", "buffer": b"Hej"}
    )
    page.get_by_role("button", name="Tjek listen").click()
    expect(page.locator("#id_file_error, .form-error-message").first).to_be_visible()
    look(page)

    page.locator("input[type=file]").set_input_files(
        {"name": "liste.xlsx", "mimeType": "text/plain", "buffer": content}
    )
    page.get_by_role("button", name="Tjek listen").click()
    page.wait_for_url("**/imports/*/")
    rows = page.locator("#import tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.nth(1)).to_contain_text("formel")
    expect(rows.nth(2)).to_contain_text("Har allerede en plads her.")
    expect(rows.nth(3)).to_contain_text("Fødselsdato: Er ikke en dato.")
    expect(rows.nth(5)).to_contain_text("Ingen plads")
    assert not Referral.objects.filter(youth__name="Åse Ømand").exists()
    look(page)

    # By keyboard; the worker does it, and the page says so by itself.
    page.get_by_role("button", name="Henvis til").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Resultatet af listen", timeout=30_000
    )
    look(page)
    names = Referral.objects.filter(status="proposed").values_list("youth__name", flat=True)
    assert sorted(names) == ["Ida Ærø", "Åse Ømand"]
    made = Import.objects.get()
    assert (made.counts()["in"], made.counts()["over"]) == (2, 1)

    with page.expect_download() as back:
        page.get_by_role("link", name="som Excel").click()
    sheet = opened(back.value).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["2", "4", "6"]
    page.get_by_role("link", name="Kun rækker med en bemærkning").click()
    expect(rows).to_have_count(4)
    look(page)
