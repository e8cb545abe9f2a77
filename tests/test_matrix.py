"""Every route x every role x own, another partnership's, nobody's. A new route needs a row here.

A row is seven statuses: school, caseworker, employer, young person, lead, evaluator and the
programme's administrator, each in the team of the thing that the route names. From another
partnership everybody gets 404, unless the row says otherwise; without signing in, the sign-in.
"""

from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from handover.models import PartAnswer
from partnerships.access import Role
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    PartFactory,
    RatingRoundFactory,
    Team,
    YouthFactory,
    member,
)
from youths.models import Referral

ROLES = ("school", "caseworker", "employer", "young", "lead", "evaluator", "admin")

# Route: what each role gets by GET and by POST. "home" leads some on to their own first page.
MATRIX = {
    #                          GET                            POST
    "home": ("200 200 302 200 302 302 302", "405 405 405 405 405 405 405"),
    "accessibility": ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "privacy": ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "partnerships": ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "partnership": ("200 200 404 404 200 200 200", "405 405 405 405 405 405 405"),
    "partnerships:sign": ("200 200 404 404 403 403 403", "302 302 404 404 403 403 403"),
    "case": ("200 200 404 200 404 404 404", "405 405 405 405 405 405 405"),
    "youths:list": ("200 200 403 403 403 403 403", "405 405 405 405 405 405 405"),
    "youths:refer": ("403 200 404 404 403 403 403", "403 422 404 404 403 403 403"),
    "youths:referral": ("200 200 404 404 404 404 404", "403 403 404 404 404 404 404"),
    "youths:words": ("200 200 404 200 404 404 404", "422 403 404 422 404 404 404"),
    "youths:sharing": ("200 200 404 200 404 404 404", "403 403 404 404 404 404 404"),
    "youths:account": ("403 200 404 403 404 404 404", "403 422 404 403 404 404 404"),
    "youths:placements": ("403 403 200 403 403 403 403", "405 405 405 405 405 405 405"),
    "youths:placement": ("200 200 200 200 404 404 404", "405 405 405 405 405 405 405"),
    "youths:add_placement": ("403 200 404 403 404 404 404", "403 422 404 403 404 404 404"),
    "handover:write": ("200 403 404 403 404 404 404", "405 405 405 405 405 405 405"),
    "handover:add": ("405 405 405 405 405 405 405", "404 403 404 403 404 404 404"),
    "handover:part": ("200 403 404 403 404 404 404", "422 403 404 403 404 404 404"),
    "handover:remove": ("200 403 404 403 404 404 404", "409 403 404 403 404 404 404"),
    "handover:send": ("200 403 404 403 404 404 404", "422 403 404 403 404 404 404"),
    "handover:received": ("200 200 404 200 404 404 404", "405 405 405 405 405 405 405"),
    "handover:answer": ("302 302 404 302 404 404 404", "403 422 404 403 404 404 404"),
    "handover:reply": ("405 405 405 405 405 405 405", "422 403 404 403 404 404 404"),
    "evaluation:ratings": ("200 200 404 200 404 404 404", "405 405 405 405 405 405 405"),
    "evaluation:rate": ("200 200 404 403 404 404 404", "422 422 404 403 404 404 404"),
    "evaluation:own": ("403 403 404 200 404 404 404", "403 403 404 422 404 404 404"),
    "evaluation:dashboard": ("404 404 404 404 200 200 404", "405 405 405 405 405 405 405"),
    "evaluation:youths": ("404 404 404 404 200 200 404", "405 405 405 405 405 405 405"),
}
# Routes that name no thing of a partnership, so that "another's" has no meaning.
WITHOUT_A_THING = {
    "home",
    "accessibility",
    "privacy",
    "partnerships",
    "youths:list",
    "youths:placements",
}
# What anybody may open without signing in. allauth's own pages say so themselves.
PUBLIC = {"healthz", "set_language", "accessibility", "privacy"}


def routes(patterns=None, prefix=""):
    """Every named route of our own: (name, pattern). allauth and the administration have tests
    of their own."""
    for entry in patterns or get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace == "admin" or "allauth" in str(entry.urlconf_name):
                continue
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from routes(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}", entry


class World(Team):
    """A team with one of everything that a route can name."""

    def __init__(self):
        super().__init__()
        self.admin = member(self.partnership, Role.ADMIN)
        self.admin.is_staff = True
        self.admin.save()
        proposed = YouthFactory(partnership=self.partnership, enrolled_on=None)
        self.referral = Referral.objects.create(
            youth=proposed,
            partnership=self.partnership,
            reason="Fordi",
            proposed_by=self.caseworker,
        )
        self.profile = HandoverProfileFactory(youth=self.youth)
        for section in ("direction", "competences", "support"):
            self.part = PartFactory(profile=self.profile, section=section, written_by=self.school)
        self.profile.send(by=self.school)
        self.sent_part = self.profile.sent_parts.get(part=self.part)
        self.answer = PartAnswer.objects.create(
            sent_part=self.sent_part, kind="question", text="Hvornår?", answered_by=self.caseworker
        )
        RatingRoundFactory(programme=self.programme)
        for code in ("direction", "belief"):
            IndicatorFactory(code=code)

    def kwargs(self, pattern) -> dict:
        """The thing that a route names, from this team."""
        things = {
            "youth_id": self.youth.pk,
            "partnership_id": self.partnership.pk,
            "referral_id": self.referral.pk,
            "placement_id": self.placement.pk,
            "programme_id": self.programme.pk,
            "part_id": self.part.pk,
            "sent_part_id": self.sent_part.pk,
            "answer_id": self.answer.pk,
            "number": 1,
        }
        return {name: things[name] for name in pattern.pattern.converters}


def status_of(method, url, user=None) -> int:
    """What a request gets; nothing that it does remains."""
    client = Client()
    if user is not None:
        client.force_login(user)
    with transaction.atomic():
        response = getattr(client, method)(url)
        transaction.set_rollback(True)
    return response.status_code


@pytest.fixture
def world(db):
    return World()


ROUTES = dict(routes())


def test_every_route_has_a_row():
    assert set(ROUTES) == set(MATRIX) | PUBLIC


@pytest.mark.parametrize("name", sorted(MATRIX))
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.django_db
def test_a_role_gets_what_its_row_says(world, name, method):
    url = reverse(name, kwargs=world.kwargs(ROUTES[name]))
    row = MATRIX[name][method == "post"]
    got = {role: status_of(method, url, getattr(world, role)) for role in ROLES}
    assert got == dict(zip(ROLES, map(int, row.split()), strict=True))


@pytest.mark.parametrize("name", sorted(set(MATRIX) - WITHOUT_A_THING))
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.django_db
def test_another_partnerships_thing_is_not_found(world, other_team, name, method):
    other_team.admin = member(other_team.partnership, Role.ADMIN)
    url = reverse(name, kwargs=world.kwargs(ROUTES[name]))
    allowed = {404}
    if MATRIX[name][method == "post"].startswith("405"):
        allowed = {405}
    got = {role: status_of(method, url, getattr(other_team, role)) for role in ROLES}
    assert set(got.values()) == allowed, got


@pytest.mark.parametrize("name", sorted(set(MATRIX) - PUBLIC))
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.django_db
def test_nobody_gets_in_without_signing_in(world, name, method):
    url = reverse(name, kwargs=world.kwargs(ROUTES[name]))
    response = getattr(Client(), method)(url)
    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?{urlencode({'next': url}, safe='/')}"


def test_what_is_public_is_written_down():
    found = {
        name for name, pattern in routes() if not getattr(pattern.callback, "login_required", True)
    }
    assert found == PUBLIC


@pytest.mark.django_db
def test_administration_is_for_administrators(world):
    for url in (reverse("admin:index"), reverse("admin:partnerships_partnership_changelist")):
        got = {}
        for role in ROLES:
            client = Client()
            client.force_login(getattr(world, role))
            got[role] = client.get(url, follow=True).status_code
        assert got == {role: 200 if role == "admin" else 403 for role in ROLES}


@pytest.mark.django_db
def test_ex_member_deactivated_and_ended_get_nothing(world):
    url = reverse("case", args=[world.youth.pk])
    membership = world.school.memberships.get()
    membership.ends_on = membership.starts_on
    membership.save()
    assert status_of("get", url, world.school) == 404
    world.partnership.refresh_from_db()
    world.partnership.end(by=world.caseworker)
    assert status_of("get", url, world.caseworker) == 404
    assert (
        status_of("get", reverse("youths:placement", args=[world.placement.pk]), world.employer)
        == 404
    )
