"""The sample review: drawing ten reads a month, judging each once, and who may."""

from datetime import datetime, time, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from partnerships.access import Role
from tests.factories import MembershipFactory, OrganisationFactory, World, YouthFactory
from tests.test_matrix import PATTERNS, ROUTES
from youths.models import AccessEvent, Channel, ReadSample, ReviewRefused, SampledRead
from youths.tasks import draw_samples

pytestmark = pytest.mark.usefixtures("english")


def last_month():
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def reads(team, number, day=None, **fields):
    """Lines of the log by the school's person, in last month unless a day is given."""
    day = day or last_month()
    return AccessEvent.objects.using("default").bulk_create(
        AccessEvent(
            **{
                "at": timezone.make_aware(datetime.combine(day, time(9, n % 60))),
                "day": day,
                "user_id": team.school.pk,
                "organisation_id": team.partnership.school_id,
                "role": "school",
                "youth_id": team.youth.pk,
                "sections": "identity,health",
                "channel": "page",
                **fields,
            }
        )
        for n in range(number)
    )


def controller_of(organisation):
    return MembershipFactory(role=Role.CONTROLLER, organisation=organisation).user


@pytest.fixture
def controller(team):
    return controller_of(team.partnership.school)


@pytest.fixture
def sample(team):
    reads(team, 3)
    draw_samples()
    return ReadSample.objects.get()


def page(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.django_db
class TestDrawing:
    def test_takes_ten_of_many_and_copies_what_the_log_says(self, team):
        drawn_from = {event.pk: event for event in reads(team, 25)}
        draw_samples()
        sample = ReadSample.objects.get()
        assert (sample.organisation, sample.month) == (team.partnership.school, last_month())
        assert sample.reads.count() == 10
        for read in sample.reads.all():
            event = drawn_from[read.event_id]
            assert (read.at, read.user_id, read.sections) == (
                event.at,
                team.school.pk,
                "identity,health",
            )
            assert (read.code, read.judgement, read.judged_at) == (team.youth.code, "", None)

    def test_takes_all_where_there_are_fewer(self, sample):
        assert sample.reads.count() == 3

    def test_waits_until_the_month_is_over(self, team):
        reads(team, 3, day=timezone.localdate())
        assert ReadSample.work_list() == []

    def test_leaves_out_lists_and_refusals_and_other_organisations(self, team, other_team):
        reads(team, 2)
        reads(team, 2, channel=Channel.REFUSED)
        reads(team, 1, channel=Channel.LIST)
        reads(other_team, 4, organisation_id=other_team.partnership.municipality_id)
        reads(team, 1, organisation_id=None)
        draw_samples()
        sample = ReadSample.objects.get(organisation=team.partnership.school)
        assert set(sample.reads.values_list("channel", flat=True)) == {"page"}
        assert sample.reads.count() == 2
        assert ReadSample.objects.count() == 2

    def test_twice_draws_once(self, sample):
        draw_samples()
        assert ReadSample.draw(sample.organisation_id, sample.month) is False
        assert (ReadSample.objects.count(), SampledRead.objects.count()) == (1, 3)

    def test_is_the_work_of_a_task_that_beat_sends_daily(self, settings):
        entry = settings.CELERY_BEAT_SCHEDULE["draw_samples"]
        assert entry["task"] == draw_samples.name


@pytest.mark.django_db(transaction=True)
def test_drawing_at_the_same_moment_draws_once(team, at_once):
    reads(team, 12)
    organisation, month = team.partnership.school_id, last_month()
    drawn = at_once(*[lambda: ReadSample.draw(organisation, month)] * 3)
    assert sorted(drawn) == [False, False, True]
    assert SampledRead.objects.count() == 10


@pytest.mark.django_db
class TestJudging:
    def test_keeps_judgement_note_person_and_time(self, sample, controller):
        read = sample.reads.first()
        read.judge(by=controller, judgement="in_order", note=" Har sagen. ")
        read.refresh_from_db()
        assert (read.judgement, read.note, read.judged_by) == ("in_order", "Har sagen.", controller)
        assert read.judged_at

    @pytest.mark.parametrize(
        ("judgement", "note"), [("in_order", ""), ("in_order", "  "), ("", "x"), ("fine", "x")]
    )
    def test_asks_for_both(self, sample, controller, judgement, note):
        with pytest.raises(ReviewRefused, match="Choose a judgement"):
            sample.reads.first().judge(by=controller, judgement=judgement, note=note)

    def test_is_given_once(self, sample, controller):
        read = sample.reads.first()
        read.judge(by=controller, judgement="asked", note="Hvorfor?")
        with pytest.raises(ReviewRefused, match="judged already"):
            read.judge(by=controller, judgement="in_order", note="Nå.")
        read.refresh_from_db()
        assert read.judgement == "asked"

    def test_is_for_the_controller_of_that_organisation_only(self, team, other_team, sample):
        for person in (team.school, team.lead, controller_of(other_team.partnership.school)):
            with pytest.raises(ReviewRefused, match="data controller"):
                sample.reads.first().judge(by=person, judgement="in_order", note="x")

    @pytest.mark.parametrize(
        "change",
        [
            {"judgement": "in_order"},
            {"note": "Anden note"},
            {"judged_by": None, "judged_at": None, "judgement": "", "note": ""},
        ],
    )
    def test_is_not_rewritten_in_the_database(self, sample, controller, change):
        read = sample.reads.first()
        read.judge(by=controller, judgement="asked", note="Hvorfor?")
        with pytest.raises(DatabaseError, match="not rewritten"), transaction.atomic():
            SampledRead.objects.filter(pk=read.pk).update(**change)

    @pytest.mark.parametrize("change", [{"code": "X"}, {"sections": ""}, {"channel": "print"}])
    def test_leaves_the_facts_as_they_were_drawn(self, sample, change):
        with pytest.raises(DatabaseError, match="not rewritten"), transaction.atomic():
            sample.reads.update(**change)

    def test_is_never_deleted(self, sample):
        with pytest.raises(DatabaseError, match="not rewritten"), transaction.atomic():
            sample.reads.all().delete()

    def test_a_half_judgement_is_refused_by_the_database(self, sample):
        with pytest.raises(DatabaseError, match="a_judgement_has_its_note"), transaction.atomic():
            sample.reads.update(judgement="in_order")

    def test_a_sample_is_of_a_month_and_of_one_organisation_once(self, sample):
        for month, name in (
            (sample.month, "one_sample_of_an_organisation_a_month"),
            (sample.month.replace(day=2), "a_month_is_written_as_its_first_day"),
        ):
            with pytest.raises(DatabaseError, match=name), transaction.atomic():
                ReadSample.objects.create(organisation=sample.organisation, month=month)


@pytest.mark.django_db
class TestPages:
    def url(self, sample):
        return reverse("youths:review", args=[sample.pk])

    def test_the_controller_is_led_to_the_list_with_progress(self, sample, controller, sign_in):
        sample.reads.first().judge(by=controller, judgement="in_order", note="x")
        client = sign_in(controller)
        response = client.get(reverse("home"), follow=True)
        assert response.redirect_chain == [(reverse("youths:reviews"), 302)]
        seen = page(response)
        assert "1 of 3 judged" in seen
        assert '<span>Log review <i class="vv-count">1</i></span>' in seen
        assert self.url(sample) in seen
        assert f'href="{reverse("partnerships")}"' not in seen

    def test_shows_codes_and_no_name_of_a_youth(self, team, sample, controller, sign_in):
        seen = page(sign_in(controller).get(self.url(sample)))
        for words in (team.school.name, team.youth.code, "Social and mental conditions", "Opened"):
            assert words in seen
        for hidden in (team.youth.name, team.youth.first_name, str(team.youth.pk)):
            assert hidden not in seen

    def test_judging_goes_on_to_the_next_until_all_are_judged(self, sample, controller, sign_in):
        client = sign_in(controller)
        for number in range(3):
            read = sample.reads.filter(judged_at=None).first()
            response = client.post(
                self.url(sample), {"read": read.pk, "judgement": "asked", "note": f"Nr. {number}"}
            )
            waiting = sample.reads.filter(judged_at=None).first()
            assert response.status_code == 302
            assert response.url.endswith(f"#read-{waiting.pk}" if waiting else self.url(sample))
        seen = page(client.get(self.url(sample)))
        assert "3 of 3 judged" in seen
        assert "Nr. 2" in seen
        assert "<textarea" not in seen
        assert "vv-count" not in seen

    def test_a_fault_is_said_and_what_was_typed_stays(self, sample, controller, sign_in):
        client, read = sign_in(controller), sample.reads.first()
        response = client.post(self.url(sample), {"read": read.pk, "note": "Skrevet"})
        assert response.status_code == 422
        assert "Skrevet" in page(response)
        assert "This field is required." in page(response)

    def test_a_read_that_a_colleague_judged_meanwhile(self, sample, controller, sign_in):
        read = sample.reads.first()
        read.judge(by=controller, judgement="asked", note="Kollegaens")
        response = sign_in(controller).post(
            self.url(sample), {"read": read.pk, "judgement": "in_order", "note": "Mit eget"}
        )
        assert response.status_code == 409
        for words in ("judged already", "Kollegaens", "Mit eget"):
            assert words in page(response)

    @pytest.mark.parametrize("read", ["", "0", "x", "\x00"])
    def test_a_read_of_nothing_is_not_found(self, sample, controller, sign_in, read):
        assert sign_in(controller).post(self.url(sample), {"read": read}).status_code == 404

    def test_a_read_of_another_sample_is_not_found(self, sample, controller, sign_in):
        other = ReadSample.objects.create(organisation=OrganisationFactory(), month=sample.month)
        read = other.reads.create(
            event_id=1, at=timezone.now(), user_id=controller.pk, youth_id=controller.pk
        )
        assert sign_in(controller).post(self.url(sample), {"read": read.pk}).status_code == 404
        assert sign_in(controller).get(self.url(other)).status_code == 404

    def test_a_controller_who_has_left_finds_nothing(self, sample, controller, sign_in):
        client = sign_in(controller)
        controller.memberships.update(ends_on=controller.memberships.get().starts_on)
        assert client.get(self.url(sample)).status_code == 404
        assert client.get(reverse("youths:reviews")).status_code == 403

    @pytest.mark.parametrize("rows", [1, 3])
    def test_a_sample_costs_the_same_for_three_as_for_one(
        self, team, controller, sign_in, django_assert_num_queries, rows
    ):
        for _ in range(rows):
            reads(team, 1, youth_id=YouthFactory(partnership=team.partnership).pk)
        draw_samples()
        client = sign_in(controller)
        with django_assert_num_queries(12):
            response = client.get(self.url(ReadSample.objects.get()))
        assert page(response).count("<textarea") == rows

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_costs_the_same_for_three_as_for_one(
        self, team, controller, sign_in, django_assert_num_queries, rows
    ):
        for n in range(rows):
            ReadSample.objects.create(
                organisation=team.partnership.school,
                month=last_month().replace(year=last_month().year - n),
            )
        client = sign_in(controller)
        with django_assert_num_queries(7):
            response = client.get(reverse("youths:reviews"))
        assert page(response).count("of 0 judged") == rows
        months = [sample.month for sample in response.context["samples"]]
        assert months == sorted(months, reverse=True)


@pytest.mark.django_db
def test_a_controller_reaches_nothing_but_the_review(sign_in):
    """Every route of a case, of the own organisation's cases: nothing."""
    world = World()
    person = controller_of(world.partnership.school)
    reached = set()
    for name in ROUTES:
        url = reverse(name, kwargs=world.kwargs(PATTERNS[name]))
        for method in ("get", "post"):
            if getattr(sign_in(person), method)(url).status_code not in (403, 404, 405):
                reached.add(name)
    assert reached == {
        "home",
        "acting",
        "partnerships:policy",
        "accessibility",
        "privacy",
        "partnerships",
        "youths:reviews",
        "youths:review",
        "evaluation:link",  # says that it is for somebody else
        "youths:link",
        "mails",  # how often one is written to
    }
