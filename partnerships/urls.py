"""Routes of the partnership and its agreement."""

from django.urls import path

from partnerships import views

app_name = "partnerships"
urlpatterns = [
    path("", views.partnerships, name="list"),
    path("<uuid:partnership_id>/agreement/", views.agreement, name="agreement"),
    path("<uuid:partnership_id>/sign/", views.sign, name="sign"),
]
