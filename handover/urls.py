"""Routes of the handover profile."""

from django.urls import path

from handover import views

app_name = "handover"
urlpatterns = [
    path("<uuid:youth_id>/write/", views.write, name="write"),
    path("<uuid:youth_id>/add/", views.add, name="add"),
    path("<uuid:youth_id>/earlier/", views.earlier, name="earlier"),
    path("<uuid:youth_id>/send/", views.send, name="send"),
    path("<uuid:youth_id>/decide/", views.decide, name="decide"),
    path("<uuid:youth_id>/meeting/", views.meeting, name="meeting"),
    path("agreements/<uuid:agreement_id>/done/", views.agreement_done, name="agreement_done"),
    path("<uuid:youth_id>/", views.received, name="received"),
    path("<uuid:youth_id>/document/", views.document, name="document"),
    path("<uuid:youth_id>/accommodations/", views.accommodations, name="accommodations"),
    path("<uuid:youth_id>/ask/", views.ask, name="ask"),
    path("requests/<uuid:request_id>/", views.request, name="request"),
    path("<uuid:youth_id>/versions/", views.versions, name="versions"),
    path("<uuid:youth_id>/versions/<int:number>/", views.version, name="version"),
    path("<uuid:youth_id>/versions/<int:number>/changes/", views.changed, name="changed"),
    path("<uuid:youth_id>/jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:job_profile_id>/", views.job, name="job"),
    path("jobs/<uuid:job_profile_id>/answer/", views.job_answer, name="job_answer"),
    path("parts/<uuid:part_id>/", views.part, name="part"),
    path("<uuid:youth_id>/show/", views.show, name="show"),
    path("<uuid:youth_id>/mine/", views.mine, name="mine"),
    path("<uuid:youth_id>/carry/", views.carry, name="carry"),
    path("parts/<uuid:part_id>/mine/", views.react, name="react"),
    path("parts/<uuid:part_id>/remove/", views.remove, name="remove"),
    path("parts/<uuid:part_id>/move/", views.move, name="move"),
    path("sent/<uuid:sent_part_id>/copy/", views.copy, name="copy"),
    path("parts/<uuid:part_id>/files/", views.files, name="files"),
    path("files/<uuid:attachment_id>/", views.file, name="file"),
    path("files/<uuid:attachment_id>/remove/", views.remove_file, name="remove_file"),
    path("sent/<uuid:sent_part_id>/answer/", views.answer, name="answer"),
    path("sent/<uuid:sent_part_id>/use/", views.use, name="use"),
    path("sent/<uuid:sent_part_id>/check/", views.check_again, name="check_again"),
    path("uses/<uuid:use_id>/undo/", views.undo_use, name="undo_use"),
    path("<uuid:youth_id>/opened/", views.opened, name="opened"),
    path("placements/<uuid:placement_id>/parts/", views.placement_parts, name="placement_parts"),
    path("goals/<uuid:goal_id>/parts/", views.goal_parts, name="goal_parts"),
    path("agreements/<uuid:agreement_id>/parts/", views.agreement_parts, name="agreement_parts"),
    path("knowledge/<uuid:programme_id>/", views.knowledge, name="knowledge"),
    path("answers/<uuid:answer_id>/reply/", views.reply, name="reply"),
]
