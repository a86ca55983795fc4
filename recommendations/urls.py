"""The public's addresses. They are cited for years: none is ever changed or given to something else."""

from django.urls import path

from . import feeds, sitemaps, views

urlpatterns = [
    path("", views.progress, name="progress"),
    path("areas/<int:number>/", views.area, name="area"),
    path("recommendations/<str:reference>/", views.recommendation, name="recommendation"),
    path("parties/", views.parties, name="parties"),
    path("parties/<slug:slug>/", views.party, name="party"),
    path("updates/", views.updates, name="updates"),
    path("updates/<int:id>/", views.update, name="update"),
    path("corrections/", views.corrections, name="corrections"),
    path("reports/", views.reports, name="reports"),
    path("reports/editions.json", views.list_of_editions, name="editions"),
    path("reports/<slug:slug>/", views.report, name="report"),
    path("reports/<slug:slug>/changes/", views.changes, name="changes"),
    path("reports/<slug:slug>/report.pdf", views.report_pdf, name="report-pdf"),
    path("reports/<slug:slug>/editions/<int:number>/", views.edition, name="edition"),
    path("reports/<slug:slug>/editions/<int:number>/report.pdf", views.edition_pdf, name="edition-pdf"),
    path("reports/<slug:slug>/editions/<int:number>/snapshot.json", views.edition_snapshot, name="edition-snapshot"),
    path("statuses/", views.statuses, name="statuses"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("safety/", views.safety, name="safety"),
    path("data/", views.data, name="data"),
    path("data/<slug:name>.csv", views.data_csv, name="data-csv"),
    path("data/progress.json", views.data_json, name="data-json"),
    path("data/progress.xlsx", views.data_xlsx, name="data-xlsx"),
    path("data/progress.schema.json", views.data_schema, name="data-schema"),
    path("data/datapackage.json", views.data_package, name="data-package"),
    path("updates.atom", feeds.updates, name="updates-feed"),
    path("areas/<int:number>/updates.atom", feeds.area, name="area-feed"),
    path("parties/<slug:slug>/updates.atom", feeds.party, name="party-feed"),
    path("logos/<slug:sha256>.<slug:ending>", views.logo, name="logo"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.everything, name="sitemap"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
]
