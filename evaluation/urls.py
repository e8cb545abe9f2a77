"""Routes of ratings, progress and the leadership's dashboard."""

from django.urls import path

from evaluation import views

app_name = "evaluation"
urlpatterns = [
    path("youths/<uuid:youth_id>/", views.ratings, name="ratings"),
    path("youths/<uuid:youth_id>/rate/", views.rate, name="rate"),
    path("youths/<uuid:youth_id>/own/<int:number>/", views.own, name="own"),
    path("youths/<uuid:youth_id>/link/", views.give_link, name="give_link"),
    path(
        "own-rounds/<uuid:own_round_id>/take-back-quote/",
        views.take_back_quote,
        name="take_back_quote",
    ),
    path("link/", views.link, name="link"),
    path("link/<int:number>/", views.by_link, name="by_link"),
    path("youths/<uuid:youth_id>/facts/", views.facts, name="facts"),
    path("facts/<uuid:fact_id>/take-back/", views.take_back, name="take_back"),
    path("programmes/<uuid:programme_id>/", views.dashboard, name="dashboard"),
    path("programmes/<uuid:programme_id>/youths/", views.youths, name="youths"),
    path("programmes/<uuid:programme_id>/status/", views.status, name="status"),
    path("programmes/<uuid:programme_id>/criteria/", views.criteria, name="criteria"),
    path(
        "programmes/<uuid:programme_id>/registers/<slug:register>/",
        views.register,
        name="register",
    ),
    path("registers/<uuid:entry_id>/remove/", views.remove_entry, name="remove_entry"),
    path("registers/<uuid:entry_id>/document/", views.entry_document, name="entry_document"),
    path("programmes/<uuid:programme_id>/attention/", views.attention, name="attention"),
    path(
        "programmes/<uuid:programme_id>/attention/<slug:kind>/",
        views.attention_rows,
        name="attention_rows",
    ),
    path("programmes/<uuid:programme_id>/what-if/", views.programme_what_if, name="what_if_all"),
    path("programmes/<uuid:programme_id>/workbench/", views.workbench, name="workbench"),
    path("programmes/<uuid:programme_id>/quotes/", views.quotes, name="quotes"),
    path("cuts/<uuid:cut_id>/", views.cut, name="cut"),
    path("cuts/<uuid:cut_id>/<str:file_name>", views.cut_file, name="cut_file"),
    path("reports/<uuid:report_id>/", views.report, name="report"),
    path("reports/<uuid:report_id>/report.pdf", views.report_file, name="report_file"),
    path("partnerships/<uuid:partnership_id>/", views.progress, name="progress"),
    path("partnerships/<uuid:partnership_id>/definition/", views.definition, name="definition"),
    path("partnerships/<uuid:partnership_id>/definition/answer/", views.answer, name="answer"),
    path("partnerships/<uuid:partnership_id>/definition/settle/", views.settle, name="settle"),
    path(
        "partnerships/<uuid:partnership_id>/definition/sign/",
        views.sign_definition,
        name="sign_definition",
    ),
    path("partnerships/<uuid:partnership_id>/what-if/", views.what_if, name="what_if"),
]
