"""Routes of the young person, the referral, the placement and the goals."""

from django.urls import path

from youths import views

app_name = "youths"
urlpatterns = [
    path("", views.youths, name="list"),
    path("find/", views.find, name="find"),
    path("refer/<uuid:partnership_id>/", views.refer, name="refer"),
    path("refer/<uuid:partnership_id>/import/", views.import_list, name="import"),
    path("imports/<uuid:import_id>/", views.imported, name="imported"),
    path("referrals/<uuid:referral_id>/", views.referral, name="referral"),
    path("emergencies/", views.emergencies, name="emergencies"),
    path("emergencies/<uuid:opening_id>/", views.emergency, name="emergency"),
    path("views/", views.saved_views, name="saved_views"),
    path("notices/<int:notice_id>/seen/", views.notice_seen, name="notice_seen"),
    path("placements/", views.placements, name="placements"),
    path("placements/<uuid:placement_id>/change/", views.change_placement, name="change_placement"),
    path(
        "placements/<uuid:placement_id>/prolong/", views.prolong_placement, name="prolong_placement"
    ),
    path("placements/<uuid:placement_id>/pause/", views.pause_placement, name="pause_placement"),
    path("placements/<uuid:placement_id>/end/", views.end_placement, name="end_placement"),
    path("placements/<uuid:placement_id>/agreement/", views.agreement, name="agreement"),
    path("placements/<uuid:placement_id>/weeks/", views.weeks, name="weeks"),
    path("placements/<uuid:placement_id>/hours/", views.plan_hours, name="plan_hours"),
    path("placements/<uuid:placement_id>/hours/step/", views.step_hours, name="step_hours"),
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<uuid:sample_id>/", views.review, name="review"),
    path("<uuid:youth_id>/readers/", views.readers, name="readers"),
    path("<uuid:youth_id>/printed/", views.printed, name="printed"),
    path("<uuid:youth_id>/words/", views.words, name="words"),
    path("<uuid:youth_id>/wishes/", views.wishes, name="wishes"),
    path("<uuid:youth_id>/together/", views.together, name="together"),
    path("<uuid:youth_id>/account/", views.account, name="account"),
    path("<uuid:youth_id>/stu-end/", views.stu_end, name="stu_end"),
    path("<uuid:youth_id>/cpr/", views.cpr, name="cpr"),
    path("<uuid:youth_id>/sharing/", views.sharing, name="sharing"),
    path(
        "<uuid:youth_id>/sharing/<str:section>/record/",
        views.record_consent,
        name="record_consent",
    ),
    path("<uuid:youth_id>/placements/add/", views.add_placement, name="add_placement"),
    path("<uuid:youth_id>/goals/", views.goals, name="goals"),
    path("<uuid:youth_id>/goals/add/", views.add_goal, name="add_goal"),
    path("goals/<uuid:goal_id>/", views.goal, name="goal"),
    path("goals/<uuid:goal_id>/change/", views.change_goal, name="change_goal"),
    path("goals/<uuid:goal_id>/close/", views.close_goal, name="close_goal"),
    path("steps/<uuid:small_step_id>/", views.step, name="step"),
]
