"""The page and the document that say who sees what are the tables themselves."""

from pathlib import Path

import pytest
from django.urls import reverse

from partnerships.access import (
    CONDITIONS,
    GRANTS,
    NARROWABLE,
    NEEDS_CONSENT,
    OWN_GRANTS,
    PLACEMENT_GRANTS,
    Condition,
    Role,
    Section,
    codenames_on,
)
from partnerships.access.policy import sections, viewers
from partnerships.management.commands.access_table import markdown
from partnerships.models import Narrowing, User

ROOT = Path(__file__).resolve().parents[2]


def test_the_document_is_made_from_the_tables():
    assert (ROOT / "docs/access.md").read_text() == markdown(), (
        "manage.py access_table > docs/access.md"
    )


def test_every_section_and_viewer_has_a_cell(english):
    rows = sections()
    assert len(rows) == len(Section)
    assert all(len(row.cells) == len(viewers()) for row in rows)


def test_conditions_are_named_only_where_something_is_granted():
    tables = {**GRANTS, **OWN_GRANTS, **PLACEMENT_GRANTS}
    for viewer, section in CONDITIONS:
        assert section in tables[viewer], (viewer, section)


def test_health_alone_needs_consent():
    assert NEEDS_CONSENT == (Section.HEALTH,)
    assert Condition.DISCLOSED not in CONDITIONS[Role.SCHOOL, Section.HEALTH]


@pytest.mark.django_db
def test_a_young_person_and_a_company_read_the_policy_too(team, sign_in):
    for person in (team.young, team.employer, team.lead):
        assert sign_in(person).get(reverse("partnerships:policy")).status_code == 200


@pytest.mark.django_db
class TestNarrowing:
    def narrow(self, team, section="health", role="caseworker"):
        return Narrowing.objects.create(
            partnership=team.partnership, role=role, section=section, reason="Aftalt 1. maj"
        )

    def held(self, user, team):
        return codenames_on(User.objects.get(pk=user.pk), team.partnership.pk)

    def test_takes_the_section_from_that_party_of_that_partnership(self, team, other_team):
        before = self.held(team.school, team), self.held(other_team.caseworker, other_team)
        self.narrow(team)
        gone = {"view_health", "answer_health"}
        assert not gone & self.held(team.caseworker, team)
        assert (
            self.held(team.school, team),
            self.held(other_team.caseworker, other_team),
        ) == before

    def test_taken_out_again_leaves_what_the_table_says(self, team):
        before = self.held(team.caseworker, team)
        self.narrow(team).delete()
        assert self.held(team.caseworker, team) == before

    def test_never_widens(self, team):
        everything = self.held(team.caseworker, team), self.held(team.school, team)
        for section in NARROWABLE:
            for role in ("school", "caseworker"):
                self.narrow(team, section, role)
        assert self.held(team.caseworker, team) < everything[0]
        assert self.held(team.school, team) < everything[1]

    def test_is_written_on_the_partnerships_page(self, team, sign_in):
        self.narrow(team)
        page = sign_in(team.caseworker).get(reverse("partnership", args=[team.partnership.pk]))
        assert "Aftalt 1. maj" in page.text

    @pytest.mark.parametrize("section", NARROWABLE)
    def test_pages_stand_without_the_section(self, team, sign_in, section):
        self.narrow(team, section)
        self.narrow(team, section, "school")
        for person in (team.caseworker, team.school):
            for page in ("case", "handover:received", "youths:words", "youths:sharing"):
                url = reverse(page, args=[team.youth.pk])
                assert sign_in(person).get(url).status_code == 200, (page, section)
