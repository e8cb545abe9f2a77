"""The job profile: written for one company, approved word for word, and nothing behind it."""

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handover.models import (
    Accommodation,
    ApprovedJobProfile,
    JobProfile,
    JobProfileRefused,
    PartUse,
    SentPart,
    StaleVersion,
)
from tests.factories import (
    HandoverProfileFactory,
    PartFactory,
    PlacementFactory,
    YouthFactory,
    approved_job,
    days,
    employer_of,
)
from vivirkr.waiting import waiting_on
from youths.models import AccessEvent, Channel, Placement, Sitting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

FIRST, SECOND = "Én besked ad gangen", "To beskeder ad gangen"


@pytest.fixture
def job(team):
    return approved_job(team.youth, by=team.caseworker, placement=team.placement, approved=FIRST)


def url_of(job, name="handover:job"):
    return reverse(name, args=[job.pk])


def page_of(client, url) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


class TestTheText:
    def test_is_for_one_placement_or_one_type_of_job(self, team, other_team):
        first = JobProfile.begin(by=team.school, youth=team.youth, placement=team.placement)
        assert JobProfile.begin(by=team.school, youth=team.youth, placement=team.placement) == first
        other = JobProfile.begin(by=team.school, youth=team.youth, job=" Arbejde  i køkken ")
        assert other.job == "Arbejde i køkken"
        assert JobProfile.begin(by=team.caseworker, youth=team.youth, job=other.job) == other
        for wrong in (
            {},
            {"placement": team.placement, "job": "Køkken"},
            {"placement": other_team.placement},
        ):
            with pytest.raises(JobProfileRefused):
                JobProfile.begin(by=team.school, youth=team.youth, **wrong)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"job": ""}, "a_job_profile_is_for_a_placement_or_a_type_of_job"),
            ({"status": "asked", "can": "x"}, "what_is_asked_about_has_words_and_somebody"),
            ({"status": "asked", "asked_as": "school", "asked_at": timezone.now()}, "what_is_ask"),
            (
                {
                    "status": "approved",
                    "asked_as": "school",
                    "asked_at": timezone.now(),
                    "can": "x",
                },
                "an_answer_has_a_time",
            ),
        ],
    )
    def test_is_held_to_it_by_the_database(self, team, fields, name):
        row = {"youth": team.youth, "written_by": team.school, "job": "Køkken"}
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            JobProfile.objects.create(**(row | fields))

    def test_of_somebody_else_is_never_overwritten(self, team, job):
        seen = job.revision
        job.write(by=team.school, revision=seen, can="", works=SECOND)
        with pytest.raises(StaleVersion) as stale:
            job.write(by=team.caseworker, revision=seen, can="", works="Tre")
        assert stale.value.current.works == SECOND
        job.write(by=team.caseworker, revision=seen, can="", works=SECOND)  # the same, twice


class TestApproval:
    def test_is_of_exactly_these_words(self, team, job):
        approved = job.approved
        assert (approved.works, approved.number, approved.is_intact) == (FIRST, 1, True)
        job.write(by=team.caseworker, revision=job.revision, can="", works=SECOND)
        assert (job.status, job.approved.works) == ("draft", FIRST)
        job.ask(by=team.caseworker, revision=job.revision)
        assert job.approved.works == FIRST
        job.approve(by=team.young, revision=job.revision, how="together", together_with="Min mor")
        assert (job.approved.works, job.approved.number) == (SECOND, 2)
        assert job.approved.together_with == "Min mor"
        approved.refresh_from_db()
        assert approved.works == FIRST
        assert approved.replaced_at

    def test_is_asked_anew_by_a_word_and_not_when_it_is_written_back(self, team, job):
        job.write(by=team.caseworker, revision=job.revision, can="", works=SECOND)
        assert job.status == "draft"
        job.write(by=team.caseworker, revision=job.revision, can="", works=FIRST)
        assert job.status == "approved"
        with pytest.raises(JobProfileRefused):
            job.ask(by=team.caseworker, revision=job.revision)

    def test_is_not_of_words_that_changed_while_they_were_read(self, team, job):
        job.write(by=team.caseworker, revision=job.revision, can="", works=SECOND)
        job.ask(by=team.caseworker, revision=job.revision)
        read = job.revision
        job.write(by=team.school, revision=read, can="", works="Tre")
        for answer in (job.approve, job.decline):
            with pytest.raises(StaleVersion):
                answer(by=team.young, revision=read, **({"how": "own"} if answer == job.approve
                                                        else {}))  # fmt: skip
        with pytest.raises(JobProfileRefused):  # nobody has asked about the newer ones
            job.approve(by=team.young, revision=job.revision, how="own")
        assert job.approved.works == FIRST

    def test_said_twice_is_said_once(self, team, job):
        job.approve(by=team.young, revision=job.revision, how="own")
        assert ApprovedJobProfile.objects.count() == 1

    def test_is_taken_back_at_once(self, team, job):
        job.take_back(by=team.young)
        assert (job.status, job.approved) == ("withdrawn", None)
        assert not ApprovedJobProfile.objects.visible_to(team.employer).exists()
        with pytest.raises(JobProfileRefused):
            job.take_back(by=team.young)
        job.ask(by=team.school, revision=job.revision)
        job.approve(by=team.young, revision=job.revision, how="own")
        assert job.approved.number == 2

    def test_needs_words_and_a_name_of_who_was_there(self, team):
        empty = JobProfile.begin(by=team.school, youth=team.youth, placement=team.placement)
        with pytest.raises(JobProfileRefused):
            empty.ask(by=team.school, revision=1)
        empty.write(by=team.school, revision=1, can="Ja", works="")
        empty.ask(by=team.school, revision=empty.revision)
        with pytest.raises(JobProfileRefused):
            empty.approve(by=team.young, revision=empty.revision, how="together")


class TestTheApprovedCopy:
    @pytest.mark.parametrize(
        "change",
        [
            "DELETE FROM handover_approvedjobprofile",
            "UPDATE handover_approvedjobprofile SET number = 9",
            "UPDATE handover_approvedjobprofile SET seal = 'x'",
            "UPDATE handover_approvedjobprofile SET placement_id = NULL",
        ],
    )
    def test_is_kept_by_the_database(self, job, change):
        with (
            pytest.raises(Error, match="what was approved"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)

    def test_ends_once(self, team, job):
        job.take_back(by=team.young)
        with pytest.raises(Error, match="ends once"), transaction.atomic():
            ApprovedJobProfile.objects.update(withdrawn_at=None)

    def test_with_other_words_is_shown_to_nobody(self, team, job, sign_in):
        copy = job.approved
        copy.works = SECOND
        copy.save()
        employer = sign_in(team.employer)
        page = page_of(employer, reverse("placement", args=[team.placement.pk]))
        assert FIRST not in page
        assert SECOND not in page
        assert employer.get(url_of(job, "job_pdf")).status_code == 404

    def test_leads_nowhere(self):
        """Forwards and backwards, through relations of any length: there is no way to the case."""
        reached, waiting = set(), [ApprovedJobProfile]
        while waiting:
            model = waiting.pop()
            for field in model._meta.get_fields(include_hidden=True):
                if field.is_relation and field.related_model and field.related_model not in reached:
                    reached.add(field.related_model)
                    waiting.append(field.related_model)
        assert reached == set()
        sensitive = {"Part", "SentPart", "PartAnswer", "Accommodation", "Youth", "JobProfile"}
        assert sensitive <= {model.__name__ for model in apps.get_models()}

    def test_holds_texts_ids_and_times_alone(self):
        kinds = {field.get_internal_type() for field in ApprovedJobProfile._meta.get_fields()}
        assert kinds == {
            "UUIDField",
            "BinaryField",
            "CharField",
            "DateTimeField",
            "PositiveSmallIntegerField",
        }


class TestWhoReads:
    def test_a_company_reads_what_is_approved_while_the_placement_runs(
        self, team, other_team, job, sign_in
    ):
        job.write(by=team.caseworker, revision=job.revision, can="Kladde", works=SECOND)
        url = reverse("placement", args=[team.placement.pk])
        employer = sign_in(team.employer)
        page = page_of(employer, url)
        assert FIRST in page
        assert SECOND not in page
        assert "Kladde" not in page
        assert AccessEvent.objects.latest("pk").codes == ["placement", "job_profile"]
        for address in (
            url_of(job),
            url_of(job, "handover:job_answer"),
            reverse("handover:jobs", args=[team.youth.pk]),
        ):
            assert employer.get(address).status_code == 404
        outsider = sign_in(other_team.employer)
        assert outsider.get(url_of(job, "job_pdf")).status_code == 404
        Placement.objects.filter(pk=team.placement.pk).update(ends_on=days(-1))
        assert employer.get(url).status_code == 404
        assert employer.get(url_of(job, "job_pdf")).status_code == 404

    def test_another_company_of_the_same_young_person_does_not(self, team, job, sign_in):
        other = PlacementFactory(youth=team.youth, contact=team.caseworker)
        page = page_of(sign_in(employer_of(other)), reverse("placement", args=[other.pk]))
        assert FIRST not in page

    def test_a_type_of_job_reaches_no_company(self, team):
        approved_job(team.youth, by=team.school, approved=FIRST, job="Køkken")
        assert not ApprovedJobProfile.objects.visible_to(team.employer).exists()

    def test_three_people_and_the_page_where_it_is_written(self, team, other_team, job, sign_in):
        for person, status in (
            (team.school, 200),
            (team.caseworker, 200),
            (team.young, 403),
            (other_team.school, 404),
            (team.lead, 404),
        ):
            assert sign_in(person).get(url_of(job)).status_code == status
        for person, status in (
            (team.young, 200),
            (team.school, 302),  # to sit together first
            (team.caseworker, 403),
            (other_team.young, 404),
            (other_team.school, 404),
            (team.lead, 404),
        ):
            assert sign_in(person).get(url_of(job, "handover:job_answer")).status_code == status

    def test_with_the_companys_eyes_is_the_same(self, team, job, sign_in):
        url = reverse("eyes", args=[team.youth.pk, "employer"])
        assert FIRST in page_of(sign_in(team.school), f"{url}?page=placement")

    @pytest.mark.pango
    def test_as_a_file_it_is_the_approved_text(self, team, job, sign_in):
        response = sign_in(team.employer).get(url_of(job, "job_pdf"))
        assert response.status_code == 200
        assert response.content.startswith(b"%PDF")
        line = AccessEvent.objects.latest("pk")
        assert (line.channel, line.detail, line.codes) == (
            Channel.EXPORT,
            "job_pdf",
            ["job_profile", "placement"],
        )
        assert team.youth.name not in str(response.headers)


class TestThePages:
    def test_composed_by_a_caseworker_and_approved_by_the_young_person(self, team, sign_in):
        Accommodation.add(by=team.school, youth=team.youth, text=FIRST)
        caseworker, young = sign_in(team.caseworker), sign_in(team.young)
        begun = caseworker.post(
            reverse("handover:jobs", args=[team.youth.pk]), {"placement": team.placement.pk}
        )
        job = JobProfile.objects.get()
        assert begun.url == url_of(job)
        assert FIRST in page_of(caseworker, begun.url)
        sentence = team.youth.accommodations.get()
        caseworker.post(
            begun.url, {"act": "pick", "picked": sentence.pk, "revision": 1, "can": "Jeg dækker op"}
        )
        job.refresh_from_db()
        assert (job.can, job.works) == ("Jeg dækker op", FIRST)
        data = {"revision": job.revision, "can": job.can, "works": job.works}
        assert caseworker.post(begun.url, data | {"act": "ask"}).status_code == 302
        [waits] = [row for row in waiting_on(team.young) if "reads about you" in row.what]
        page = page_of(young, waits.url)
        assert FIRST in page
        said = {"act": "yes", "revision": job.revision, "how": "together"}
        assert young.post(waits.url, said).status_code == 422
        assert young.post(waits.url, said | {"together_with": "Mor"}).status_code == 302
        assert job.approved.together_with == "Mor"
        [news] = [row for row in waiting_on(team.caseworker) if "approved" in row.what]
        caseworker.post(news.url, {"act": "heard"})
        assert not [row for row in waiting_on(team.caseworker) if "approved" in row.what]

    def test_a_no_comes_back_with_its_words(self, team, job, sign_in):
        job.write(by=team.caseworker, revision=job.revision, can="", works=SECOND)
        job.ask(by=team.caseworker, revision=job.revision)
        url = url_of(job, "handover:job_answer")
        said = {"act": "no", "revision": job.revision, "comment": "Det er ikke mig"}
        assert sign_in(team.young).post(url, said).status_code == 302
        [news] = [row for row in waiting_on(team.caseworker) if "said no" in row.what]
        assert "Det er ikke mig" in page_of(sign_in(team.caseworker), news.url)
        assert job.approved.works == FIRST

    def test_the_earlier_text_is_said_to_be_read_until_the_new_one_is_approved(
        self, team, job, sign_in
    ):
        client, url = sign_in(team.caseworker), url_of(job)
        assert "still reads the earlier text" not in page_of(client, url)
        job.write(by=team.caseworker, revision=job.revision, can="", works=SECOND)
        page = page_of(client, url)
        assert f"{team.placement.employer.name} still reads the earlier text" in page
        young = sign_in(team.young)
        assert "Take it back" in page_of(young, url_of(job, "handover:job_answer"))
        young.post(url_of(job, "handover:job_answer"), {"act": "take_back"})
        assert "still reads the earlier text" not in page_of(client, url)
        employer = page_of(sign_in(team.employer), reverse("placement", args=[team.placement.pk]))
        assert FIRST not in employer
        assert SECOND not in employer

    def test_what_stands_inside_another_line_can_still_be_put_in(self, team, job, sign_in):
        Accommodation.add(by=team.school, youth=team.youth, text="Ro")
        job.write(by=team.caseworker, revision=job.revision, can="", works="Rolige kolleger")
        client = sign_in(team.caseworker)
        sentence = team.youth.accommodations.get()
        assert f'value="{sentence.pk}"' in page_of(client, url_of(job))
        said = {"act": "pick", "picked": sentence.pk, "revision": job.revision, "can": ""}
        client.post(url_of(job), said | {"works": "Rolige kolleger"})
        job.refresh_from_db()
        assert job.works_lines == ["Rolige kolleger", "Ro"]

    def test_a_type_of_job_with_a_telling_word_is_asked_about_once(self, team, sign_in):
        client, url = sign_in(team.school), reverse("handover:jobs", args=[team.youth.pk])
        response = client.post(url, {"job": "Arbejde for folk med autisme"})
        assert response.status_code == 422
        page = response.content.decode()
        assert "Look once more at: autisme" in page
        assert "Arbejde for folk med autisme" in page
        said = {"job": "Arbejde for folk med autisme", "weighed": "autisme"}
        assert client.post(url, said).status_code == 302

    def test_an_old_text_is_not_answered(self, team, job, sign_in):
        job.write(by=team.caseworker, revision=job.revision, can="", works=SECOND)
        job.ask(by=team.caseworker, revision=job.revision)
        young, url = sign_in(team.young), url_of(job, "handover:job_answer")
        old = {"act": "yes", "revision": job.revision - 1}
        response = young.post(url, old)
        assert response.status_code == 409
        assert SECOND in response.content.decode()
        assert young.post(url, {"act": "maybe", "revision": "x"}).status_code == 422
        assert young.post(url, {"act": "take_back"}).status_code == 302
        assert young.post(url, {"act": "take_back"}).status_code == 409

    def test_both_texts_stand_there_when_somebody_saved_meanwhile(self, team, job, sign_in):
        old = {"act": "save", "revision": job.revision, "can": "", "works": "Min"}
        job.write(by=team.school, revision=job.revision, can="", works="Deres")
        response = sign_in(team.caseworker).post(url_of(job), old)
        assert response.status_code == 409
        page = response.content.decode()
        assert "Min" in page
        assert "Deres" in page
        again = old | {"revision": job.revision}
        assert sign_in(team.caseworker).post(url_of(job), again).status_code == 302

    def test_says_once_that_a_word_tells_why(self, team, job, sign_in):
        data = {"act": "save", "revision": job.revision, "can": "", "works": "Ro ved angst"}
        caseworker = sign_in(team.caseworker)
        assert caseworker.post(url_of(job), data).status_code == 422
        assert caseworker.post(url_of(job), data | {"weighed": "angst"}).status_code == 302

    def test_bad_input_is_said_by_the_field_and_keeps_the_text(self, team, job, sign_in):
        school = sign_in(team.school)
        jobs = reverse("handover:jobs", args=[team.youth.pk])
        for wrong in ({}, {"placement": "x"}, {"job": "x" * 81}, {"placement": team.placement.pk}):
            assert school.post(jobs, wrong).status_code == 422
        long = "x" * 2001
        data = {"act": "save", "revision": job.revision, "can": "", "works": long}
        response = school.post(url_of(job), data)
        assert response.status_code == 422
        assert long in response.content.decode()
        assert school.post(url_of(job), {"act": "other"}).status_code == 404

    def test_the_competences_to_choose_from_are_those_that_are_read(self, team, job, sign_in):
        profile = HandoverProfileFactory(youth=team.youth)
        for section in ("direction", "competences", "support"):
            PartFactory(profile=profile, section=section, label=f"Om {section}")
        assert "Om competences" in page_of(sign_in(team.school), url_of(job))
        assert "Om competences" not in page_of(sign_in(team.caseworker), url_of(job))
        profile.send(by=team.school)
        page = page_of(sign_in(team.caseworker), url_of(job))
        assert "Om competences" in page
        assert "Om support" not in page

    @pytest.mark.parametrize("person", ["school", "young"])
    def test_the_list_costs_the_same_however_long(self, team, job, sign_in, person):
        client = sign_in(getattr(team, person))
        url = reverse("handover:jobs", args=[team.youth.pk])

        def queries():
            with CaptureQueriesContext(connection) as found:
                page_of(client, url)
            return len(found)

        queries()
        one = queries()
        for n in range(2):
            approved_job(team.youth, by=team.school, approved=FIRST, job=f"Arbejde {n}")
        assert queries() == one


class TestBesideEachOther:
    """A young person without a sign-in reads it on the device of somebody from the school."""

    @pytest.fixture
    def asked(self, team):
        team.youth.account = None
        team.youth.save()
        job = JobProfile.begin(by=team.caseworker, youth=team.youth, placement=team.placement)
        job.write(by=team.caseworker, revision=1, can="", works=FIRST)
        job.ask(by=team.caseworker, revision=job.revision)
        return job

    def test_waits_on_the_school_and_not_on_the_job_centre(self, team, asked):
        [row] = JobProfile.objects.waiting_on(team.school)
        assert row.what.startswith("Read the job profile for")
        assert JobProfile.objects.waiting_on(team.caseworker) == []

    def test_is_approved_and_says_with_whom(self, team, asked, sign_in):
        school, url = sign_in(team.school), url_of(asked, "handover:job_answer")
        together = reverse("youths:together", args=[team.youth.pk])
        assert school.get(url).url == together
        assert school.post(together, {"pen": "youth"}).status_code == 302
        assert url in page_of(school, reverse("handover:mine", args=[team.youth.pk]))
        page = page_of(school, url)
        assert FIRST in page
        assert "You sit together" in page
        assert school.post(url, {"act": "yes", "revision": asked.revision}).status_code == 302
        asked.refresh_from_db()
        assert (asked.approved.how, asked.approved.together_with) == (
            "together",
            team.school.name,
        )
        assert (asked.status, asked.sitting.led_by) == ("approved", team.school)
        assert f"Together with {team.school.name}." in page_of(
            sign_in(team.caseworker), url_of(asked)
        )
        assert FIRST in page_of(
            sign_in(team.employer), reverse("placement", args=[team.placement.pk])
        )
        assert school.post(url, {"act": "take_back"}).status_code == 302
        assert asked.approved is None

    def test_not_once_the_time_together_is_over(self, team, asked, sign_in):
        school, url = sign_in(team.school), url_of(asked, "handover:job_answer")
        sitting = Sitting.start(by=team.school, youth=team.youth, pen="staff")
        sitting.end(by=team.school)
        said = {"act": "no", "revision": asked.revision, "comment": "Ikke sådan"}
        response = school.post(url, said)
        assert response.status_code == 409
        assert "Ikke sådan" in response.content.decode()
        asked.refresh_from_db()
        assert asked.status == "asked"

    def test_never_by_the_job_centre_nor_with_another_young_person(self, team, asked, sign_in):
        url, said = url_of(asked, "handover:job_answer"), {"act": "yes", "revision": 2}
        Sitting.start(by=team.caseworker, youth=team.youth, pen="staff")
        assert sign_in(team.caseworker).post(url, said).status_code == 403
        Sitting.start(by=team.school, youth=YouthFactory(), pen="staff")
        assert sign_in(team.school).post(url, said).status_code == 409
        assert asked.approved is None


def test_what_the_job_centre_puts_in_is_in_use(team, sign_in):
    """The competence and the sentence's support need stand behind the placement from then on."""
    profile = HandoverProfileFactory(youth=team.youth)
    need, skill = (
        PartFactory(profile=profile, section=section, written_by=team.school, label=label)
        for section, label in (("support", "Ro"), ("competences", "Køkken"))
    )
    PartFactory(profile=profile, section="direction", written_by=team.school)
    profile.send(by=team.school)
    sentence = Accommodation.add(
        by=team.school, youth=team.youth, part=need, text="Én opgave ad gangen."
    )
    placement = PlacementFactory(youth=team.youth)
    this = JobProfile.begin(by=team.caseworker, youth=team.youth, placement=placement)
    sent = SentPart.objects.get(part=skill)
    body = {"act": "pick", "revision": 1, "can": "", "works": "", "picked": [sent.pk, sentence.pk]}
    url = reverse("handover:job", args=[this.pk])

    sign_in(team.school).post(url, body | {"picked": [skill.pk, sentence.pk]})
    assert not PartUse.objects.exists()  # the school knows it anyway

    this.write(by=team.school, revision=2, can="", works="")
    assert sign_in(team.caseworker).post(url, body | {"revision": 3}).status_code == 302
    used = PartUse.objects.filter(placement=placement)
    assert {use.sent_part.part for use in used} == {need, skill}
