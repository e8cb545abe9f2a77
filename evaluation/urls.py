"""Routes of ratings, progress and the leadership's dashboard."""

from django.urls import path

from evaluation import views

app_name = "evaluation"
urlpatterns = [
    path("youths/<uuid:youth_id>/", views.ratings, name="ratings"),
    path("youths/<uuid:youth_id>/rate/", views.rate, name="rate"),
    path("youths/<uuid:youth_id>/own/<int:number>/", views.own, name="own"),
    path("programmes/<uuid:programme_id>/", views.dashboard, name="dashboard"),
    path("programmes/<uuid:programme_id>/youths/", views.youths, name="youths"),
    path("programmes/<uuid:programme_id>/attention/", views.attention, name="attention"),
    path(
        "programmes/<uuid:programme_id>/attention/<slug:kind>/",
        views.attention_rows,
        name="attention_rows",
    ),
    path("partnerships/<uuid:partnership_id>/", views.progress, name="progress"),
]
