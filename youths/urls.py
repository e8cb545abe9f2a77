"""Routes of the young person, the referral and the placement."""

from django.urls import path

from youths import views

app_name = "youths"
urlpatterns = [
    path("", views.youths, name="list"),
    path("refer/<uuid:partnership_id>/", views.refer, name="refer"),
    path("referrals/<uuid:referral_id>/", views.referral, name="referral"),
    path("placements/", views.placements, name="placements"),
    path("placements/<uuid:placement_id>/", views.placement, name="placement"),
    path("<uuid:youth_id>/words/", views.words, name="words"),
    path("<uuid:youth_id>/account/", views.account, name="account"),
    path("<uuid:youth_id>/sharing/", views.sharing, name="sharing"),
    path("<uuid:youth_id>/placements/add/", views.add_placement, name="add_placement"),
]
