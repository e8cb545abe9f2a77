"""Through their eyes: the real page of somebody else, no more than that, and nothing to press."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from handover.access import SECTIONS
from partnerships.access import Role, Section, codenames_on, partnership_ids, stand_in
from partnerships.models import Membership, Narrowing
from tests.factories import (
    HandoverProfileFactory,
    IndicatorFactory,
    PartFactory,
    PlacementFactory,
    RatingFactory,
    RatingRoundFactory,
    Team,
    YouthFactory,
    days,
    member,
)
from vivirkr.inert import inert
from youths.models import AccessEvent, Channel, Consent, OwnWords

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SECRET = "KANARIE-{}"


class Case(Team):
    """A case with everything that a page shows; the handover is written, and not sent."""

    def __init__(self):
        super().__init__()
        self.profile = HandoverProfileFactory(youth=self.youth)
        for section in ("direction", "competences", "support", "health", "network"):
            PartFactory(
                profile=self.profile,
                section=section,
                text=SECRET.format(section),
                written_by=self.school,
            )
        OwnWords.objects.create(
            youth=self.youth, text="»Jeg & <b>de</b>«", how="said", taken_down_by=self.school
        )
        now = RatingRoundFactory(programme=self.programme)
        for code in ("direction", "belief"):
            RatingFactory(
                youth=self.youth, round=now, indicator=IndicatorFactory(code=code), small_step="Ja"
            )

    def send(self):
        self.profile.send(by=self.school)

    def say_yes(self):
        return Consent.give(by=self.young, youth=self.youth, section=Section.HEALTH)

    def address(self, whose, of="case", **query):
        url = reverse("eyes", args=[self.youth.pk, whose])
        return f"{url}?page={of}" + "".join(f"&{name}={it}" for name, it in query.items())

    def real(self, whose, of):
        if whose == "employer" or of == "placement":
            return reverse("placement", args=[self.placement.pk])
        return reverse("case" if of == "case" else "handover:received", args=[self.youth.pk])


@pytest.fixture
def case(db):
    return Case()


def text(response) -> str:
    return response.content.decode()


def in_frame(html) -> str:
    """What stands in the frame of a preview; empty where there is none."""
    found = re.search(r'<div class="vv-frame">(.*)</div>\s*</div>\s*<aside', html, re.S)
    return found[1] if found else ""


def plain(html) -> str:
    """Without what differs by who looks: the menu of others' eyes, "(you)" and the random ids."""
    html = re.sub(r'<div class="vv-eyes">.*?</details>\s*</div>', "", html, flags=re.S)
    html = html.replace(" (you)", "")
    return re.sub(r"\s+", " ", html).strip()


SITUATIONS = {
    "draft": (),
    "sent without consent": ("send",),
    "sent with consent": ("send", "say_yes"),
}


class TestTheSamePage:
    @pytest.mark.parametrize("situation", SITUATIONS)
    @pytest.mark.parametrize("of", ["case", "handover", "placement"])
    @pytest.mark.parametrize("whose", ["young", "school", "caseworker", "employer"])
    def test_is_what_the_real_person_gets(self, case, sign_in, situation, whose, of):
        for step in SITUATIONS[situation]:
            getattr(case, step)()
        theirs = sign_in(getattr(case, whose)).get(case.real(whose, of))
        assert theirs.status_code == 200
        seen = text(sign_in(case.school).get(case.address(whose, of)))
        assert plain(in_frame(seen)) == plain(inert(text(theirs)))
        assert case.youth.first_name in in_frame(seen)

    def test_is_the_leaderships_list_of_this_partnership(self, case, sign_in):
        url = reverse("evaluation:youths", args=[case.programme.pk])
        theirs = sign_in(case.lead).get(url, {"partnership": case.partnership.pk})
        seen = text(sign_in(case.school).get(case.address("lead")))
        assert plain(in_frame(seen)) == plain(inert(text(theirs)))

    def test_needs_nobody_of_that_side(self, case, sign_in):
        Membership.objects.filter(role__in=("caseworker", "employer", "lead")).update(
            ends_on=days(-1)
        )
        school = sign_in(case.school)
        for whose in ("caseworker", "employer", "lead"):
            assert in_frame(text(school.get(case.address(whose))))
        case.youth.account = None
        case.youth.save()
        seen = text(school.get(case.address("young")))
        assert in_frame(seen)
        assert "who has no sign-in yet" in seen

    def test_is_of_the_placement_that_is_asked_for(self, case, sign_in):
        other = PlacementFactory(youth=case.youth, contact=case.caseworker)
        elsewhere = PlacementFactory()
        school = sign_in(case.school)
        for placement in (case.placement, other):
            address = case.address("employer", "placement", placement=placement.pk)
            assert f"at {placement.employer}" in in_frame(text(school.get(address)))
        for wrong in (elsewhere.pk, "x"):
            address = case.address("employer", "placement", placement=wrong)
            assert school.get(address).status_code == 404


class TestNoMoreThanThey:
    def test_a_draft_is_seen_by_nobody_else(self, case, sign_in):
        school = sign_in(case.school)
        for whose in ("young", "caseworker", "employer", "lead"):
            for of in ("case", "handover", "placement"):
                assert "KANARIE" not in text(school.get(case.address(whose, of)))

    def test_a_section_without_a_yes_is_not_in_the_answer(self, case, sign_in):
        case.send()
        school = sign_in(case.school)
        for whose in ("caseworker", "employer", "lead"):
            for of in ("case", "handover", "placement"):
                assert SECRET.format("health") not in text(school.get(case.address(whose, of)))
        assert SECRET.format("support") in text(school.get(case.address("caseworker", "handover")))

    def test_a_withdrawn_yes_acts_at_once(self, case, sign_in):
        case.send()
        consent = case.say_yes()
        school, address = sign_in(case.school), case.address("caseworker", "handover")
        assert SECRET.format("health") in text(school.get(address))
        consent.withdraw(by=case.young)
        assert SECRET.format("health") not in text(school.get(address))

    def test_what_the_agreement_takes_away_is_gone(self, case, sign_in):
        case.send()
        Narrowing.objects.create(
            partnership=case.partnership, role="caseworker", section="network", reason="Aftalt."
        )
        seen = text(sign_in(case.school).get(case.address("caseworker", "handover")))
        assert SECRET.format("network") not in seen
        assert SECRET.format("support") in seen
        assert "Taken away by the agreement: Aftalt." in seen

    def test_a_company_sees_nothing_of_a_placement_that_ended(self, case, sign_in):
        case.placement.end(by=case.caseworker)
        response = sign_in(case.school).get(case.address("employer", "placement"))
        assert response.status_code == 200
        assert in_frame(text(response)) == ""
        assert "does not run today" in text(response)
        assert "Lave dressing" not in text(response)

    def test_a_company_without_a_placement_sees_nothing(self, case, sign_in):
        case.placement.delete()
        response = sign_in(case.school).get(case.address("employer"))
        assert response.status_code == 200
        assert "There is no placement." in text(response)

    def test_holds_nothing_on_another_partnership(self, case, other_team):
        other_team.partnership.programme = case.programme
        other_team.partnership.save()
        lead = stand_in(case.school, [case.partnership], list(case.lead.memberships.all()))
        assert partnership_ids(lead, "view_code") == [case.partnership.pk]
        assert codenames_on(lead, other_team.partnership.pk) == set()

    def test_the_leaderships_other_youths_are_not_in_it(self, case, sign_in):
        other = YouthFactory(partnership__programme=case.programme, partnership__signed=True)
        school = sign_in(case.school)
        assert other.code not in text(school.get(case.address("lead")))


class TestNoMoreThanOneself:
    """Nobody reads through somebody's eyes what they may not read with their own."""

    @pytest.mark.parametrize("whose", ["young", "school"])
    @pytest.mark.parametrize("of", ["case", "handover"])
    def test_what_is_held_back_from_the_caseworker_stays_so(self, case, sign_in, whose, of):
        case.send()
        response = sign_in(case.caseworker).get(case.address(whose, of))
        assert response.status_code == 200
        assert in_frame(text(response)) == ""
        assert "It holds what you do not see yourself: Social and mental" in text(response)
        assert SECRET.format("health") not in text(response)

    def test_with_a_yes_the_caseworker_sees_their_pages(self, case, sign_in):
        case.send()
        case.say_yes()
        for whose in ("young", "school"):
            seen = text(sign_in(case.caseworker).get(case.address(whose, "handover")))
            assert SECRET.format("health") in in_frame(seen)

    def test_a_placement_holds_nothing_that_is_held_back(self, case, sign_in):
        case.send()
        seen = text(sign_in(case.caseworker).get(case.address("young", "placement")))
        assert "Lave dressing" in in_frame(seen)

    def test_what_the_agreement_takes_from_oneself_stays_away(self, case, sign_in):
        Narrowing.objects.create(
            partnership=case.partnership, role="school", section="course", reason="Aftalt."
        )
        school = sign_in(case.school)
        for whose in ("young", "caseworker"):
            assert in_frame(text(school.get(case.address(whose)))) == ""
        assert "Lave dressing" not in text(school.get(case.address("employer", "placement")))


class TestWhoMayLook:
    def test_those_who_write_in_the_case(self, case, other_team):
        expected = {
            "school": 200,
            "caseworker": 200,
            "young": 403,
            "employer": 404,
            "lead": 404,
            "evaluator": 404,
        }
        for whose in ("young", "school", "caseworker", "employer", "lead"):
            got = {}
            for role, person in case.people().items():
                client = Client()
                client.force_login(person)
                got[role] = client.get(case.address(whose)).status_code
            assert got == expected
        outsider = Client()
        outsider.force_login(other_team.school)
        assert outsider.get(case.address("young")).status_code == 404

    def test_not_before_the_school_has_accepted(self, case, sign_in):
        proposed = YouthFactory(partnership=case.partnership, enrolled_on=None)
        proposed.referrals.create(
            partnership=case.partnership, reason="Ja", proposed_by=case.caseworker
        )
        url = reverse("eyes", args=[proposed.pk, "young"])
        assert sign_in(case.caseworker).get(url).status_code == 404

    @pytest.mark.parametrize("whose", ["evaluator", "admin", "controller", "youth", "x"])
    def test_nobody_elses_eyes(self, case, sign_in, whose):
        assert sign_in(case.school).get(case.address(whose)).status_code == 404

    def test_no_other_page(self, case, sign_in):
        assert sign_in(case.school).get(case.address("young", "home")).status_code == 404

    def test_the_menu_is_for_those_who_write(self, case, sign_in):
        case.send()
        for of in ("case", "handover", "placement"):
            url = case.real("school", of)
            for role, others in (("school", "caseworker"), ("caseworker", "school")):
                shown = text(sign_in(getattr(case, role)).get(url))
                assert f'href="{case.address(others, of)}' in shown
                assert case.address(role, of) not in shown
            assert "/eyes/" not in text(sign_in(case.young).get(url))
        company = sign_in(case.employer).get(case.real("employer", "placement"))
        assert "/eyes/" not in text(company)


class TestNothingToPress:
    @pytest.mark.parametrize("of", ["case", "handover", "placement"])
    @pytest.mark.parametrize("whose", ["young", "school", "caseworker", "employer", "lead"])
    def test_nothing_acts(self, case, sign_in, whose, of):
        case.send()
        seen = in_frame(text(sign_in(case.school).get(case.address(whose, of))))
        assert seen
        acting = re.findall(
            r"<(?:form|button|script|iframe)\b|\s(?:href|action|name|src|hx-[\w-]+|on\w+|autofocus"
            r"|data-(?!label)[\w-]+)(?==|\s|>)",
            re.sub(r">[^<]*<", "><", seen),
        )
        assert acting == []
        for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", seen):
            assert " disabled" in control

    def test_an_answer_form_can_still_be_read(self, case, sign_in):
        case.send()
        seen = in_frame(text(sign_in(case.school).get(case.address("caseworker", "handover"))))
        assert "Button in the preview:" in seen
        assert "<textarea" in seen

    def test_the_header_is_of_who_looks(self, case, sign_in):
        shown = text(sign_in(case.school).get(case.address("young")))
        header = shown.split("<main")[0]
        assert case.school.name in header
        assert case.partnership.school.name in header
        assert f"{case.youth.name}, {case.youth.code}" in header

    def test_a_message_waits_for_who_really_looks(self, case, sign_in):
        client = sign_in(case.school)
        words = reverse("youths:words", args=[case.youth.pk])
        client.post(words, {"kind": "words", "text": "Nyt."})
        shown = text(client.get(case.address("young")))
        assert "Saved." in shown
        assert "Saved." not in in_frame(shown)


class TestInert:
    def test_text_stays_text(self):
        html = '<p>x</p><main id="m"><h1>A &amp; <b>&lt;script&gt;</b></h1><br></main><p>y</p>'
        assert inert(html) == '<h2 class="h1">A &amp; <b>&lt;script&gt;</b></h2><br>'

    @pytest.mark.parametrize(
        ("html", "left"),
        [
            ("<script>alert(1)</script>x", "x"),
            ("<template><p>y</p></template>x", "x"),
            ('<a href="/x" onclick="y" hx-get="/z">x</a>',
             '<a role="link" aria-disabled="true">x</a>'),
            ('<a class="button" href="/x" id="y">x</a>',
             '<a class="button" id="y"><span class="vv-sr">Button in the preview: </span>x</a>'),
            ('<form action="/x" method="post"><input type="hidden" name="a"></form>',
             "<div></div>"),
            ('<input type="submit" value="x"><input name="a" value="b">',
             '<input value="b" disabled>'),
            ('<p title="&quot;&gt;&lt;b&gt;">x</p>', '<p title="&quot;&gt;&lt;b&gt;">x</p>'),
            ('<svg viewBox="0 0 1 1"><path d="M0"/></svg>',
             '<svg viewbox="0 0 1 1"><path d="M0" /></svg>'),
        ],
    )  # fmt: skip
    def test_what_acts_goes(self, html, left):
        assert inert(f"<main>{html}</main>") == left


class TestWhatIsHidden:
    def hidden(self, client, address) -> dict:
        html = text(client.get(address))
        listed = re.search(r'<ul class="vv-hidden">(.*?)</ul>', html, re.S)
        rows = re.findall(r"<b>(.*?)</b><span[^>]*>(.*?)</span>", listed[1], re.S)
        return dict(rows)

    def test_from_the_company(self, case, sign_in):
        hidden = self.hidden(sign_in(case.school), case.address("employer"))
        everything = {s.label for s in Section} - {Section.CODE.label, Section.PLACEMENT.label}
        assert set(hidden) == {str(label) for label in everything}
        assert hidden["Social and mental conditions"] == "Never to a company."
        assert hidden["Name and contact"] == "Only the first name, and whom to call."

    def test_from_the_leadership(self, case, sign_in):
        hidden = self.hidden(sign_in(case.school), case.address("lead"))
        assert "Agreement and meetings" not in hidden
        assert "Counts and progress" not in hidden
        assert hidden["Name and contact"] == "Only the code."

    def test_from_the_job_centre_before_and_after_sending(self, case, sign_in):
        school, address = sign_in(case.school), case.address("caseworker")
        before = self.hidden(school, address)
        for section in SECTIONS:
            assert before[str(section.label)] == "Not until the handover is sent."
        case.send()
        after = self.hidden(school, address)
        assert after == {
            "Social and mental conditions": "Held back, 1 part: no answer yet.",
        }
        case.say_yes()
        assert "Nothing is hidden." in text(school.get(address))

    def test_from_the_young_person(self, case, sign_in):
        case.send()
        hidden = self.hidden(sign_in(case.school), case.address("young"))
        assert set(hidden) == {"Agreement and meetings", "Counts and progress", "Referral"}


class TestTheReadLog:
    @pytest.mark.parametrize("of", ["case", "handover", "placement"])
    @pytest.mark.parametrize("whose", ["young", "school", "caseworker", "employer", "lead"])
    def test_notes_who_really_looks_once(self, case, sign_in, whose, of):
        case.send()
        sign_in(case.school).get(case.address(whose, of))
        line = AccessEvent.objects.get()
        assert (line.user_id, line.channel, line.role) == (
            case.school.pk,
            Channel.PREVIEW,
            Role.SCHOOL,
        )
        assert line.organisation_id == case.partnership.school_id
        assert line.youth_id == case.youth.pk

    def test_notes_a_preview_that_shows_nothing(self, case, sign_in):
        case.placement.end(by=case.caseworker)
        sign_in(case.school).get(case.address("employer"))
        assert [e.channel for e in AccessEvent.objects.all()] == [Channel.PREVIEW]

    def test_is_counted_for_the_reader_without_previews(self, case, sign_in):
        company = sign_in(case.employer)
        for _ in range(2):
            company.get(case.real("employer", "placement"))
        school = sign_in(case.school)
        for _ in range(2):
            assert "2 times, last on" in text(school.get(case.address("employer")))


class TestWhatItCosts:
    @pytest.mark.parametrize(
        ("whose", "of", "queries"),
        [
            ("young", "case", 47),
            ("caseworker", "handover", 36),
            ("employer", "placement", 26),
            ("lead", "case", 21),
        ],
    )
    @pytest.mark.parametrize("rows", [1, 3])
    def test_is_the_same_for_one_row_and_for_three(
        self, case, sign_in, django_assert_num_queries, whose, of, queries, rows
    ):
        for _ in range(rows - 1):
            PartFactory(profile=case.profile, section="support", written_by=case.school)
            PlacementFactory(
                youth=case.youth, contact=case.caseworker, employer=case.placement.employer
            )
            YouthFactory(partnership=case.partnership)
            member(case.partnership, Role.CASEWORKER)
        case.send()
        school = sign_in(case.school)
        with django_assert_num_queries(queries):
            school.get(case.address(whose, of))
