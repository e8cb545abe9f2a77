"""Routes of the agreement. The partnership's own page is composed in vivirkr."""

from django.urls import path

from partnerships import views

app_name = "partnerships"
urlpatterns = [
    path("who-sees-what/", views.policy, name="policy"),
    path("<uuid:partnership_id>/sign/", views.sign, name="sign"),
]
