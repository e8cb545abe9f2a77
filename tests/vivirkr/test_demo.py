"""The demonstration: what it promises, and that neither a second run nor another day harms it."""

import re
from datetime import datetime
from html import unescape
from io import StringIO
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from evaluation.models import (
    Indicator,
    IndicatorText,
    PartnershipProgress,
    Rating,
    RatingRound,
    Reconciliation,
    Snapshot,
    YouthProgress,
)
from evaluation.progress import Result, Voice
from handover.models import HandoverProfile, HandoverVersion, Part, PartAnswer
from partnerships.access import grant_differences, memberships, relations
from partnerships.models import (
    Organisation,
    OutcomeClass,
    Partnership,
    Phase,
    Programme,
    Status,
    User,
)
from vivirkr.demo.people import PASSWORD, SIGN_INS, YOUNG
from vivirkr.waiting import waiting_on
from youths.models import (
    Consent,
    Contact,
    ContactChange,
    Placement,
    ReadSample,
    Referral,
    Youth,
)

OURS = ("partnerships", "youths", "handover", "evaluation")


def run() -> str:
    """What the command says when a developer calls it."""
    out = StringIO()
    with override_settings(DEBUG=True):
        call_command("demo", stdout=out)
    return out.getvalue()


def everything() -> dict:
    """All rows of all tables."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
    }


def written():
    """Every text that the demonstration wrote, with the place where it stands."""
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField | models.TextField):
                    for row in model._base_manager.all():
                        yield f"{model._meta.label}.{field.name}", getattr(row, field.attname)


def person(name) -> User:
    return User.objects.get(email=f"{name}@demo.vivirkr.dk")


@pytest.fixture(scope="class")
def demo(django_db_setup, django_db_blocker):
    """One run for all tests of a class; what it printed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield run()
        transaction.set_rollback(True)


@pytest.fixture
def savepoint(demo):
    """For a test that changes the demonstration."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("demo")
class TestTheDemonstration:
    def test_a_second_run_changes_nothing_and_says_so(self):
        before = everything()
        assert "nothing was changed" in run()
        assert everything() == before

    def test_it_breaks_no_rule_of_the_database_or_of_a_model(self):
        connection.check_constraints()
        for model in (Programme, Organisation, Partnership, IndicatorText, Youth, Placement, Part):
            for row in model.objects.all():
                empty = [f.name for f in row._meta.concrete_fields if not getattr(row, f.attname)]
                row.full_clean(exclude=empty, validate_unique=False)

    def test_the_programme_has_its_targets_phases_and_outcomes(self):
        programme = Programme.objects.get()
        assert (programme.name, programme.owner.name) == ("ViVirk'R", "Ligeværd")
        assert (programme.referred_target, programme.closer_target) == (40, 35)
        assert programme.starts_on < timezone.localdate() < programme.ends_on
        assert list(programme.phases.values_list("name", flat=True)) == [
            "Afklaring og udvikling",
            "Jobrettet indsats",
            "Jobafklaring og træning",
            "Bæredygtig tilknytning",
        ]
        assert programme.outcomes.count() == 4

    def test_all_98_municipalities_are_there(self):
        municipalities = Organisation.objects.filter(kind="municipality")
        assert municipalities.count() == 98
        assert municipalities.get(municipality_code="0825").name == "Læsø Kommune"

    def test_four_partnerships_stand_where_they_should(self):
        found = {
            str(p): (
                p.status,
                Referral.objects.filter(partnership=p).holding_a_place().count(),
                p.youths.referred().count(),
            )
            for p in Partnership.objects.with_parties()
        }
        assert found == {
            "Randers Bo- og Erhvervstræning · Randers Kommune": (Status.SIGNED, 10, 10),
            "Erhvervsskolen Vestjylland · Ringkøbing-Skjern Kommune": (Status.SIGNED, 10, 10),
            "PGU · Aarhus Kommune": (Status.SIGNED, 9, 8),
            "PMU · Frederikshavn Kommune": (Status.NEGOTIATING, 0, 0),
        }
        for partnership in Partnership.objects.all():
            assert partnership.places == 10
            assert all(getattr(partnership, heading) for heading in partnership.HEADINGS)
        waiting = Partnership.objects.get(status=Status.NEGOTIATING)
        assert waiting.school_signed_at
        assert waiting.municipality_signed_at is None

    def test_every_phase_outcome_result_and_status_occurs(self):
        referred = Youth.objects.referred()
        assert referred.count() == 28
        assert {y.age for y in referred} == set(range(17, 25))
        assert set(referred.values_list("phase", flat=True)) == set(
            Phase.objects.values_list("pk", flat=True)
        )
        assert set(referred.exclude(outcome=None).values_list("outcome", flat=True)) == set(
            OutcomeClass.objects.values_list("pk", flat=True)
        )
        assert set(HandoverProfile.objects.values_list("status", flat=True)) == set(
            HandoverProfile.Status.values
        )
        assert set(Referral.objects.values_list("status", flat=True)) == {
            "accepted",
            "proposed",
            "declined",
            "withdrawn",
        }
        assert set(YouthProgress.objects.values_list("result", flat=True)) == set(Result.values)
        today = timezone.localdate()
        assert referred.filter(stu_ends_on__lt=today).exists()
        assert referred.filter(stu_ends_on__gt=today).exists()

    def test_the_figures_are_there_at_once_and_hold_when_computed_again(self):
        counted = YouthProgress.objects.filter(result=Result.CLOSER).count()
        assert 17 <= counted <= 21
        assert sum(row.closer for row in PartnershipProgress.objects.all()) == counted
        assert not PartnershipProgress.work_list().exists()
        assert Reconciliation.run().differing == []

    def test_who_left_stays_in_the_denominator(self):
        left = Youth.objects.referred().filter(left_on__isnull=False)
        assert left.exclude(left_because="completed").count() == 3
        assert YouthProgress.objects.filter(youth__in=left).count() == left.count()

    def test_placements_are_past_running_to_come_and_ended_early(self):
        today = timezone.localdate()
        placements = Placement.objects.all()
        assert placements.running().exists()
        assert placements.filter(ends_on__lt=today, ended_on=None).exists()
        assert placements.filter(starts_on__gt=today).exists()
        assert placements.filter(ended_on__lt=F("ends_on")).exists()

    def test_consents_are_in_force_withdrawn_and_missing(self):
        asked = Youth.objects.filter(profile__sent_parts__section="health").distinct()
        assert Consent.objects.in_force().exists()
        assert Consent.objects.exclude(withdrawn_at=None).exists()
        assert asked.filter(consents=None).exists()

    def test_handovers_have_open_and_replied_questions_and_unfinished_drafts(self):
        assert PartAnswer.objects.open_questions().exists()
        assert PartAnswer.objects.exclude(reply="").exists()
        assert PartAnswer.objects.filter(kind="cannot_use").exists()
        drafts = HandoverProfile.objects.filter(status="draft")
        missing = {bool(draft.missing(list(draft.parts.all()))) for draft in drafts}
        assert missing == {True, False}

    def test_profiles_are_not_copies_of_each_other(self):
        profiles = [
            frozenset(part.label for part in profile.parts.all())
            for profile in HandoverProfile.objects.all()
        ]
        assert len(set(profiles)) == len(profiles)
        for labels in profiles:
            assert max(len(labels & other) for other in profiles if other != labels) <= 6

    def test_indicators_are_worded_for_both_audiences_in_both_languages(self):
        assert list(Indicator.objects.values_list("code", flat=True))[:2] == ["direction", "belief"]
        wordings = IndicatorText.objects.values_list("indicator__code", "audience", "language")
        codes = Indicator.objects.values_list("code", flat=True)
        expected = set(product(codes, ("youth", "professional"), ("da", "en")))
        # Only professionals are asked for their own belief in a job.
        assert set(wordings) == expected - {("prospect", "youth", x) for x in ("da", "en")}

    def test_seven_rounds_with_gaps_and_one_open_with_answers_due(self):
        assert RatingRound.objects.count() == 7
        current = RatingRound.objects.open().get()
        assert current.number == 7
        answered = current.ratings.values("youth", "voice").distinct().count()
        assert 0 < answered < Youth.objects.active().count() * len(Voice)
        assert Rating.objects.filter(step=None).exists()
        assert Rating.objects.exclude(small_step="").exists()

    def test_things_happened_in_their_order(self):
        assert not Referral.objects.filter(decided_at__lt=F("proposed_at")).exists()
        assert not PartAnswer.objects.filter(
            Q(answered_at__lt=F("sent_part__written_at")) | Q(replied_at__lt=F("answered_at"))
        ).exists()
        assert not Youth.objects.filter(
            Q(enrolled_on__lt=F("partnership__starts_on")) | Q(left_on__lte=F("enrolled_on"))
        ).exists()
        assert not Rating.objects.filter(
            Q(rated_at__date__lt=F("round__opens_on"))
            | Q(rated_at__date__gt=F("round__closes_on"))
            | Q(rated_at__date__lt=F("youth__enrolled_on"))
            | Q(rated_at__date__gt=F("youth__left_on"))
        ).exists()
        assert not Placement.objects.filter(
            Q(starts_on__lt=F("youth__enrolled_on"))
            | Q(ended_on__lt=F("starts_on"))
            | Q(starts_on__gt=F("youth__left_on"))
        ).exists()
        sent = HandoverVersion.objects.filter(
            profile=OuterRef("sent_part__profile"), number=OuterRef("sent_part__first_version")
        )
        answers = PartAnswer.objects.alias(sent_at=Subquery(sent.values("sent_at")))
        assert not answers.filter(answered_at__lt=F("sent_at")).exists()

    def test_everybody_in_the_course_has_a_contact_and_one_change_waits(self):
        now = Contact.objects.open()
        assert set(now.values_list("youth", flat=True)) == set(
            Youth.objects.active().values_list("pk", flat=True)
        )
        change = ContactChange.objects.open().get()
        assert change.youth.account.email == YOUNG
        assert change.contact == now.get(youth=change.youth)
        assert ContactChange.objects.filter(met_on__isnull=False).exists()
        assert not ContactChange.objects.filter(met_on__lt=F("asked_at__date")).exists()
        assert not Contact.objects.filter(began_at__date__lt=F("youth__enrolled_on")).exists()
        assert not Contact.objects.filter(ended_at__date__gt=F("youth__left_on")).exists()

    def test_a_snapshot_says_what_the_rule_said_that_day(self, savepoint, time_machine):
        for partnership in Partnership.objects.filter(status=Status.SIGNED):
            taken = list(Snapshot.objects.filter(partnership=partnership))
            snapshot = taken[len(taken) // 2]
            later = Rating.objects.filter(rated_at__gt=snapshot.computed_at)
            later.filter(youth__partnership=partnership).delete()
            partnership.youths.filter(enrolled_on__gt=snapshot.taken_on).update(enrolled_on=None)
            time_machine.move_to(snapshot.computed_at)
            then = PartnershipProgress.recompute(partnership.pk)
            assert snapshot.counts() == then.counts()
            assert then.inputs == snapshot.inputs

    def test_grants_equal_the_table(self):
        for row in (*Partnership.objects.all(), *Placement.objects.all()):
            assert grant_differences(row) == (set(), set())

    @pytest.mark.parametrize("email", SIGN_INS)
    def test_everybody_signs_in(self, email, demo):
        user = authenticate(HttpRequest(), email=email, password=PASSWORD)
        assert user is not None
        assert user.email == email
        assert email in demo

    def test_nobody_else_has_a_password(self):
        others = User.objects.exclude(email__in=SIGN_INS)
        assert others
        assert not any(user.has_usable_password() for user in others)

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("koordinator", "referral handover reply rate"),
            ("sagsbehandler", "handover rate"),
            ("koordinator.randers", "handover rate"),
            ("sagsbehandler.randers", "handover rate"),
            ("sagsbehandler.frederikshavn", "sign"),
            ("ung", "sharing questions"),
        ],
    )
    def test_something_waits_on(self, name, what):
        with override("en"):
            waiting = " ".join(row.what.lower() for row in waiting_on(person(name)))
        for word in what.split():
            assert word in waiting

    def test_every_figure_of_the_leadership_opens(self, savepoint, sign_in):
        client = sign_in(person("ledelse"))
        dashboard = reverse("evaluation:dashboard", args=[Programme.objects.get().pk])
        page = client.get(dashboard).content.decode()
        links = {unescape(link) for link in re.findall(rf'href="({dashboard}[^"]+)"', page)}
        assert len(links) >= 15
        assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)

    def test_the_company_sees_the_one_placement_that_runs(self):
        (placement,) = Placement.objects.visible_to(person("virksomhed"))
        assert placement.youth.account == person("ung")

    def test_the_young_person_has_rated_every_round_but_the_open_one(self):
        own = Rating.objects.filter(youth=person("ung").youth, voice=Voice.YOUTH)
        assert set(own.values_list("round__number", flat=True)) == {4, 5, 6}

    def test_the_data_controller_has_a_sample_that_is_half_judged(self):
        rows = ReadSample.objects.visible_to(person("dataansvarlig")).with_progress()
        newest, *older = rows
        assert 0 < newest.judged < newest.total <= 10
        assert older
        assert all(row.judged == row.total for row in older)
        assert ReadSample.objects.visible_to(person("dataansvarlig.pgu")).exists()

    def test_the_consultant_works_for_two_and_acts_for_one(self):
        consultant = person("konsulent")
        assert len(relations(consultant)) == 2
        assert memberships(consultant)[0].organisation.name == "Aarhus Kommune"

    def test_the_administrator_uses_the_administration(self):
        assert list(User.objects.filter(is_staff=True, is_superuser=True)) == [person("admin")]

    def test_every_address_is_an_invented_one(self):
        addresses = [*User.objects.values_list("email", flat=True)]
        addresses += Organisation.objects.exclude(email="").values_list("email", flat=True)
        for address in addresses:
            assert address.endswith((".example", "@demo.vivirkr.dk", ".demo.vivirkr.dk")), address

    def test_texts_are_filled_in_and_name_nobody_of_the_real_programme(self):
        for where, text in written():
            assert "{" not in text or where.endswith(("changes", "cells")), (where, text)
            for name in ("Tagmose", "Saxtoft", "Kim Madsen"):
                assert name not in text, where


@pytest.mark.django_db
def test_it_is_refused_without_debug():
    with override_settings(DEBUG=False), pytest.raises(CommandError, match="DJANGO_DEBUG"):
        call_command("demo")
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("today", ["2028-02-29", "2027-01-01"])
def test_on_another_day_nothing_has_aged_and_nothing_lies_ahead(today):
    early = datetime.fromisoformat(f"{today}T03:00").replace(tzinfo=ZoneInfo("Europe/Copenhagen"))
    with time_machine.travel(early, tick=False):
        run()
        assert YouthProgress.objects.filter(result=Result.CLOSER).count() == 21
        assert RatingRound.objects.open().get().number == 7
        for label in OURS:
            for model in apps.get_app_config(label).get_models():
                for field in model._meta.concrete_fields:
                    if isinstance(field, models.DateTimeField):
                        ahead = model._base_manager.filter(**{f"{field.name}__gt": early})
                        assert not ahead.exists(), (model, field)
