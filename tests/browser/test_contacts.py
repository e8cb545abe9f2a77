"""A change of caseworker with an overlap: the administrator names who follows, the two meet."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from partnerships.models import Membership
from tests.factories import Team, days, member
from youths.models import Contact, ContactChange

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "read_log"])


def test_a_caseworker_leaves_and_the_next_one_meets_the_young_person(signed_in, site, look):
    team = Team()
    ContactChange.ask(
        by=team.school, youth=team.youth, to=team.caseworker, note="Til dig.", overlap_until=days(5)
    ).record_meeting(by=team.caseworker, on=days(0))
    follows = member(team.partnership, "caseworker")
    admin = member(team.partnership, "admin")
    admin.is_staff = True
    admin.save()
    case = f"{site}{reverse('case', args=[team.youth.pk])}"
    page_of_contact = f"{site}{reverse('youths:change_contact', args=[team.youth.pk])}"

    # Nobody leaves alone; one page names who follows, by the young people's codes.
    there = signed_in(admin)
    person = reverse("admin:partnerships_user_change", args=[team.caseworker.pk])
    there.goto(f"{site}{person}")
    there.locator("[name=is_active]").uncheck()
    there.locator("[name=_save]").click()
    there.locator(".errorlist a").click()
    expect(there.get_by_text(team.youth.code)).to_be_visible()
    expect(there.get_by_text(team.youth.name)).to_have_count(0)
    there.locator("[name=everybody]").select_option(str(follows.pk))
    there.locator("[name=note]").fill("Freja svarer bedst på sms.")
    there.locator("#content .submit-row input").click()
    there.wait_for_url(f"**{person}")
    membership = Membership.objects.get(user=team.caseworker)
    assert (membership.ends_on, membership.reads_until) == (days(0), days(14))

    # In the overlap the former one reads, and writes nothing; the contact is the same.
    Membership.objects.filter(pk=membership.pk).update(ends_on=days(-1))  # the next morning
    former = signed_in(team.caseworker)
    former.goto(case)
    expect(former.locator(".vv-facts")).to_contain_text(team.caseworker.name)
    expect(former.locator(f"a[href='{reverse('youths:add_goal', args=[team.youth.pk])}']")
           ).to_have_count(0)  # fmt: skip
    former.goto(page_of_contact)
    expect(former.locator("main form")).to_have_count(0)
    look(former)

    # The young person sees who it is, and who is next.
    young = signed_in(team.young)
    young.goto(case)
    expect(young.locator(".vv-facts")).to_contain_text(follows.name)
    look(young)

    # The next one finds it in the work list, reads the note, and says when they met.
    page = signed_in(follows)
    page.goto(f"{site}/")
    page.locator(f"main a[href='{reverse('youths:change_contact', args=[team.youth.pk])}']").click()
    expect(page.get_by_text("Freja svarer bedst på sms.")).to_be_visible()
    look(page)
    page.locator("[name=met_on]").fill("")
    page.locator("form:has([name=met_on]) button[type=submit]").click()
    expect(page.locator("[name=met_on]")).to_be_visible()
    look(page)
    page.locator("[name=met_on]").fill(str(days(0)))
    page.locator("form:has([name=met_on]) button[type=submit]").click()
    page.wait_for_url(case)
    expect(page.locator(".vv-facts")).to_contain_text(follows.name)
    assert Contact.objects.open().get(youth=team.youth).person == follows
    page.goto(page_of_contact)
    expect(page.get_by_text(team.caseworker.name).first).to_be_visible()
    look(page)
    young.goto(case)
    expect(young.locator(".vv-facts")).not_to_contain_text(team.caseworker.name)
