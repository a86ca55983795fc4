"""The open data: its page, its files and their descriptions."""

from collections.abc import Iterable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from recommendations.data.files import XLSX_TYPE, to_csv, to_json, to_xlsx
from recommendations.data.package import data_package, json_schema, schema_name
from recommendations.data.tables import JSON_SCHEMA_VERSION, citation, notes, tables
from recommendations.public.pages.progress import conditions
from recommendations.reading import origins
from recommendations.reading.schema import Snapshot
from recommendations.reading.search import matching, parties_of

from .base import Today, as_json, current_plan, live, page, today_of
from .search_form import read_search


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    kept = today_of(plan)
    today = kept.snapshot
    return page(
        request,
        "data",
        plan=plan,
        snapshot=today,
        tables=tables(today, site=settings.SITE_URL),
        sizes=sizes_of(kept),
        schema_version=JSON_SCHEMA_VERSION,
        origins=origins.sentences(today.origins, plan=today.plan),
        citation=citation(today, site=settings.SITE_URL),
        latest=kept.latest_edition,
        parties=parties_of(today),
        site=settings.SITE_URL,
    )


@require_safe
def csv(request: HttpRequest, name: str) -> HttpResponse:
    return data_file(request, f"{name}.csv", content_type="text/csv; charset=utf-8; header=present")


@require_safe
def json(request: HttpRequest) -> HttpResponse:
    return data_file(request, "progress.json", content_type="application/json; charset=utf-8")


@require_safe
def xlsx(request: HttpRequest) -> HttpResponse:
    return data_file(request, "progress.xlsx", content_type=XLSX_TYPE)


@require_safe
def schema(request: HttpRequest, version: int = 1) -> HttpResponse:
    if not 1 <= version <= JSON_SCHEMA_VERSION:
        raise Http404("There is no such version of the schema.")
    content = as_json(json_schema(site=settings.SITE_URL, version=version))
    return download(content, schema_name(version), content_type="application/schema+json; charset=utf-8")


@require_safe
def package(request: HttpRequest) -> HttpResponse:
    content = as_json(data_package(live(current_plan()), site=settings.SITE_URL))
    return download(content, "datapackage.json", content_type="application/json; charset=utf-8")


def data_file(request: HttpRequest, name: str, *, content_type: str) -> HttpResponse:
    """The file `name` of today's snapshot, or of the part that the address asks for; the file then says which part.

    An address with a faulty filter gets no file: a file with more than was asked for would look like the right one.
    """
    plan = current_plan()
    today = live(plan)
    search = read_search(request, today)
    if search.problems:
        return page(request, "no_file", plan=plan, status=404, problems=search.problems.values(), name=name)
    if not search.filter:
        return download(file_content(name, today), name, content_type=content_type)
    words = ", ".join(part.words for part in conditions(today, search.filter))
    content = file_content(name, today, only=matching(today, search.filter, words=search.words), words=words)
    return download(content, name.replace(".", "-filtered.", 1), content_type=content_type)


def file_content(name: str, today: Snapshot, *, only: Iterable[str] | None = None, words: str = "") -> bytes:
    """The bytes of the data file `name`, with all recommendations or those in `only`, which `words` describe."""
    site = settings.SITE_URL
    if name == "progress.json":
        return to_json(today, site=site, only=only, filter=words)
    by_name = {f"{table.name}.csv": table for table in tables(today, site=site, only=only)}
    if name == "progress.xlsx":
        about = notes(today, site=site, filter=words)
        return to_xlsx(by_name.values(), notes=about, author=today.plan.organisation_name)
    if name not in by_name:
        raise Http404
    return to_csv(by_name[name])


def download(content: bytes, name: str, *, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def sizes_of(today: Today) -> dict[str, int]:
    """How many bytes each data file has, by its name with underscores for points.

    They are kept, because it takes longer to write the workbook than to make the page.
    """
    if not today.sizes:
        names = ("recommendations.csv", "updates.csv", "statuses.csv", "progress.json", "progress.xlsx")
        today.sizes = {name.replace(".", "_"): len(file_content(name, today.snapshot)) for name in names}
    return today.sizes
