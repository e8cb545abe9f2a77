"""All routes. A page that needs two upper rooms is composed in vivirkr.views."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from vivirkr import views
from vivirkr.accounts import no_address
from vivirkr.health import healthz
from youths.admin import leave
from youths.views import mails

# The administration is entered by the same sign-in as everything else.
admin.site.login = secure_admin_login(admin.site.login)
# Beside the pages of single models: who leaves, and who follows.
administration, app_name, namespace = admin.site.urls
administration.insert(
    0, path("leave/<uuid:person_id>/", admin.site.admin_view(leave), name="leave")
)

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("accounts/email/", no_address, name="no_address"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", (administration, app_name, namespace)),
    path("acting/", views.acting, name="acting"),
    path("partnerships/", views.partnerships, name="partnerships"),
    path("partnerships/<uuid:partnership_id>/", views.partnership, name="partnership"),
    path("partnerships/", include("partnerships.urls")),
    path("youths/<uuid:youth_id>/", views.case, name="case"),
    path("youths/<uuid:youth_id>/eyes/<str:whose>/", views.eyes, name="eyes"),
    path("youths/<uuid:youth_id>/pdf/", views.case_pdf, name="case_pdf"),
    path("youths/<uuid:youth_id>/deadlines/pdf/", views.timetable_pdf, name="timetable_pdf"),
    path("youths/<uuid:youth_id>/my-profile/", views.my_profile, name="my_profile"),
    path(
        "youths/<uuid:youth_id>/sharing/<int:consent_id>/withdraw/",
        views.withdraw,
        name="withdraw",
    ),
    path(
        "youths/<uuid:youth_id>/sharing/<str:section>/legal-basis/",
        views.legal_basis,
        name="legal_basis",
    ),
    path("youths/placements/<uuid:placement_id>/", views.placement, name="placement"),
    path("youths/placements/link/<uuid:link_id>/", views.placement_by_link, name="by_link"),
    path("handover/jobs/<uuid:job_profile_id>/pdf/", views.job_pdf, name="job_pdf"),
    path("youths/", include("youths.urls")),
    path("mails/", mails, name="mails"),
    path("handover/<uuid:youth_id>/pdf/", views.handover_pdf, name="handover_pdf"),
    path("handover/<uuid:youth_id>/draft/pdf/", views.draft_pdf, name="draft_pdf"),
    path("handover/issued/<uuid:step_id>/pdf/", views.issued_pdf, name="issued_pdf"),
    path("handover/", include("handover.urls")),
    path("evaluation/", include("evaluation.urls")),
]

# Never where a mail server is set, nor outside of development.
if settings.DEBUG and hasattr(settings, "EMAIL_FILE_PATH"):
    from vivirkr.views.posted import posted

    urlpatterns.append(path("mails/sent/", posted, name="posted"))
