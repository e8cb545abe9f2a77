"""Writing, sending, reading and answering over the web: who may, bad input, two at once."""

import uuid

import pytest
from django.urls import reverse

from handover.access import SECTIONS
from handover.models import HandoverProfile, Part, PartAnswer
from tests.factories import HandoverProfileFactory, PartFactory, YouthFactory, member
from tests.handover.test_profiles import complete, sent, standing
from youths.models import AccessEvent, Consent

pytestmark = pytest.mark.django_db

BAD_TEXTS = {
    "too long": "x" * 100_000,
    "null": "a\x00b",
}
ODD_TEXTS = {
    "emoji": "👩‍🍳 klarer 🍲",
    "html": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://x")',
    "danish": "Æblegrød på øen, Ålborg",
}


def url(name, *args):
    return reverse(f"handover:{name}", args=args)


def page(response):
    return response.content.decode()


def fields(part, **changed):
    names = ("label", "level", "text", "evidence", "works", "source", "revision")
    return {name: getattr(part, name) for name in names} | changed


@pytest.fixture
def school(team, sign_in):
    return sign_in(team.school)


@pytest.fixture
def caseworker(team, sign_in):
    return sign_in(team.caseworker)


@pytest.fixture
def part(team):
    """A support part that is being written."""
    profile = HandoverProfileFactory(youth=team.youth)
    return PartFactory(profile=profile, section="support", label="Pauser", written_by=team.school)


class TestWho:
    """The school writes, the caseworker and the youth read, nobody else knows it exists."""

    @pytest.mark.parametrize("name", ["write", "send"])
    def test_opens_the_page_of_the_writer(self, team, sign_in, name):
        complete(team)
        statuses = {
            role: sign_in(person).get(url(name, team.youth.pk)).status_code
            for role, person in team.people().items()
        }
        assert statuses == {
            "school": 200,
            "caseworker": 403,
            "young": 403,
            "employer": 404,
            "lead": 404,
            "evaluator": 404,
        }

    @pytest.mark.parametrize("name", ["part", "remove"])
    def test_opens_the_page_of_a_part(self, team, other_team, sign_in, part, name):
        statuses = {
            role: sign_in(person).get(url(name, part.pk)).status_code
            for role, person in team.people().items()
        }
        assert [role for role, status in statuses.items() if status == 200] == ["school"]
        assert {statuses["caseworker"], statuses["young"]} == {403}
        assert sign_in(other_team.school).get(url(name, part.pk)).status_code == 404

    def test_a_reader_changes_nothing(self, team, sign_in, part):
        for person in (team.caseworker, team.young, team.employer):
            client = sign_in(person)
            client.post(url("part", part.pk), fields(part, text="Ændret"))
            client.post(url("remove", part.pk), {"revision": 1})
            client.post(url("add", team.youth.pk), {"heading": "need"})
            client.post(url("send", team.youth.pk))
        part.refresh_from_db()
        assert (part.text, part.revision, Part.objects.count()) == ("Set i køkkenet.", 1, 1)
        assert HandoverProfile.objects.get().version == 0

    def test_answers_only_the_own_municipality(self, team, other_team, sign_in):
        sent_part = standing(sent(team))
        outsider = sign_in(other_team.caseworker)
        data = {"kind": "understood"}
        assert outsider.post(url("answer", sent_part.pk), data).status_code == 404
        for person in (team.school, team.young):
            assert sign_in(person).post(url("answer", sent_part.pk), data).status_code == 403
        assert not PartAnswer.objects.exists()

    def test_replies_only_the_own_school(self, team, other_team, sign_in):
        question = standing(sent(team)).answer(by=team.caseworker, kind="question", text="?")
        for person, status in (
            (other_team.school, 404),
            (team.caseworker, 403),
            (team.young, 403),
            (team.employer, 404),
        ):
            response = sign_in(person).post(url("reply", question.pk), {"text": "Ja"})
            assert response.status_code == status
        question.refresh_from_db()
        assert question.reply == ""

    def test_who_has_left_the_team_sees_nothing_on_the_next_request(self, team, school):
        complete(team)
        assert school.get(url("write", team.youth.pk)).status_code == 200
        team.school.memberships.get().delete()
        assert school.get(url("write", team.youth.pk)).status_code == 404

    @pytest.mark.parametrize("name", ["part", "remove", "answer"])
    def test_an_id_of_nothing_is_not_found(self, school, name):
        assert school.get(url(name, uuid.uuid4())).status_code == 404

    def test_an_answer_that_is_none_is_not_found(self, school):
        assert school.post(url("reply", uuid.uuid4()), {"text": "Ja"}).status_code == 404

    def test_reading_is_written_in_the_read_log(self, team, school, caseworker):
        sent(team, "health")
        school.get(url("write", team.youth.pk))
        caseworker.get(url("received", team.youth.pk))
        caseworker.get(url("write", team.youth.pk))
        refused, read, wrote = AccessEvent.objects.all()
        assert wrote.sections == "identity,direction"
        assert read.sections == "identity,direction,competences,support"
        assert (refused.channel, refused.user_id) == ("refused", team.caseworker.pk)


class TestWrite:
    def test_of_a_youth_without_a_profile_says_what_is_missing_and_writes_nothing(
        self, team, school
    ):
        response = school.get(url("write", team.youth.pk))
        assert "The course is planned from what the young person wants." in page(response)
        assert not HandoverProfile.objects.exists()

    def test_links_what_is_missing_to_its_field(self, team, school, part):
        part.works = ""
        part.save()
        html = page(school.get(url("write", team.youth.pk), {"section": "support"}))
        assert f'{url("part", part.pk)}#div_id_works"' in html
        assert "Missing: what works" in html

    def test_opens_the_first_section_that_lacks_something(self, team, school):
        profile = complete(team)
        profile.parts.filter(section="support").update(works="")
        response = school.get(url("write", team.youth.pk))
        assert response.context["chapter"].section == "support"

    @pytest.mark.parametrize("section", ["", "nonsense", "identity", "x" * 5000, "\x00"])
    def test_with_a_section_that_is_none_opens_one_that_is(self, team, school, section):
        response = school.get(url("write", team.youth.pk), {"section": section})
        assert response.context["chapter"].section == "direction"

    def test_send_is_switched_off_with_its_reason(self, team, school):
        assert 'aria-disabled="true" aria-describedby="why"' in page(
            school.get(url("write", team.youth.pk))
        )
        complete(team)
        assert f'href="{url("send", team.youth.pk)}"' in page(
            school.get(url("write", team.youth.pk))
        )

    @pytest.mark.parametrize("parts", [1, 3])
    def test_asks_as_often_for_three_parts_as_for_one(
        self, team, sign_in, django_assert_num_queries, parts
    ):
        profile = sent(team)
        for _ in range(parts - 1):
            PartFactory(profile=profile, section="support", written_by=team.school)
        standing(profile).answer(by=team.caseworker, kind="question", text="?")
        client = sign_in(team.school)
        client.get(url("write", team.youth.pk))
        with django_assert_num_queries(19):
            client.get(url("write", team.youth.pk), {"section": "support"})

    def test_of_fifty_parts_and_200_kb_stays_below_forty_queries(
        self, team, school, django_assert_max_num_queries
    ):
        profile = complete(team)
        long = {"text": "t" * 2000, "works": "w" * 1000, "evidence": "e" * 1000}
        for n in range(50):
            PartFactory(profile=profile, section=SECTIONS[n % 5], written_by=team.school, **long)
        part = profile.parts.last()
        said = fields(part, text="Ny")
        for ask in (
            lambda: school.get(url("write", team.youth.pk)),
            lambda: school.get(url("part", part.pk)),
            lambda: school.post(url("part", part.pk), said, headers={"X-Autosave": "1"}),
            lambda: school.post(url("move", part.pk), {"way": "up"}, follow=True),
            lambda: school.get(url("send", team.youth.pk)),
        ):
            with django_assert_max_num_queries(39):
                assert ask().status_code == 200


class TestAdd:
    def test_begins_the_profile_and_leads_to_the_part(self, team, school):
        response = school.post(url("add", team.youth.pk), {"heading": "need"})
        part = Part.objects.get()
        assert response.url == url("part", part.pk)
        assert (part.section, part.written_by) == ("support", team.school)

    def test_pressed_twice_adds_one(self, team, school):
        for _ in range(2):
            school.post(url("add", team.youth.pk), {"heading": "need"})
        assert Part.objects.count() == 1

    @pytest.mark.parametrize("section", ["", "identity", "nonsense", "\x00"])
    def test_in_no_section_is_not_found(self, team, school, section):
        response = school.post(url("add", team.youth.pk), {"heading": section})
        assert response.status_code == 404
        assert not Part.objects.exists()


class TestPart:
    def test_is_saved_and_leads_back_to_its_place(self, team, school, part):
        response = school.post(url("part", part.pk), fields(part, text="Nyt"))
        assert response.url == (f"{url('write', team.youth.pk)}?section=support#part-{part.pk}")
        part.refresh_from_db()
        assert (part.text, part.revision) == ("Nyt", 2)

    def test_may_be_saved_with_everything_empty(self, school, part):
        empty = fields(part, label="", level="", text="", works="", evidence="", source="")
        assert school.post(url("part", part.pk), empty).status_code == 302
        part.refresh_from_db()
        assert (part.text, part.source) == ("", "school")

    def test_saves_itself_and_says_when_and_from_where_to_go_on(self, school, part):
        response = school.post(
            url("part", part.pk), fields(part, text="Nyt"), headers={"X-Autosave": "true"}
        )
        saved = response.json()
        assert saved["fields"] == {"revision": 2}
        assert len(saved["time"]) == 5

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    def test_keeps_any_text_and_shows_it_as_text(self, school, part, text):
        assert school.post(url("part", part.pk), fields(part, text=text)).status_code == 302
        part.refresh_from_db()
        assert part.text == text
        assert "<script>alert" not in page(school.get(url("part", part.pk)))

    def test_counts_a_line_break_as_one_character(self, school, part):
        text = "\r\n".join(["a" * 39] * 100)  # 4 099 characters as browsers send it
        assert school.post(url("part", part.pk), fields(part, text=text)).status_code == 302

    @pytest.mark.parametrize("name", ["label", "text", "works", "evidence"])
    @pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
    def test_that_cannot_be_saved_comes_back_with_a_reason(self, school, part, name, text):
        response = school.post(url("part", part.pk), fields(part, **{name: text}))
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [name]
        assert response.context["form"][name].value() == text
        by_itself = school.post(
            url("part", part.pk), fields(part, **{name: text}), headers={"X-Autosave": "true"}
        )
        assert by_itself.status_code == 422
        part.refresh_from_db()
        assert part.revision == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"level": "9"},
            {"level": "\x00"},
            {"source": "nobody"},
            {"revision": ""},
            {"revision": "one"},
            {"revision": "\x00"},
        ],
    )
    def test_with_a_wrong_value_is_refused(self, school, part, wrong):
        response = school.post(url("part", part.pk), fields(part, **wrong))
        assert response.status_code == 422
        part.refresh_from_db()
        assert part.revision == 1

    @pytest.mark.parametrize("revision", [-1, 10**40])
    def test_from_a_revision_that_never_was_is_a_conflict(self, school, part, revision):
        response = school.post(url("part", part.pk), fields(part, text="Mit", revision=revision))
        assert response.status_code == 409

    def test_has_a_level_only_where_it_means_something(self, team, school):
        part = PartFactory(profile__youth=team.youth, section="network", level="")
        assert "level" not in school.get(url("part", part.pk)).context["form"].fields
        school.post(url("part", part.pk), fields(part, level="3"))
        part.refresh_from_db()
        assert part.level == ""

    @pytest.mark.parametrize(
        ("section", "consent", "words"),
        [
            ("support", False, "once the handover is sent"),
            ("health", False, "only when"),
            ("health", True, "has said yes"),
        ],
    )
    def test_says_who_will_see_it(self, team, school, section, consent, words):
        part = PartFactory(profile__youth=team.youth, section=section)
        if consent:
            Consent.give(by=team.young, youth=team.youth, section="health")
        html = page(school.get(url("part", part.pk)))
        line = html[html.index("vv-audience") :]
        assert words in line
        assert "companies and the project leadership" in line

    def test_once_removed_is_not_found(self, team, school):
        profile = sent(team, "network")
        part = profile.parts.get(section="network")
        part.remove(by=team.school, revision=1)
        assert school.get(url("part", part.pk)).status_code == 404

    @pytest.mark.parametrize("parts", [1, 3])
    def test_asks_as_often_among_three_as_alone(
        self, team, sign_in, part, django_assert_num_queries, parts
    ):
        for _ in range(parts - 1):
            PartFactory(profile=part.profile, section="support", written_by=team.school)
        client = sign_in(team.school)
        client.get(url("part", part.pk))
        with django_assert_num_queries(21):
            client.get(url("part", part.pk))


class TestConflict:
    @pytest.fixture
    def theirs(self, team, part):
        """Somebody else has saved since this person began."""
        colleague = member(team.partnership, "school", user__name="Ida Holm")
        Part.objects.get(pk=part.pk).write(
            by=colleague, revision=1, text="Deres tekst", label="Deres navn"
        )
        return Part.objects.get(pk=part.pk)

    def test_shows_both_texts_and_saves_neither(self, school, part, theirs):
        response = school.post(url("part", part.pk), fields(part, text="Min tekst"))
        assert response.status_code == 409
        html = page(response)
        assert "Min tekst" in html
        assert "Deres tekst" in html
        assert "Ida Holm" in html
        assert [row["name"] for row in response.context["differences"]] == ["label", "text"]
        assert Part.objects.get(pk=part.pk).text == "Deres tekst"

    def test_while_saving_itself_says_so(self, school, part, theirs):
        response = school.post(
            url("part", part.pk), fields(part, text="Mit"), headers={"X-Autosave": "true"}
        )
        assert (response.status_code, response.json()) == (409, {})

    def test_goes_on_from_what_was_saved_meanwhile(self, school, part, theirs):
        form = school.post(url("part", part.pk), fields(part, text="Mit")).context["form"]
        assert int(form["revision"].value()) == theirs.revision
        assert 'data-save=""' in page(school.post(url("part", part.pk), fields(part, text="Mit")))

    def test_is_settled_field_by_field(self, school, part, theirs):
        chosen = fields(part, text="Min tekst", label="Mit navn", revision=theirs.revision)
        chosen |= {"keep_text": "mine", "keep_label": "theirs"}
        assert school.post(url("part", part.pk), chosen).status_code == 302
        part.refresh_from_db()
        assert (part.text, part.label) == ("Min tekst", "Deres navn")

    def test_again_while_it_is_settled_is_a_conflict_again(self, team, school, part, theirs):
        chosen = fields(part, text="Min tekst", revision=theirs.revision) | {"keep_text": "theirs"}
        theirs.write(by=team.school, revision=theirs.revision, text="Et tredje ord")
        response = school.post(url("part", part.pk), chosen)
        assert response.status_code == 409
        html = page(response)
        assert "Min tekst" in html
        assert "Et tredje ord" in html

    def test_is_none_when_both_wrote_the_same(self, school, part, theirs):
        same = fields(part, text=theirs.text, label=theirs.label)
        assert school.post(url("part", part.pk), same).status_code == 302

    def test_with_something_deleted_meanwhile_is_not_found(self, school, part, theirs):
        theirs.remove(by=theirs.written_by, revision=theirs.revision)
        assert school.post(url("part", part.pk), fields(part)).status_code == 404


def test_an_ended_sign_in_saves_nothing_and_gives_the_text_back(client, part):
    """The save bar takes 401 for what it is; a form sent without a script gets its text back."""
    response = client.post(url("part", part.pk), fields(part, text="Nyt & æ"))
    assert response.status_code == 401
    assert "Nyt &amp; æ" in response.content.decode()
    assert f"{reverse('account_login')}?next={url('part', part.pk)}" in response.content.decode()
    part.refresh_from_db()
    assert part.text != "Nyt & æ"


class TestRemove:
    def test_asks_first(self, school, part):
        response = school.get(url("remove", part.pk))
        assert "deleted for good" in page(response)
        assert Part.objects.filter(pk=part.pk).exists()

    def test_takes_it_away(self, team, school, part):
        response = school.post(url("remove", part.pk), {"revision": part.revision})
        assert response.url == f"{url('write', team.youth.pk)}?section=support"
        assert not Part.objects.exists()
        again = school.post(url("remove", part.pk), {"revision": part.revision})
        assert again.status_code == 404

    @pytest.mark.parametrize("revision", ["", "0", "one", "\x00", "9" * 40, "²"])
    def test_of_a_text_that_was_not_the_one_shown_is_refused(self, school, part, revision):
        response = school.post(url("remove", part.pk), {"revision": revision})
        assert response.status_code == 409
        assert Part.objects.filter(pk=part.pk).exists()

    def test_of_what_was_sent_says_what_stays(self, team, school):
        part = sent(team).parts.get(section="support")
        assert "until you send the next version" in page(school.get(url("remove", part.pk)))


class TestSend:
    def test_asks_first_and_says_to_whom_and_what_is_held_back(self, team, school):
        complete(team, "health")
        html = page(school.get(url("send", team.youth.pk)))
        assert team.caseworker.name in html
        assert "Social and mental conditions (1)" in html
        assert "has not said yes to sharing it" in html
        assert HandoverProfile.objects.get().version == 0

    def test_holds_nothing_back_that_has_its_yes(self, team, school):
        complete(team, "health")
        Consent.give(by=team.young, youth=team.youth, section="health")
        assert school.get(url("send", team.youth.pk)).context["held_back"] == []

    def test_sends_and_goes_to_the_case(self, team, school):
        form = {"version": "0", "shown": complete(team).fingerprint()}
        response = school.post(url("send", team.youth.pk), form)
        assert response.url == reverse("case", args=[team.youth.pk])
        assert HandoverProfile.objects.get().version == 1

    def test_pressed_twice_sends_once(self, team, school):
        form = {"version": "0", "shown": complete(team).fingerprint()}
        for _ in range(2):
            assert school.post(url("send", team.youth.pk), form).status_code == 302
        assert HandoverProfile.objects.get().version == 1

    def test_of_what_is_not_complete_says_what_is_missing(self, team, school):
        complete(team).parts.filter(section="support").update(works="")
        response = school.post(url("send", team.youth.pk))
        assert response.status_code == 422
        assert "what works" in page(response)
        assert HandoverProfile.objects.get().version == 0

    def test_of_nothing_new_says_so(self, team, school):
        sent(team)
        response = school.post(url("send", team.youth.pk), {"version": "1"})
        assert response.status_code == 422
        assert "Nothing has changed since it was sent last." in page(response)

    def test_before_anything_is_written_is_not_found(self, team, school):
        assert school.get(url("send", team.youth.pk)).status_code == 404

    def test_of_a_new_version_names_what_changed_and_what_is_left_out(self, team, school):
        profile = sent(team, "network")
        changed, gone = profile.parts.get(section="support"), profile.parts.get(section="network")
        changed.write(by=team.school, revision=1, works="Andet")
        gone.remove(by=team.school, revision=1)
        context = school.get(url("send", team.youth.pk)).context
        assert (context["changed"], [s.part for s in context["gone"]]) == ([changed], [gone])


class TestReceived:
    def test_before_it_is_sent_says_who_is_writing(self, team, caseworker):
        complete(team)
        html = page(caseworker.get(url("received", team.youth.pk)))
        assert f"{team.partnership.school} is writing the handover." in html
        assert "Set i køkkenet." not in html

    @pytest.mark.parametrize("role", ["school", "young"])
    def test_before_it_is_sent_is_friendly_to_those_who_write_it(self, team, sign_in, role):
        html = page(sign_in(getattr(team, role)).get(url("received", team.youth.pk)))
        assert "Nothing has been sent yet" in html

    def test_shows_the_text_that_was_sent_and_not_the_one_being_written(self, team, caseworker):
        part = sent(team).parts.get(section="support")
        part.write(by=team.school, revision=1, text="Kun en kladde")
        html = page(caseworker.get(url("received", team.youth.pk)))
        assert "Set i køkkenet." in html
        assert "Kun en kladde" not in html

    def test_names_what_is_held_back_by_section_only(self, team, caseworker):
        profile = complete(team)
        PartFactory(profile=profile, section="health", label="Angst i grupper", text="Hemmeligt")
        profile.send(by=team.school)
        html = page(caseworker.get(url("received", team.youth.pk)))
        assert "1 part is written, but not shared with you." in html
        assert "Angst" not in html
        assert "Hemmeligt" not in html
        Consent.give(by=team.young, youth=team.youth, section="health")
        assert "Angst i grupper" in page(caseworker.get(url("received", team.youth.pk)))

    def test_tells_its_writer_and_owner_what_the_municipality_does_not_see(self, team, sign_in):
        profile = complete(team)
        PartFactory(profile=profile, section="health", label="Angst i grupper")
        profile.send(by=team.school)
        for person in (team.school, team.young):
            html = page(sign_in(person).get(url("received", team.youth.pk)))
            assert "Angst i grupper" in html
            assert "does not see this section" in html

    def test_opens_one_answer_form_for_the_caseworker_and_none_for_others(self, team, sign_in):
        sent(team)
        forms = {
            role: page(sign_in(getattr(team, role)).get(url("received", team.youth.pk))).count(
                'name="kind"'
            )
            for role in ("caseworker", "school", "young")
        }
        assert forms == {"caseworker": 7, "school": 0, "young": 0}  # three choices, and four

    def test_opens_the_part_that_is_asked_for(self, team, caseworker):
        part = standing(sent(team))
        response = caseworker.get(url("received", team.youth.pk), {"part": part.pk})
        assert response.context["open_part"] == part

    @pytest.mark.parametrize("wanted", ["", "x", "\x00", "0" * 32])
    def test_opens_the_first_that_waits_when_asked_for_nonsense(self, team, caseworker, wanted):
        profile = sent(team)
        standing(profile, "direction").answer(by=team.caseworker, kind="understood")
        response = caseworker.get(url("received", team.youth.pk), {"part": wanted})
        assert response.context["open_part"] == standing(profile, "competences")

    def test_of_fifty_parts_stays_below_forty_queries(
        self, team, sign_in, django_assert_max_num_queries
    ):
        profile = complete(team)
        for _ in range(50):
            PartFactory(profile=profile, section="support", written_by=team.school)
        profile.send(by=team.school)
        for part in profile.sent_parts.all()[:25]:
            part.answer(by=team.caseworker, kind="question", text="?").give_reply(
                by=team.school, text="Ja."
            )
        for person in (team.caseworker, team.school, team.young):
            client = sign_in(person)
            with django_assert_max_num_queries(39):
                assert client.get(url("received", team.youth.pk)).status_code == 200

    @pytest.mark.parametrize("parts", [1, 3])
    def test_asks_as_often_for_three_parts_as_for_one(
        self, team, sign_in, django_assert_num_queries, parts
    ):
        profile = complete(team)
        for _ in range(parts - 1):
            PartFactory(profile=profile, section="support", written_by=team.school)
        profile.send(by=team.school)
        for part in profile.sent_parts.filter(section="support"):
            part.answer(by=team.caseworker, kind="question", text="?")
        client = sign_in(team.caseworker)
        client.get(url("received", team.youth.pk))
        with django_assert_num_queries(25):
            client.get(url("received", team.youth.pk))


class TestAnswer:
    def test_is_stored_and_leads_to_the_next_that_waits(self, team, caseworker):
        profile = sent(team)
        part, following = standing(profile, "competences"), standing(profile, "support")
        response = caseworker.post(url("answer", part.pk), {"kind": "understood"})
        assert response.url == (
            f"{url('received', team.youth.pk)}?part={following.pk}#part-{following.pk}"
        )
        assert part.answers.get().answered_by == team.caseworker

    def test_of_the_last_that_waits_leads_to_the_whole(self, team, caseworker):
        profile = sent(team)
        for part in profile.sent_parts.all():
            response = caseworker.post(url("answer", part.pk), {"kind": "understood"})
        assert response.url == url("received", team.youth.pk)

    def test_sent_twice_is_stored_once(self, team, caseworker):
        part = standing(sent(team))
        for _ in range(2):
            data = {"kind": "question", "text": "Hvornår?"}
            assert caseworker.post(url("answer", part.pk), data).status_code == 302
        assert PartAnswer.objects.count() == 1

    @pytest.mark.parametrize(
        ("data", "wrong"),
        [
            ({}, "kind"),
            ({"kind": "maybe"}, "kind"),
            ({"kind": "question", "text": ""}, "text"),
            ({"kind": "cannot_use", "text": " \n"}, "text"),
            ({"kind": "question", "text": "x" * 100_000}, "text"),
            ({"kind": "question", "text": "a\x00b"}, "text"),
        ],
    )
    def test_that_is_not_one_keeps_what_was_typed_at_its_part(self, team, caseworker, data, wrong):
        part = standing(sent(team))
        response = caseworker.post(url("answer", part.pk), data)
        assert response.status_code == 422
        assert response.context["open_part"] == part
        form = response.context["open_part"].form
        assert list(form.errors) == [wrong]
        assert form["text"].value() == data.get("text")
        assert f'href="#part-{part.pk}"' in page(response)
        assert not PartAnswer.objects.exists()

    def test_to_a_part_that_was_replaced_keeps_the_text_at_the_new_one(self, team, caseworker):
        profile = sent(team)
        old = standing(profile)
        profile.parts.get(section="support").write(by=team.school, revision=1, works="Andet")
        profile.send(by=team.school)
        response = caseworker.post(url("answer", old.pk), {"kind": "question", "text": "Hvornår?"})
        assert response.status_code == 409
        assert response.context["open_part"] == standing(profile)
        html = page(response)
        assert "The school has sent a newer version of this part. Read it." in html
        assert "Hvornår?" in html
        assert f'action="{url("answer", standing(profile).pk)}"' in html

    def test_to_a_part_that_was_taken_away_keeps_the_text_on_the_page(self, team, caseworker):
        profile = sent(team, "network")
        old = standing(profile, "network")
        profile.parts.get(section="network").remove(by=team.school, revision=1)
        profile.send(by=team.school)
        response = caseworker.post(url("answer", old.pk), {"kind": "question", "text": "Hvornår?"})
        assert response.status_code == 409
        assert "Hvornår?" in page(response)

    def test_to_what_is_held_back_is_not_found(self, team, caseworker):
        part = standing(sent(team, "health"), "health")
        response = caseworker.post(url("answer", part.pk), {"kind": "understood"})
        assert response.status_code == 404
        assert not PartAnswer.objects.exists()

    def test_read_by_its_address_leads_to_the_part(self, team, caseworker):
        part = standing(sent(team))
        response = caseworker.get(url("answer", part.pk))
        assert response.url.endswith(f"#part-{part.pk}")


class TestReply:
    @pytest.fixture
    def question(self, team):
        return standing(sent(team)).answer(
            by=team.caseworker, kind="question", text="Også til frokost?"
        )

    def test_stands_where_the_school_writes(self, team, school, question):
        html = page(school.get(url("write", team.youth.pk), {"section": "support"}))
        assert "Også til frokost?" in html
        assert f'action="{url("reply", question.pk)}"' in html

    def test_is_read_by_who_asked(self, team, school, caseworker, question):
        response = school.post(url("reply", question.pk), {"text": "Nej, kun om morgenen."})
        assert response.status_code == 302
        html = page(caseworker.get(url("received", team.youth.pk)))
        assert "Nej, kun om morgenen." in html

    @pytest.mark.parametrize("text", ["", "  \n", "x" * 100_000, "a\x00b"])
    def test_that_is_none_keeps_what_was_typed(self, school, question, text):
        response = school.post(url("reply", question.pk), {"text": text})
        assert response.status_code == 422
        (entry,) = response.context["chapter"].parts[0].thread
        assert entry.form["text"].value() == text
        assert entry.form.errors
        assert f'href="#answer-{question.pk}"' in page(response)

    def test_twice_is_one(self, school, question):
        for _ in range(2):
            assert school.post(url("reply", question.pk), {"text": "Ja."}).status_code == 302

    def test_after_a_colleagues_keeps_both(self, team, school, question):
        colleague = member(team.partnership, "school")
        question.give_reply(by=colleague, text="Kollegaens svar")
        response = school.post(url("reply", question.pk), {"text": "Mit svar"})
        assert response.status_code == 409
        html = page(response)
        assert "Kollegaens svar" in html
        assert "Mit svar" in html

    def test_to_an_answer_of_another_youth_of_the_team_stays_there(self, team, school, question):
        other = YouthFactory(partnership=team.partnership)
        html = page(school.get(url("write", other.pk), {"section": "support"}))
        assert "Også til frokost?" not in html
