"""Sitting together with a young person, and the young person's wishes in simple choices."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partnerships.access import Section
from youths.access import is_own
from youths.forms import SittingForm, WishesForm
from youths.models import AccessEvent, OwnWords, Sitting, Youth


@require_http_methods(["GET", "HEAD", "POST"])
def together(request, youth_id):
    """The school starts to sit together with one young person, or gets up again."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "change_words")
    if is_own(user, youth):
        raise PermissionDenied
    sitting = Sitting.objects.open_of(user, youth)
    form, status = SittingForm(request.POST or None, youth=youth), 200
    if request.POST.get("act") == "end":
        if sitting:
            sitting.end(by=user)
        messages.success(request, _("You no longer sit together."))
        return redirect("case", youth.pk)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            Sitting.start(by=user, youth=youth, pen=form.cleaned_data["pen"])
            if request.GET.get("to") == "questions":
                return redirect("evaluation:own", youth.pk, 1)
            return redirect("handover:mine", youth.pk)
    AccessEvent.record(user, [youth], [Section.IDENTITY])
    return render(
        request,
        "youths/together.html",
        {"youth": youth, "form": form, "sitting": sitting},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request, youth_id):
    """What the young person would like to try: large cards, and room for something else."""
    user = request.user
    youth = Youth.objects.get_for(user, youth_id, "change_words")
    own, sitting = is_own(user, youth), Sitting.objects.open_of(user, youth)
    if request.method != "POST" and not own and sitting is None:
        return redirect("youths:together", youth.pk)
    AccessEvent.record(user, [youth], [Section.IDENTITY, Section.WORDS])
    newest = youth.words.filter(kind=OwnWords.Kind.WISHES).first()
    form, status = (
        WishesForm(request.POST if request.method == "POST" else None, newest=newest),
        200,
    )
    if request.method == "POST":
        status = 422
        if not own and sitting is None:
            status = 409
            form.add_error(None, _("The time together is over. Start it again, and then save."))
        elif form.is_valid():
            if newest is None or newest.text != form.text:
                OwnWords.objects.create(
                    youth=youth,
                    kind=OwnWords.Kind.WISHES,
                    text=form.text,
                    how=_how(sitting),
                    taken_down_by=user,
                )
            messages.success(request, _("Saved."))
            return redirect("home") if own else redirect("handover:mine", youth.pk)
    return render(
        request,
        "youths/wishes.html",
        {"youth": youth, "own": own, "sitting": sitting, "form": form, "newest": newest},
        status=status,
    )


def _how(sitting) -> str:
    if sitting is None:
        return OwnWords.How.WROTE
    staff = sitting.pen == Sitting.Pen.STAFF
    return OwnWords.How.SAID if staff else OwnWords.How.TOGETHER
