"""The public's addresses. They are cited for years: none is ever changed or given to something else."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.progress, name="progress"),
    path("areas/<int:number>/", views.area, name="area"),
    path("recommendations/<str:reference>/", views.recommendation, name="recommendation"),
    path("updates/<int:id>/", views.update, name="update"),
    path("reports/", views.reports, name="reports"),
    path("reports/<slug:slug>/", views.report, name="report"),
    path("reports/<slug:slug>/report.pdf", views.report_pdf, name="report-pdf"),
    path("reports/<slug:slug>/editions/<int:number>/", views.edition, name="edition"),
    path("reports/<slug:slug>/editions/<int:number>/report.pdf", views.edition_pdf, name="edition-pdf"),
    path("statuses/", views.statuses, name="statuses"),
    path("safety/", views.safety, name="safety"),
    path("healthz", views.healthz, name="healthz"),
]
