"""Everything that waits on a person, gathered from all rooms: what is late, then the oldest."""

from datetime import datetime, time

from django.db.models import Count, Exists, F, Min, OuterRef, prefetch_related_objects
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.models import (
    Definition,
    Outcome,
    Rating,
    RatingRound,
    voice_of,
    waiting_assessments,
    waiting_outcomes,
)
from evaluation.progress import Voice
from handover.models import (
    DocumentStep,
    HandoverProfile,
    JobProfile,
    SectionRequest,
    SentPart,
    decisions_waiting_on,
    feedback_waiting_on,
    meetings_waiting_on,
    waiting_on_the_young,
)
from partnerships.access import NEEDS_CONSENT, Role, Section, reads_along, roles
from partnerships.models import Partnership, Status
from partnerships.waiting import Waiting
from youths.models import (
    ENDS_SOON,
    SOON,
    Consent,
    Contact,
    Deadline,
    EmergencyNotice,
    EmergencyOpening,
    Gap,
    Goal,
    Held,
    LegalBasis,
    Placement,
    PlacementAgreement,
    PlacementFeedback,
    Referral,
    SmallStep,
    Youth,
    company_feedback_waiting_on,
    held_sections,
    hours_of,
)

Side = PlacementAgreement.Side


def waiting_on(user, youth=None, handover=None) -> list[Waiting]:
    """What this person should do next, in order; the same few queries however long it is.

    About one young person in the course, where one is given with the handover's summary.
    """
    mine = roles(user)
    found = []
    if reads_along(user):
        return found
    if mine & {Role.SCHOOL, Role.CASEWORKER}:
        found += HandoverProfile.objects.waiting_on(user, youth, handover)
        found += SectionRequest.objects.waiting_on(user, youth)
        found += decisions_waiting_on(user, youth)
        found += feedback_waiting_on(user, youth)
        if youth is None:
            found += [*_agreements(user), *_referrals(user), *_definitions(user)]
            found += [*_running_out_agreements(user), *_escalated(user)]
    if youth is None:
        found += _emergencies(user)
    if not mine or mine & {Role.SCHOOL, Role.CASEWORKER}:
        found += meetings_waiting_on(user, youth)
    if not mine:
        found += [*waiting_on_the_young(user, youth), *_consents(user, youth, handover)]
    if Role.SCHOOL in mine:
        found += _running_out(user, youth)
        found += DocumentStep.objects.waiting_on(user, youth)
    if not mine or mine & {Role.SCHOOL, Role.CASEWORKER}:
        found += JobProfile.objects.waiting_on(user, youth)
        found += [*_goals(user, youth), *_ratings(user, youth), *_placements(user, youth)]
    if not mine or Role.SCHOOL in mine:
        found += PlacementFeedback.objects.waiting_on(user, youth)
    if mine & {Role.SCHOOL, Role.CASEWORKER}:
        found += [*_conclusions(user, youth), *_contacts(user, youth)]
    if Role.CASEWORKER in mine:
        found += _out_of_reach(user, youth)
        found += company_feedback_waiting_on(user, youth)
    return sorted(found, key=lambda row: row.place)


def _agreements(user):
    open_ones = Partnership.objects.visible_to(user, "change_agreement").filter(
        status=Status.NEGOTIATING
    )
    for partnership in open_ones.with_parties():
        side = partnership.side_of(user)
        if side and getattr(partnership, f"{side}_signed_at") is None:
            other = partnership.school_signed_at or partnership.municipality_signed_at
            yield Waiting(
                what=_("Sign the agreement of %(partnership)s") % {"partnership": partnership},
                why=_("The other party has signed. With your signature you can refer.")
                if other
                else _("The text is ready to be signed."),
                since=other or _midnight(partnership.starts_on),
                url=reverse("partnerships:sign", args=[partnership.pk]),
            )


def _conclusions(user, youth):
    """How it ended, where that is due, and what a professional concludes, where the definition
    asks for it.
    """
    rows = Youth.objects.visible_to(user, "change_ratings").referred()
    rows = rows.filter(pk=youth.pk) if youth is not None else rows
    for one, moment, since in waiting_outcomes(rows):
        at_end = moment == Outcome.Moment.END
        yield Waiting(
            what=(_("Record how STU ended for %(name)s") if at_end
                  else _("Record where %(name)s is 12 months after STU")) % {"name": one.name},
            why=_("One choice and a day. The programme counts it."),
            since=_midnight(since),
            url=reverse("evaluation:facts", args=[one.pk]),
            youth_id=one.pk,
        )  # fmt: skip
    for one, since in waiting_assessments(rows.active()):
        yield Waiting(
            what=_("Say whether %(name)s has come closer, and why") % {"name": one.name},
            why=_("The partnership's definition asks a professional for it in each round."),
            since=_midnight(since),
            url=reverse("evaluation:facts", args=[one.pk]),
            youth_id=one.pk,
        )


def _definitions(user):
    """A version of a definition that this person's side has to answer, settle or sign."""
    rows = Definition.objects.visible_to(user).in_preparation().prefetch_related("answers")
    rows = rows.select_related("partnership__school", "partnership__municipality")
    side = "school" if Role.SCHOOL in roles(user) else "municipality"
    for row in rows:
        handed_in = {a.side: a.handed_in_at for a in row.answers.all() if a.handed_in_at}
        if side not in handed_in:
            what, since, name = _("Say what shows that somebody is closer"), row.begun_at, "answer"
        elif not row.is_compared:
            continue
        elif row.settled_at is None:
            what, since = _("Settle what “closer” means, in a meeting"), max(handed_in.values())
            name = "definition"
        elif not row.signed_by(side):
            what, since = _("Sign what “closer” means"), row.settled_at
            name = "sign_definition"
        else:
            continue
        yield Waiting(
            what=what,
            why=_("Version %(version)s of the definition of %(partnership)s")
            % {"version": row.version, "partnership": row.partnership},
            since=since,
            url=reverse(f"evaluation:{name}", args=[row.partnership_id]),
        )


def _referrals(user):
    school = Role.SCHOOL in roles(user)
    status = Referral.Status.PROPOSED if school else Referral.Status.RETURNED
    rows = Referral.objects.visible_to(user).filter(status=status)
    for row in rows.select_related("youth", "partnership__municipality", "partnership__school"):
        if school:
            what = _("Answer the referral of %(name)s") % {"name": row.youth.name}
            why = _("%(municipality)s asks for a place.") % {
                "municipality": row.partnership.municipality.name
            }
        else:
            what = _("Complete the referral of %(name)s") % {"name": row.youth.name}
            why = _("%(school)s asks for more before it answers.") % {
                "school": row.partnership.school.name
            }
        yield Waiting(
            what=what,
            why=why,
            since=row.proposed_at if school else row.decided_at,
            url=reverse("youths:referral", args=[row.pk]),
            youth_id=row.youth_id,
        )


def _ratings(user, youth):
    """Youths whom this person's voice hasn't rated in the round that is open."""
    voice = voice_of(user)
    opened = dict(RatingRound.objects.open().values_list("programme", "opens_on"))
    if not opened:
        return
    rated = Rating.objects.filter(
        youth=OuterRef("pk"), voice=voice, round__in=RatingRound.objects.open()
    )
    due = (
        Youth.objects.visible_to(user, "change_ratings")
        .active()
        .filter(~Exists(rated), partnership__programme__in=opened)
        .annotate(programme=F("partnership__programme"))
    )
    if youth is not None:
        due = due.filter(pk=youth.pk)
    for one in due:
        if voice == voice.YOUTH:
            what = _("How is it going? Answer a few questions")
            why = _("It takes five minutes. There are no wrong answers.")
            url = reverse("evaluation:own", args=[one.pk, 1])
        else:
            what = _("Rate the progress of %(name)s") % {"name": one.name}
            why = _("Three minutes. The round is the same for all three voices.")
            url = reverse("evaluation:rate", args=[one.pk])
        since = _midnight(opened[one.programme])
        yield Waiting(what=what, why=why, since=since, url=url, youth_id=one.pk)
    if voice == Voice.SCHOOL:
        yield from _without_sign_in(user, youth, opened)


def _without_sign_in(user, youth, opened):
    """Youths without a sign-in who have not answered in the open round: the school helps."""
    rated = Rating.objects.filter(
        youth=OuterRef("pk"), voice=Voice.YOUTH, round__in=RatingRound.objects.open()
    )
    due = (
        Youth.objects.visible_to(user, "change_words")
        .active()
        .filter(~Exists(rated), account=None, partnership__programme__in=opened)
        .annotate(programme=F("partnership__programme"))
    )
    for one in due if youth is None else due.filter(pk=youth.pk):
        yield Waiting(
            what=_("Help %(name)s to answer the questions") % {"name": one.name},
            why=_("%(name)s has no sign-in: sit together, or give a link.")
            % {"name": one.first_name},
            since=_midnight(opened[one.programme]),
            url=reverse("evaluation:ratings", args=[one.pk]),
            youth_id=one.pk,
        )


def _goals(user, youth):
    """Small steps and goals that are due today or before, and this person's or this side's.

    In the young person's own words to them alone: this page is no page of the course.
    """
    side = next((r for r in (Role.SCHOOL, Role.CASEWORKER) if r in roles(user)), Goal.Owner.YOUTH)
    own = side == Goal.Owner.YOUTH
    for model, of, what in (
        (SmallStep, "goal__youth", _("See to a small step of %(name)s")),
        (Goal, "youth", _("See to a goal of %(name)s")),
    ):
        rows = model.objects.visible_to(user, "step_course").open().owed_by(user, side)
        rows = rows.filter(**{f"{of}__left_on": None}, **({of: youth.pk} if youth else {}))
        for row in rows.select_related(of):
            yield Waiting(
                what=row.words if own else what % {"name": row.case.name},
                why=_("It was to be done by %(day)s.") % {"day": date_format(row.due_on)},
                since=_midnight(row.due_on),
                url=reverse("youths:goal", args=[row.goal_id if model is SmallStep else row.pk]),
                youth_id=row.case.pk,
            )


def _placements(user, youth):
    """An agreement that a side has yet to say yes to; the next step of the hours; a near end."""
    mine = roles(user)
    role = next((r for r in (Role.CASEWORKER, Role.SCHOOL) if r in mine), "")
    rows = Placement.objects.visible_to(user).current().filter(youth__left_on=None)
    rows = rows.filter(youth=youth.pk) if youth else rows
    if role == Role.SCHOOL:
        rows = rows.filter(youth__account=None)
    rows = list(
        rows.select_related("youth", "employer").prefetch_related("agreements__confirmations")
    )
    if role == Role.CASEWORKER:
        prefetch_related_objects(rows, "steps")
        prefetch_related_objects([row for row in rows if row.steps.all()], "weeks", "events")
    for row in rows:
        newest = next(iter(row.agreements.all()), None)
        side = newest and (Side.CASEWORKER if role == Role.CASEWORKER else Side.YOUTH)
        if newest and side in newest.waits_for:
            yield _to_confirm(row, newest, role)
        if role == Role.CASEWORKER:
            yield from _coming(row)


def _to_confirm(row, agreement, role):
    said = {"name": row.youth.name, "company": row.employer.name}
    if role == Role.CASEWORKER:
        what = _("Say yes to the agreement of %(name)s with %(company)s")
        why = _("All three sides say yes to the same text.")
    elif role == Role.SCHOOL:
        what = _("Read the agreement with %(name)s about %(company)s")
        why = _("%(name)s has no sign-in. Sit together, and read it aloud.")
    else:
        what = _("Read what is agreed with %(company)s")
        why = _("Say yes if it is what you have agreed.")
    return Waiting(
        what=what % said,
        why=why % said,
        since=agreement.made_at,
        url=reverse("youths:agreement", args=[row.pk]),
        youth_id=row.youth_id,
    )


def _coming(row):
    """What a caseworker decides about a placement before long."""
    said, url = {"name": row.youth.name, "company": row.employer.name}, row.path
    hours = hours_of(row) if row.steps.all() else None
    if hours and hours.may_go_up:
        last = max(week.monday for week in row.weeks.all())
        yield Waiting(
            what=_("%(name)s can go up to %(hours)s hours")
            % {"name": row.youth.name, "hours": floatformat(hours.above)},
            why=ngettext(
                "%(n)s steady week at %(company)s.",
                "%(n)s steady weeks at %(company)s.",
                hours.steady,
            )
            % {"n": hours.steady, "company": row.employer.name},
            since=_midnight(last),
            url=url + "#hours",
            youth_id=row.youth_id,
        )
    if row.ends_on - ENDS_SOON <= timezone.localdate():
        yield Waiting(
            what=_("Say what comes after the placement of %(name)s") % said,
            why=_("It ends at %(company)s: prolong it, end it, or plan another one.") % said,
            since=_midnight(row.ends_on - ENDS_SOON),
            url=url,
            youth_id=row.youth_id,
            due_on=row.ends_on,
        )


def _emergencies(user):
    """Cases of the own team that an administrator has opened, until one has seen it."""
    notices = EmergencyNotice.objects.filter(
        user=user.pk,
        seen_at=None,
        opening__in=EmergencyOpening.objects.visible_to(user),
    )
    for notice in notices.select_related("opening__youth"):
        yield Waiting(
            what=_("Read why the case of %(name)s was opened")
            % {"name": notice.opening.youth.name},
            why=_("An administrator opened it in an emergency."),
            since=notice.opening.opened_at,
            url=reverse("youths:emergency", args=[notice.opening_id]),
            youth_id=notice.opening.youth_id,
        )


def _consents(user, youth, handover):
    """Sections that are written and wait for the young person's yes or no.

    Asked once; and again when the yes has run out.
    """
    mine = Youth.objects.visible_to(user).active().select_related("partnership__municipality")
    for me in mine if youth is None else [youth]:
        if handover:
            held = {row.section: row.why for row in handover.held_back}
        else:
            held = held_sections(me, NEEDS_CONSENT)
        to_ask = [code for code, why in held.items() if why in (Held.UNASKED, Held.EXPIRED)]
        parts = SentPart.objects.filter(profile__youth=me, section__in=to_ask).current()
        waiting = parts.order_by("written_at").values_list("section", "written_at").first()
        if waiting:
            section, since = waiting
            yield Waiting(
                what=_("Say yes or no to sharing “%(section)s”")
                % {"section": Section(section).label},
                why=_("%(municipality)s reads it only if you say yes.")
                % {"municipality": me.partnership.municipality.name},
                since=since,
                url=reverse("youths:sharing", args=[me.pk]),
                youth_id=me.pk,
            )


def _running_out(user, youth):
    """Consents and legal bases with thirty days left at most: time for the school to ask again."""
    mine = {
        "youth__in": Youth.objects.visible_to(user, "change_sharing").active(),
        "organisation": F("youth__partnership__municipality"),
    }
    if youth is not None:
        mine["youth"] = youth.pk
    for model, what, why in (
        (
            Consent,
            _("Ask %(name)s again about sharing “%(section)s”"),
            _("The yes runs out on %(day)s."),
        ),
        (
            LegalBasis,
            _("Decide again about sharing “%(section)s” of %(name)s"),
            _("The legal basis runs out on %(day)s."),
        ),
    ):
        rows = model.objects.ending_soon().filter(**mine)
        if model is Consent:
            rows = rows.exclude(Deadline.objects.closed_outside("consent", OuterRef("pk")))
        for row in rows.select_related("youth"):
            yield Waiting(
                what=what % {"name": row.youth.name, "section": row.get_section_display()},
                why=why % {"day": date_format(row.expires_on)},
                since=_midnight(row.expires_on - SOON),
                url=reverse("youths:sharing", args=[row.youth_id]),
                youth_id=row.youth_id,
                section=Section.SHARING,
            )


def _running_out_agreements(user):
    """Agreements whose parties are to agree on what follows."""
    rows = Deadline.objects.visible_to(user).soon().filter(kind="agreement")
    for row in rows.with_names():
        yield Waiting(
            what=_("Agree on what follows the agreement of %(partnership)s")
            % {"partnership": row.partnership},
            why=_("It ends %(day)s.") % {"day": date_format(row.base_on)},
            since=_midnight(row.due_on - SOON),
            url=reverse("youths:deadline", args=[row.pk]),
            due_on=row.due_on,
        )


def _escalated(user):
    """For who leads a team: one line about all that has passed and that nobody has acted on."""
    rows = Deadline.objects.visible_to(user).escalated_to(user)
    found = rows.aggregate(n=Count("pk"), since=Min("escalated_at"))
    if n := found["n"]:
        yield Waiting(
            what=ngettext(
                "See to a deadline of your team that has passed",
                "See to %(n)s deadlines of your team that have passed",
                n,
            )
            % {"n": n},
            why=_("Nobody has acted in time. Talk with who owes it, or help."),
            since=found["since"],
            url=reverse("youths:deadlines") + "?show=escalated",
        )


def _out_of_reach(user, youth):
    """Young people to whose address no mail gets through: the sign-in needs another one."""
    rows = Youth.objects.visible_to(user, "change_identity").active().select_related("account")
    rows = rows.filter(account__is_active=True, account__refused_address=F("account__email"))
    for one in rows if youth is None else rows.filter(pk=youth.pk):
        yield Waiting(
            what=_("Put the e-mail address of %(name)s right") % {"name": one.name},
            why=_("The mail server says that nobody is there."),
            since=one.account.date_joined,
            url=reverse("youths:account", args=[one.pk]),
            youth_id=one.pk,
        )


def _contacts(user, youth):
    """Young people whom this person is to meet as the next contact, and who may soon have none.

    To the latter everybody in the team can see; whoever is to meet them has a line of their own.
    """
    youths = Youth.objects.visible_to(user).active()
    rows = Contact.objects.filter(youth__in=youths if youth is None else [youth.pk])
    for row in rows.to_see_to(user).select_related("youth", "person"):
        mine = row.to_meet == user.pk
        if mine:
            what = _("Meet %(name)s and take over as contact")
            why = (
                _("You are the contact already. Say when you have met.")
                if row.person_id == user.pk
                else _("%(person)s is the contact until you have met.")
            )
        else:
            what, why = {
                Gap.LEAVING: (
                    _("Name the next contact of %(name)s"),
                    _("%(person)s leaves, and nobody is named."),
                ),
                Gap.SLOW: (
                    _("See to it that %(name)s meets the next contact"),
                    _("Two weeks ago it was asked for, and they have not met."),
                ),
                Gap.UNMET: (
                    _("See to it that %(name)s meets the new contact"),
                    _("%(person)s is the contact, and they have not met."),
                ),
                Gap.UNREACHED: (
                    _("See to it that the contact of %(name)s can be reached"),
                    _("No mail gets through to %(person)s."),
                ),
            }[row.gap]
        names = {"name": row.youth.name, "person": row.person.name}
        yield Waiting(
            what=what % names,
            why=why % names,
            since=row.asked_at or row.began_at,
            due_on=row.meet_by if mine else None,
            url=reverse("youths:change_contact", args=[row.youth_id]),
            youth_id=row.youth_id,
        )


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
