"""The addresses of the public site. They are cited for years: none ever changes or is used for something else."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter
from django.views.decorators.csrf import csrf_exempt

from recommendations.models.recommendations import slug_of
from recommendations.public import data_views, feeds, machine_views, report_views, sitemaps, views


class ReferenceConverter(StringConverter):
    """A recommendation is addressed by the slug of its reference: 12-b for “12(b)”."""

    def to_url(self, value: str) -> str:
        return slug_of(value)


class NumberConverter(IntConverter):
    """A number has one address: 1, and not 01, which would be a copy more of the same page."""

    regex = "0|[1-9][0-9]*"


register_converter(ReferenceConverter, "reference")
register_converter(NumberConverter, "number")

urlpatterns = [
    path("", views.progress, name="progress"),
    path("areas/<number:number>/", views.area, name="area"),
    path("recommendations/<reference:slug>/", views.recommendation, name="recommendation"),
    path("parties/", views.parties, name="parties"),
    path("parties/<slug:slug>/", views.party, name="party"),
    path("updates/", views.updates, name="updates"),
    path("updates/<number:id>/", views.update, name="update"),
    path("corrections/", views.corrections, name="corrections"),
    path("reports/", report_views.reports, name="reports"),
    path("reports/editions.json", report_views.list_of_editions, name="editions"),
    path("reports/<slug:slug>/", report_views.report, name="report"),
    path("reports/<slug:slug>/changes/", report_views.changes, name="changes"),
    path("reports/<slug:slug>/report.pdf", report_views.report_pdf, name="report-pdf"),
    path("reports/<slug:slug>/editions/<number:number>/", report_views.edition, name="edition"),
    path("reports/<slug:slug>/editions/<number:number>/report.pdf", report_views.edition_pdf, name="edition-pdf"),
    path(
        "reports/<slug:slug>/editions/<number:number>/snapshot.json",
        report_views.edition_snapshot,
        name="edition-snapshot",
    ),
    path("statuses/", views.statuses, name="statuses"),
    path("media/", views.media, name="media"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("safety/", views.safety, name="safety"),
    path("data/", data_views.data, name="data"),
    path("data/<slug:name>.csv", data_views.csv, name="data-csv"),
    path("data/progress.json", data_views.json, name="data-json"),
    path("data/progress.xlsx", data_views.xlsx, name="data-xlsx"),
    path("data/progress.schema.json", data_views.schema, name="data-schema-1"),
    path("data/progress-<number:version>.schema.json", data_views.schema, name="data-schema"),
    path("data/datapackage.json", data_views.package, name="data-package"),
    path("updates.atom", feeds.updates, name="updates-feed"),
    path("areas/<number:number>/updates.atom", feeds.area, name="area-feed"),
    path("parties/<slug:slug>/updates.atom", feeds.party, name="party-feed"),
    path("recommendations/<reference:slug>/updates.atom", feeds.recommendation, name="recommendation-feed"),
    path("accent-<slug:colour>-<slug:version>.css", machine_views.accent, name="accent"),
    path("logos/<slug:sha256>.<slug:ending>", machine_views.logo, name="logo"),
    path("robots.txt", machine_views.robots, name="robots"),
    path("sitemap.xml", sitemaps.everything, name="sitemap"),
    path(".well-known/security.txt", machine_views.security_txt, name="security-txt"),
    path("favicon.ico", machine_views.favicon, name="favicon"),
    path("healthz", machine_views.healthz, name="healthz"),
]

# Each of them is for reading alone and answers 405 to everything else. Asked for a token first, a visitor whose request
# can't have one would be told that it lacks that, in the staff's words.
for pattern in urlpatterns:
    pattern.callback = csrf_exempt(pattern.callback)
