"""The leader adds a municipality that said yes, by keyboard, and the criterion moves."""

import pytest
from django.urls import reverse

from evaluation.models import Criterion
from tests.factories import OrganisationFactory, Team, days

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


@pytest.fixture
def team(transactional_db):
    team = Team()
    Criterion.objects.create(
        programme=team.programme, counts="said_yes", name="Fire siger ja", target=4
    )
    OrganisationFactory(kind="municipality", name="Silkeborg Kommune", municipality_code="9740")
    return team


def test_a_municipality_says_yes(team, site, signed_in, look):
    page = signed_in(team.lead)
    page.goto(site + reverse("evaluation:dashboard", args=[team.programme.pk]))
    page.locator("#criteria .vv-criteria a").focus()
    look(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/registers/said_yes/")
    look(page)
    page.locator("#id_title").fill("Vil begynde til sommer")
    page.locator("#id_municipalities").select_option(label="Silkeborg Kommune")
    page.locator("#id_happened_on").fill(str(days(-2)))
    page.locator("main form button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("rowheader", name="Vil begynde til sommer").wait_for()
    look(page)
    page.goto(site + reverse("evaluation:criteria", args=[team.programme.pk]))
    assert "1 af 4" in page.locator("#criteria").inner_text()
