"""Referral, list, own words, sharing and placements."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_tables2 import RequestConfig

from partnerships.access import Role, Section, codenames_on, memberships, roles
from partnerships.models import Partnership
from youths.access import codenames_for
from youths.forms import (
    AccountForm,
    CompletedReferralForm,
    OwnWordsForm,
    PlacementForm,
    ReferralAnswerForm,
    ReferralForm,
    YouthFilter,
)
from youths.models import (
    NEEDS_CONSENT,
    AccessEvent,
    AccountRefused,
    Channel,
    Consent,
    ConsentRefused,
    OwnWords,
    Placement,
    Referral,
    ReferralRefused,
    Youth,
)
from youths.tables import YouthTable

PAGE_SIZE = 25


@require_safe
def youths(request):
    """The youths of the person's partnerships: search, filters, sorting, pages."""
    rows = Youth.objects.visible_to(request.user).select_related("phase")
    if not roles(request.user) & {Role.SCHOOL, Role.CASEWORKER}:
        raise PermissionDenied
    found = YouthFilter(request.GET, rows, request=request)
    table = YouthTable(found.qs)
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(per_page=PAGE_SIZE)
    table.page = table.paginator.get_page(request.GET.get("page"))
    if request.GET.get("q"):
        hits = [row.record for row in table.page.object_list]
        AccessEvent.record(request.user, hits, [Section.IDENTITY], Channel.SEARCH)
    may_refer = (
        Partnership.objects.visible_to(request.user, "change_referral")
        .with_parties()
        .filter(status="signed")
    )
    return render(
        request,
        "youths/list.html",
        {"filter": found, "table": table, "may_refer": may_refer},
    )


@require_http_methods(["GET", "POST"])
def refer(request, partnership_id):
    """The municipality refers a young person into a partnership."""
    partnership = get_object_or_404(
        Partnership.objects.visible_to(request.user).with_parties(), pk=partnership_id
    )
    if "change_referral" not in codenames_on(request.user, partnership.pk):
        raise PermissionDenied
    form = ReferralForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = Referral.propose(
                    by=request.user, partnership=partnership, **form.cleaned_data
                )
            except ReferralRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    _("%(name)s is referred. %(school)s answers.")
                    % {"name": made.youth.name, "school": partnership.school.name},
                )
                return redirect("youths:referral", made.pk)
    taken = partnership.referrals.filter(status__in=Referral.HOLDS_A_PLACE).count()
    return render(
        request,
        "youths/refer.html",
        {"form": form, "partnership": partnership, "free": partnership.places - taken},
        status=status,
    )


@require_http_methods(["GET", "POST"])
def referral(request, referral_id):
    """One referral: read it, and answer, complete or withdraw it."""
    this = get_object_or_404(
        Referral.objects.visible_to(request.user).select_related(
            "youth", "proposed_by", "decided_by", "partnership__school", "partnership__municipality"
        ),
        pk=referral_id,
    )
    held = codenames_on(request.user, this.partnership_id)
    AccessEvent.record(request.user, [this.youth], [Section.IDENTITY, Section.REFERRAL])
    form, act, status = None, request.POST.get("act"), 200
    if request.method == "POST":
        if "answer_referral" in held and act == "answer":
            form, act_on = ReferralAnswerForm(request.POST), _answer
        elif "change_referral" in held and act == "resubmit":
            form, act_on = CompletedReferralForm(request.POST), _resubmit
        elif "change_referral" in held and act == "withdraw":
            form, act_on = Form(request.POST), _withdraw
        else:
            raise PermissionDenied
        status = 422
        if form.is_valid():
            try:
                done = act_on(request, this, form)
            except ReferralRefused as refusal:
                form.add_error(None, str(refusal))
                status = 409
                this.refresh_from_db()
            else:
                messages.success(request, done)
                return redirect(*_after(this))
    elif "answer_referral" in held and this.status == Referral.Status.PROPOSED:
        form, act = ReferralAnswerForm(), "answer"
    elif "change_referral" in held and this.status == Referral.Status.RETURNED:
        form, act = CompletedReferralForm(instance=this), "resubmit"
    open_now = this.status in (Referral.Status.PROPOSED, Referral.Status.RETURNED)
    may_withdraw = "change_referral" in held and open_now
    return render(
        request,
        "youths/referral.html",
        {"referral": this, "form": form, "act": act, "may_withdraw": may_withdraw},
        status=status,
    )


def _answer(request, this, form):
    data = form.cleaned_data
    if data["decision"] == form.ACCEPT:
        this.accept(by=request.user)
        return _("Accepted. The handover can begin.")
    if data["decision"] == form.RETURN:
        this.return_for_completion(by=request.user, answer=data["answer"])
        return _("Returned. The municipality sees what is missing.")
    this.decline(by=request.user, declined_because=data["declined_because"], answer=data["answer"])
    return _("Declined. The municipality sees why.")


def _resubmit(request, this, form):
    this.resubmit(by=request.user, reason=form.cleaned_data["reason"])
    return _("Sent again. The school answers.")


def _withdraw(request, this, form):
    this.withdraw(by=request.user)
    return _("Withdrawn. The place is free again.")


def _after(this):
    """Where an answered referral leads: to the case, or back to the partnership."""
    if this.status == Referral.Status.ACCEPTED:
        return "case", this.youth_id
    return "partnership", this.partnership_id


@require_http_methods(["GET", "POST"])
def words(request, youth_id):
    """The young person's own words, all of them; a new saying is added on top."""
    youth = Youth.objects.referred().get_for(request.user, youth_id, "view_direction")
    AccessEvent.record(request.user, [youth], [Section.DIRECTION])
    may_write = "change_direction" in codenames_for(request.user, youth)
    own = youth.account_id == request.user.pk
    form, status = OwnWordsForm(request.POST or None), 200
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        if form.is_valid():
            said = form.save(commit=False)
            said.youth, said.taken_down_by = youth, request.user
            said.how = OwnWords.How.WROTE if own else OwnWords.How.SAID
            if not _said_already(said):
                said.save()
            messages.success(request, _("Saved."))
            return redirect("youths:words", youth.pk)
        status = 422
    return render(
        request,
        "youths/words.html",
        {
            "youth": youth,
            "own": own,
            "form": form if may_write else None,
            "sayings": OwnWords.objects.visible_to(request.user)
            .filter(youth=youth)
            .select_related("taken_down_by"),
        },
        status=status,
    )


def _said_already(said) -> bool:
    """A second click on the same words changes nothing."""
    newest = said.youth.words.filter(kind=said.kind).first()
    return newest is not None and newest.text == said.text


@require_http_methods(["GET", "POST"])
def sharing(request, youth_id):
    """What needs the young person's yes: seen by all who work with the case, said by the youth."""
    youth = Youth.objects.referred().get_for(request.user, youth_id)
    own = youth.account_id == request.user.pk
    AccessEvent.record(request.user, [youth], [Section.IDENTITY])
    if request.method == "POST":
        if not own:
            raise PermissionDenied
        section, answer = request.POST.get("section"), request.POST.get("answer")
        if section not in NEEDS_CONSENT or answer not in ("yes", "no"):
            raise Http404
        given = youth.consents.in_force().filter(section=section).first()
        try:
            if answer == "yes":
                Consent.give(by=request.user, youth=youth, section=section)
                messages.success(request, _("You have said yes. You can change your mind here."))
            elif given:
                given.withdraw(by=request.user)
                messages.success(request, _("You have said no. From now on nobody there reads it."))
        except ConsentRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("youths:sharing", youth.pk)
    in_force = {consent.section: consent for consent in youth.consents.in_force()}
    return render(
        request,
        "youths/sharing.html",
        {
            "youth": youth,
            "own": own,
            "sections": [
                {"section": section, "consent": in_force.get(section)} for section in NEEDS_CONSENT
            ],
        },
    )


@require_http_methods(["GET", "POST"])
def account(request, youth_id):
    """The municipality gives the young person a sign-in of their own."""
    youth = Youth.objects.referred().get_for(request.user, youth_id, "change_identity")
    AccessEvent.record(request.user, [youth], [Section.IDENTITY])
    form, status = AccountForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                youth.give_account(by=request.user, email=form.cleaned_data["email"])
            except AccountRefused as refusal:
                form.add_error("email", str(refusal))
            else:
                messages.success(
                    request, _("%(name)s can sign in now.") % {"name": youth.first_name}
                )
                return redirect("case", youth.pk)
    return render(request, "youths/account.html", {"form": form, "youth": youth}, status=status)


@require_safe
def placements(request):
    """The placements that run at the person's company."""
    if Role.EMPLOYER not in roles(request.user):
        raise PermissionDenied
    rows = Placement.objects.visible_to(request.user).select_related("youth", "employer")
    return render(request, "youths/placements.html", {"placements": rows})


@require_safe
def placement(request, placement_id):
    """What a company sees of one young person: first name, tasks, hours, whom to call."""
    this = get_object_or_404(
        Placement.objects.visible_to(request.user).select_related("youth", "employer", "contact"),
        pk=placement_id,
    )
    AccessEvent.record(request.user, [this.youth], [Section.PLACEMENT])
    contact_for = memberships(this.contact)
    return render(
        request,
        "youths/placement.html",
        {
            "placement": this,
            "contact_for": contact_for[0].organisation if contact_for else None,
            "is_company": Role.EMPLOYER in roles(request.user),
        },
    )


@require_http_methods(["GET", "POST"])
def add_placement(request, youth_id):
    """The caseworker records a placement that a company has agreed to."""
    youth = Youth.objects.referred().get_for(request.user, youth_id, "change_course")
    AccessEvent.record(request.user, [youth], [Section.COURSE])
    form, status = PlacementForm(request.POST or None, youth=youth), 200
    if request.method == "POST":
        if form.is_valid():
            made = _save_once(form)
            messages.success(
                request,
                _("%(company)s now sees what is needed for this placement, while it runs.")
                % {"company": made.employer.name},
            )
            return redirect("case", youth.pk)
        status = 422
    return render(
        request, "youths/add_placement.html", {"form": form, "youth": youth}, status=status
    )


def _save_once(form):
    """A second click on the same placement changes nothing."""
    wanted = form.save(commit=False)
    same = Placement.objects.filter(
        youth=wanted.youth, employer=wanted.employer, starts_on=wanted.starts_on, ended_on=None
    ).first()
    if same is None:
        wanted.save()
    return same or wanted
