"""Files beside a part: attaching, removing, and handing out to who reads the part."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from handover.access import WRITING
from handover.forms import AttachmentForm
from handover.models import FILES_AT_MOST, Attachment, HandoverRefused, Part
from handover.views.chapters import Chapter, with_files
from partnerships.access import NEEDS_CONSENT, Section
from youths.access import opened_by
from youths.models import AccessEvent, Channel, HeldBack, Youth, held_sections

# Beside the headers of every page: a browser that opens it all the same runs and loads nothing.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_http_methods(["GET", "HEAD", "POST"])
def files(request, part_id):
    """The files beside one part, with a form for the next."""
    youth_id = get_object_or_404(
        Part.objects.values_list("profile__youth_id", flat=True), pk=part_id
    )
    youth = Youth.objects.get_for(request.user, youth_id, WRITING)
    part = get_object_or_404(
        Part.objects.visible_to(request.user, youth).select_related("profile"), pk=part_id
    )
    form, status = AttachmentForm(), 200
    if request.method == "POST":
        form = AttachmentForm(request.POST, request.FILES)
        status = 422
        if form.is_valid():
            try:
                Attachment.add(
                    by=request.user,
                    part=part,
                    about=form.cleaned_data["about"],
                    **form.cleaned_data["file"],
                )
            except HandoverRefused as refusal:
                form.add_error("file", str(refusal))
                status = 409
            else:
                messages.success(request, _("The file is attached."))
                return redirect("handover:files", part.pk)
    with_files([part])
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, part.section])
    why = held_sections(youth, [part.section]).get(part.section)
    return render(
        request,
        "handover/files.html",
        {
            "youth": youth,
            "part": part,
            "form": form,
            "full": len(part.files) >= FILES_AT_MOST,
            "at_most": FILES_AT_MOST,
            "chapter": Chapter(part.section, "", held_back=why and HeldBack(part.section, why, 1)),
            "needs_consent": NEEDS_CONSENT,
            "school": youth.partnership.school,
            "municipality": youth.partnership.municipality,
        },
        status=status,
    )


@require_safe
def file(request, attachment_id):
    """The file itself, to who reads the part that it stands beside; never shown in a page."""
    youth, attachment = _attachment(request, attachment_id, "view_direction")
    if youth.pk in opened_by(request.user):  # the file would outlive the hour
        raise PermissionDenied
    content = attachment.read()
    sections = [Section.IDENTITY, attachment.part.section]
    AccessEvent.record(request.user, [youth], sections, Channel.EXPORT, "attachment")
    # By the code: the name that it came with may be that of the young person.
    name = f"{youth.code}-{attachment.pk.hex[:6]}.{attachment.kind}"
    return HttpResponse(
        content,
        content_type=attachment.content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "Content-Security-Policy": SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove_file(request, attachment_id):
    """Says what goes and what stays, then takes the file away."""
    youth, attachment = _attachment(request, attachment_id, WRITING)
    part = get_object_or_404(Part.objects.visible_to(request.user, youth), pk=attachment.part_id)
    if request.method == "POST":
        messages.success(request, _("The file is removed."))
        attachment.remove(by=request.user)
        return redirect("handover:files", part.pk)
    AccessEvent.record(request.user, [youth], [Section.IDENTITY, part.section])
    return render(
        request,
        "handover/remove_file.html",
        {
            "youth": youth,
            "part": part,
            "attachment": attachment,
            "was_sent": attachment.sent_with.exists(),
        },
    )


def _attachment(request, attachment_id, codename):
    """The youth and the file; 404 not yours, 403 yours but not for this."""
    youth_id = get_object_or_404(
        Attachment.objects.values_list("part__profile__youth_id", flat=True), pk=attachment_id
    )
    youth = Youth.objects.get_for(request.user, youth_id, codename)
    return youth, get_object_or_404(
        Attachment.objects.visible_to(request.user, youth).select_related("part__profile"),
        pk=attachment_id,
    )
