"""The administration of questions and rounds: for administrators, and without case content."""

import pytest
from django.urls import reverse

from evaluation.models import Criterion, Definition, Indicator, RatingRound, Reconciliation
from evaluation.progress import Rule, Sign
from evaluation.tasks import reconcile
from partnerships.access import Role
from tests.factories import (
    IndicatorFactory,
    PartnershipFactory,
    RatingFactory,
    RatingRoundFactory,
    UserFactory,
    days,
    member,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(team, sign_in):
    person = member(team.partnership, Role.ADMIN)
    person.is_staff = True
    person.save()
    return sign_in(person)


def page(model, act="changelist", *args):
    return reverse(f"admin:evaluation_{model}_{act}", args=args)


PAGES = [
    page(model)
    for model in ("indicator", "ratinground", "definition", "criterion", "reconciliation")
]


@pytest.mark.parametrize("address", PAGES)
def test_an_administrator_may_and_other_staff_may_not(team, administrator, sign_in, address):
    staff = UserFactory(is_staff=True)
    team.lead.is_staff = True
    team.lead.save()

    assert administrator.get(address).status_code == 200
    assert sign_in(UserFactory(is_staff=True, is_superuser=True)).get(address).status_code == 200
    assert sign_in(team.lead).get(address).status_code == 403
    assert sign_in(staff).get(address).status_code == 403


def test_ratings_and_figures_are_not_in_the_administration(administrator):
    index = administrator.get(reverse("admin:index")).text

    assert "evaluation/ratinground" in index
    for model in ("rating", "youthprogress", "partnershipprogress", "snapshot"):
        assert f"evaluation/{model}/" not in index


def test_an_indicators_wordings_are_written_with_it(administrator):
    IndicatorFactory(code="cooperation", position=3)
    indicator = Indicator.objects.get(code="cooperation")

    response = administrator.get(page("indicator", "change", indicator.pk))

    assert response.status_code == 200
    assert "cooperation? professional da" in response.text


def test_other_words_are_a_new_version_with_every_language_of_the_audience(administrator):
    indicator = IndicatorFactory(code="cooperation", position=3)
    address = page("indicator", "change", indicator.pk)
    formset = administrator.get(address).context["inline_admin_formsets"][0].formset
    data = {"code": "cooperation", "position": 3}
    data |= {f"texts-{k}": v for k, v in formset.management_form.initial.items()}
    for form in formset.initial_forms:
        for name in form.fields:
            data[f"{form.prefix}-{name}"] = form[name].value() or ""
        data[f"{form.prefix}-id"], data[f"{form.prefix}-indicator"] = form.instance.pk, indicator.pk
        if (form.instance.audience, form.instance.language) == ("youth", "da"):
            data[f"{form.prefix}-question"] = "Kan du lide at være sammen med andre?"
            data[f"{form.prefix}-audience"] = "professional"  # for whom it is stays
        if (form.instance.audience, form.instance.language) == ("professional", "en"):
            data[f"{form.prefix}-DELETE"] = "on"

    response = administrator.post(address, data)

    assert response.status_code == 302, response.context["errors"]
    texts = indicator.texts.order_by("audience", "language", "version")
    assert [(t.audience, t.language, t.version, t.ended_at is None) for t in texts] == [
        ("professional", "da", 1, False),
        ("professional", "da", 2, True),
        ("professional", "en", 1, False),
        ("youth", "da", 1, False),
        ("youth", "da", 2, True),
        ("youth", "en", 1, False),
        ("youth", "en", 2, True),
    ]
    assert texts.get(audience="youth", language="da", version=2).question.startswith("Kan du")
    assert texts.get(audience="youth", language="da", version=1).question == "cooperation? youth da"


def test_a_code_that_the_rule_knows_is_neither_renamed_nor_deleted(administrator):
    direction = IndicatorFactory(code="direction", position=1)

    assert 'name="code"' not in administrator.get(page("indicator", "change", direction.pk)).text
    assert administrator.post(page("indicator", "delete", direction.pk)).status_code == 403


def test_an_indicator_that_was_answered_cannot_be_deleted(team, administrator):
    rating = RatingFactory(youth=team.youth, round__programme=team.programme)

    administrator.post(page("indicator", "delete", rating.indicator_id), {"post": "yes"})

    assert Indicator.objects.filter(pk=rating.indicator_id).exists()


def test_rounds_are_kept_for_the_own_programme_only(team, other_team, administrator):
    RatingRoundFactory(programme=other_team.programme, number=17)
    foreign = RatingRound.objects.get(number=17)
    data = {"number": 5, "opens_on": days(50), "closes_on": days(60)}

    assert administrator.get(page("ratinground", "change", foreign.pk)).status_code == 302
    administrator.post(page("ratinground", "add"), data | {"programme": other_team.programme.pk})
    assert not RatingRound.objects.filter(number=5).exists()
    administrator.post(page("ratinground", "add"), data | {"programme": team.programme.pk})
    assert RatingRound.objects.get(number=5).programme == team.programme


def test_rounds_that_overlap_are_refused_with_a_sentence(team, administrator):
    RatingRoundFactory(programme=team.programme, number=1)
    data = {"programme": team.programme.pk, "number": 2, "opens_on": days(0), "closes_on": days(5)}

    response = administrator.post(page("ratinground", "add"), data)

    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors()
    assert RatingRound.objects.count() == 1


def test_the_nightly_check_can_be_read_and_not_changed(administrator):
    PartnershipFactory(signed=True)
    reconcile()
    report = Reconciliation.objects.get()

    report.differences = {"x": {"closer": [4711, 4712]}}
    report.save()
    read = administrator.get(page("reconciliation", "change", report.pk))
    assert read.status_code == 200
    assert "4711" not in read.text  # numbers of one partnership
    assert administrator.post(page("reconciliation", "change", report.pk), {}).status_code == 403
    assert administrator.post(page("reconciliation", "delete", report.pk)).status_code == 403
    assert administrator.get(page("reconciliation", "add")).status_code == 403


@pytest.fixture
def indicators():
    for n, code in enumerate(("direction", "belief")):
        IndicatorFactory(code=code, position=n)


# -- Definitions -------------------------------------------------------------------------------


def test_a_default_is_added_as_a_new_version_and_never_changed(team, administrator, indicators):
    add = reverse("admin:evaluation_definition_add")
    assert administrator.get(add).status_code == 200
    data = {
        "programme": team.programme.pk, "in_force_from": days(1), "rise_direction": 2,
        "rise_belief": 0, "professionals": 1, "rounds": 3, "own_voice": "on",
    }  # fmt: skip
    assert administrator.post(add, data | {"in_force_from": days(-1)}).status_code == 200
    assert administrator.post(add, data | {"rise_direction": 0}).status_code == 200
    assert not Definition.objects.exists()

    assert administrator.post(add, data).status_code == 302

    first, second = Definition.objects.order_by("version")
    assert (first.version, second.version) == (1, 2)
    assert second.rule == Rule((Sign("direction", 2),), rounds=3)
    url = reverse("admin:evaluation_definition_change", args=[second.pk])
    page = administrator.get(url)
    assert page.status_code == 200
    assert administrator.post(url, data | {"rounds": 4}).status_code == 403
    assert administrator.get(reverse("admin:evaluation_definition_changelist")).status_code == 200


def test_a_criterion_is_kept_in_the_administration(team, administrator):
    add = reverse("admin:evaluation_criterion_add")
    data = {"programme": team.programme.pk, "counts": "said_yes", "name": "Fire", "position": 1}
    assert administrator.post(add, data).status_code == 200  # a register needs a target
    assert administrator.post(add, data | {"target": 4}).status_code == 302
    assert Criterion.objects.get().wanted == 4
