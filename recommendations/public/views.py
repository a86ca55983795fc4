"""The public's doors: anonymous, read-only, without a cookie.

A view fetches, builds, renders. Nothing here, nor in a public template, touches `request.user`, the session or the
messages: each would make a page that follows its reader.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.paginator import Paginator
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from recommendations.data import package as data_packages
from recommendations.data import tables as data_tables
from recommendations.data.files import XLSX_TYPE, to_csv, to_json, to_xlsx
from recommendations.data.package import JSON_SCHEMA_VERSION, json_schema, schema_name
from recommendations.data.tables import citation
from recommendations.models import (
    ActionPlan,
    Correction,
    Edition,
    EditionFile,
    LogoImage,
    ProgressUpdate,
    Recommendation,
    ResponsibleParty,
    Status,
    TakeDown,
)
from recommendations.reading import origins
from recommendations.reading.comparison import compare, matrix
from recommendations.reading.entries import PartyEntry, Snapshot, funders_logos, notes_on, own_logo
from recommendations.reading.search import matching, parties_of
from recommendations.reading.snapshot import logo_entry, snapshot, status_notes, stored_snapshots, update_entry
from recommendations.reading.snapshot import origins as counted_origins
from recommendations.report.proof import covered_by_seal

from .pages import (
    MatrixView,
    area_view,
    changes_view,
    correction_lines,
    edition_lines,
    filtered_view,
    matrix_view,
    party_lines,
    party_view,
    progress_view,
    recommendation_view,
    report_lines,
    update_line,
    update_view,
)
from .search_form import asked

KEPT_BY_READERS = "private, max-age=31536000, immutable"
KINDS_OF_FILES = {
    EditionFile.Name.PDF: ("application/pdf", "inline"),
    EditionFile.Name.SNAPSHOT: ("application/json", "attachment"),
}
UPDATES_ON_A_PAGE = 25
SECURITY_CONTACT_HOLDS = dt.timedelta(days=180)


def current_plan() -> ActionPlan | None:
    """The plan with what every page shows of it; None before there is one."""
    return ActionPlan.objects.prefetch_related("support_links").first()


def page(
    request: HttpRequest, template: str, *, plan: ActionPlan | None, status: int = 200, **context: Any
) -> HttpResponse:
    """The page that `template` makes of `context`. Its one address, without what only filters it, is the canonical."""
    canonical = settings.SITE_URL + request.path
    logos = [logo_entry(logo) for logo in plan.logos.with_images()] if plan else []
    shared = {
        "plan": plan,
        "logo": own_logo(logos),
        "funders": funders_logos(logos),
        "canonical": canonical,
        "site": settings.SITE_URL,
    }
    return render(request, f"public/{template}.html", {**shared, **context}, status=status)


def live(plan: ActionPlan | None) -> Snapshot:
    """What is true of the plan today; a 404 before there is a plan."""
    if plan is None:
        raise Http404
    return snapshot(plan, on=timezone.localdate())


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    if plan is None:
        return page(request, "no_plan", plan=None)
    today = live(plan)
    wanted = asked(request, today)
    if wanted.filter:
        return page(request, "filtered", plan=plan, asked=wanted, found=filtered_view(today, wanted.filter))
    latest = latest_edition()
    pdf = files_of([latest], EditionFile.Name.PDF).get(latest.pk) if latest else None
    shown = progress_view(today)
    return page(request, "progress", plan=plan, asked=wanted, progress=shown, latest=latest, latest_pdf=pdf)


@require_safe
def area(request: HttpRequest, number: int) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    areas = {entry.number: entry for entry in today.areas}
    if number not in areas:
        raise Http404
    return page(request, "area", plan=plan, snapshot=today, area=area_view(today, areas[number]), areas=today.areas)


@require_safe
def recommendation(request: HttpRequest, reference: str) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    updates = ProgressUpdate.objects.filter(recommendations__in=Recommendation.objects.referred_to_as(reference))
    shown = recommendation_view(
        today,
        reference,
        corrections=Correction.objects.announced().filter(update__in=updates).select_related("update"),
        taken_down=TakeDown.objects.filter(update__in=updates).select_related("update"),
    )
    if shown is None:
        raise Http404
    cited = edition_with(shown.standing.entry.anchor)
    return page(request, "recommendation", plan=plan, snapshot=today, shown=shown, cited=cited)


@require_safe
def parties(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    return page(request, "parties", plan=plan, lines=party_lines(today, parties_of(today)))


@require_safe
def party(request: HttpRequest, slug: str) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    stored = get_object_or_404(ResponsibleParty, slug=slug)
    entry = PartyEntry(stored.slug, stored.name, stored.is_everyone)
    return page(request, "party", plan=plan, shown=party_view(today, entry))


@require_safe
def updates(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    paginator = Paginator(ProgressUpdate.objects.public().for_snapshot(), UPDATES_ON_A_PAGE)
    number = page_number(request)
    shown = paginator.get_page(number or 1)
    lines = [update_line(update_entry(update), area_title=update.area.title) for update in shown]
    days = [update.dated_on for update in shown]
    canonical = settings.SITE_URL + request.path + (f"?page={shown.number}" if shown.number > 1 else "")
    return page(
        request,
        "updates",
        plan=plan,
        lines=lines,
        shown=shown,
        is_misread=number != shown.number,
        canonical=canonical,
        notes=notes_on(status_notes(plan, on=timezone.localdate()), days) if plan else (),
    )


@require_safe
def update(request: HttpRequest, id: int) -> HttpResponse:
    plan = current_plan()
    stored = get_object_or_404(ProgressUpdate.objects.ever_published().for_admin(), pk=id)
    if stored.is_taken_down:
        return gone(request, plan, stored.take_down)
    if stored.is_set_aside:
        return not_now(request, plan)
    corrections = list(Correction.objects.announced().filter(update=stored).select_related("update"))
    if stored.withdrawn_at:
        withdrawal = next((correction for correction in corrections if correction.is_withdrawal), None)
        return page(request, "update_withdrawn", plan=plan, update=stored, withdrawal=withdrawal)
    today = live(plan)
    if id not in today.updates_by_id:
        raise Http404
    return page(request, "update", plan=plan, snapshot=today, shown=update_view(today, id, corrections=corrections))


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    announced = Correction.objects.announced().select_related("update__area", "recommendation__area", "area", "party")
    lines = correction_lines(announced.prefetch_related("update__assessments__recommendation__area"))
    return page(
        request,
        "corrections",
        plan=current_plan(),
        lines=lines,
        taken_down=TakeDown.objects.select_related("update", "edition__report"),
    )


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    editions = in_sight(Edition.objects.without_files().order_by("-report__ends_on", "-number"))
    lines = report_lines(editions, files_of(editions, EditionFile.Name.PDF))
    return page(request, "reports", plan=current_plan(), lines=lines)


@require_safe
def list_of_editions(request: HttpRequest) -> HttpResponse:
    """Every edition ever published, in order, with the hashes of its files and its seal: see script/check-editions."""
    related = Edition.objects.select_related("report", "previous", "compared_with", "take_down")
    files = Prefetch("files", EditionFile.objects.defer("content"))
    lines = [edition_proof(edition) for edition in related.prefetch_related(files).order_by("id")]
    return HttpResponse(described({"version": 1, "editions": lines}), content_type="application/json")


@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    editions = editions_of(slug)
    return edition_page(request, editions, newest_readable(editions), pdf_address=reverse("report-pdf", args=[slug]))


@require_safe
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    editions = editions_of(slug)
    pdf_address = reverse("edition-pdf", args=[slug, number])
    return edition_page(request, editions, numbered(editions, number), pdf_address=pdf_address)


def edition_page(request: HttpRequest, editions: list[Edition], shown: Edition, *, pdf_address: str) -> HttpResponse:
    """The article of `shown` as it was frozen, under what happened since; a notice where nobody may read it."""
    plan = current_plan()
    if notice := notice_for(request, plan, shown):
        return notice
    editions = in_sight(editions)
    return page(
        request,
        "edition",
        plan=plan,
        # Sanitised when it was published; verify_editions proves that it is still the same.
        article=mark_safe(shown.content(EditionFile.Name.ARTICLE).decode()),  # noqa: S308
        edition=shown,
        newest=editions[0],
        lines=edition_lines(editions, pdfs := files_of(editions, EditionFile.Name.PDF)),
        pdf=pdfs.get(shown.pk),
        pdf_address=pdf_address,
        files=list(shown.files.defer("content")),
        # Not what was taken down: this edition may still show it, and need not point at it.
        corrections=list(reversed(Correction.objects.announced().since(shown))),
    )


@require_safe
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed from the report before it to this one: as its newest public edition was compared, for good."""
    plan = current_plan()
    editions = editions_of(slug)
    shown = newest_readable(editions)
    if notice := notice_for(request, plan, shown):
        return notice
    compared = shown.compared_with
    stored = stored_snapshots([shown, *([compared] if compared and compared.is_public else [])])
    comparison = compare(stored[compared.pk], stored[shown.pk]) if compared and compared.pk in stored else None
    told = {update.id for change in comparison.changes for update in change.updates} if comparison else set()
    still = set(ProgressUpdate.objects.public().filter(pk__in=told).values_list("pk", flat=True))
    return page(
        request,
        "changes",
        plan=plan,
        edition=shown,
        compared=compared,
        changes=changes_view(comparison, standing=still) if comparison else None,
        matrix=matrix_of_reports(),
    )


def etag_of(name: str) -> Callable[..., str | None]:
    """What tells the hash of the file `name` that an edition's address leads to; None where there is none to give."""

    def etag(request: HttpRequest, slug: str, number: int | None = None) -> str | None:
        editions = Edition.objects.public().filter(report__slug=slug)
        newest = (editions if number is None else editions.filter(number=number)).order_by("number").last()
        file = files_of([newest], name).get(newest.pk) if newest else None
        return f'"{file.sha256}"' if file else None

    return etag


@require_safe
@condition(etag_func=etag_of(EditionFile.Name.PDF))
def report_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    return file_answer(request, newest_readable(editions_of(slug)), EditionFile.Name.PDF, called=f"{slug}.pdf")


@require_safe
@condition(etag_func=etag_of(EditionFile.Name.PDF))
def edition_pdf(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    shown = numbered(editions_of(slug), number)
    return file_answer(request, shown, EditionFile.Name.PDF, called=f"{slug}-edition-{number}.pdf")


@require_safe
@condition(etag_func=etag_of(EditionFile.Name.SNAPSHOT))
def edition_snapshot(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    shown = numbered(editions_of(slug), number)
    return file_answer(request, shown, EditionFile.Name.SNAPSHOT, called=f"{slug}-edition-{number}.json")


def file_answer(request: HttpRequest, shown: Edition, name: EditionFile.Name, *, called: str) -> HttpResponse:
    """The stored bytes of the file `name` of `shown`, exactly; a notice where nobody may read it. Saved as `called`."""
    if notice := notice_for(request, current_plan(), shown):
        return notice
    content = shown.content(name)
    content_type, shown_as = KINDS_OF_FILES[name]
    headers = {"Content-Disposition": f'{shown_as}; filename="{called}"', "Content-Length": str(len(content))}
    return HttpResponse(content, content_type=content_type, headers=headers)


@require_safe
def logo(request: HttpRequest, sha256: str, ending: str) -> HttpResponse:
    """The picture of a logo that stands, or that an edition shows which the public reads.

    It is named by its hash, so readers' browsers may keep it for good; nobody in between may: see frontdoor.py.
    """
    image = get_object_or_404(LogoImage.objects.public(), sha256=sha256)
    if image.get_absolute_url() != request.path:
        raise Http404
    content = bytes(image.content)
    kept = {"Cache-Control": KEPT_BY_READERS, "Content-Length": str(len(content)), "ETag": f'"{sha256}"'}
    return HttpResponse(content, content_type=image.content_type, headers=kept)


@require_safe
def statuses(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    notes = status_notes(plan, on=timezone.localdate()) if plan else ()
    return page(request, "statuses", plan=plan, statuses=list(Status), notes=notes)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    told = ""
    if plan:
        counted = counted_origins(Recommendation.objects.filter(area__plan=plan), on=timezone.localdate())
        told = origins.told(counted, conference=plan.conference_name)
    return page(request, "about", plan=plan, origins=told)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return page(request, "privacy", plan=current_plan())


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return page(request, "accessibility", plan=current_plan())


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    return page(request, "safety", plan=current_plan())


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the site can answer: one round trip to the database, and no details for strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return HttpResponse("database unreachable\n", content_type="text/plain; charset=utf-8", status=503)
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def gone(request: HttpRequest, plan: ActionPlan | None, take_down: TakeDown) -> HttpResponse:
    """The dated notice in the place of what was taken down."""
    return page(request, "taken_down", plan=plan, status=410, take_down=take_down)


def not_now(request: HttpRequest, plan: ActionPlan | None) -> HttpResponse:
    """The notice in the place of what was set aside: the same words for everything, which tell nothing of it.

    404 says of no answer whether it is for good (RFC 9110, 15.5.5), is never cached here, and makes search engines
    drop what they copied, which 503 would have them keep.
    """
    return page(request, "set_aside", plan=plan, status=404)


def notice_for(request: HttpRequest, plan: ActionPlan | None, shown: Edition) -> HttpResponse | None:
    """What is answered in the place of an edition that nobody may read; None for one that the public reads."""
    if shown.is_taken_down:
        return gone(request, plan, shown.take_down)
    return not_now(request, plan) if shown.is_set_aside else None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page, with the site's own name and exit where the database can be asked for them."""
    try:
        plan = current_plan()
    except DatabaseFailure:
        plan = None
    return render(request, "404.html", {"plan": plan}, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """The 500 page, from no context and no database; a sentence alone where even that can't be made."""
    try:
        content: str = render_to_string("500.html")
    except Exception:  # noqa: BLE001 (whatever failed before may fail here again)
        content = _("Something went wrong on our side. Please try again later.")
    return HttpResponse(content, status=500)


def editions_of(slug: str) -> list[Edition]:
    """The editions of the report at `slug`, newest first, at least one; otherwise 404."""
    editions = list(Edition.objects.without_files().filter(report__slug=slug))
    if not editions:
        raise Http404
    return editions


def edition_proof(edition: Edition) -> dict[str, Any]:
    """What the seal of `edition` covers, the seal, and where the edition is; of one taken down, since when."""
    proof = covered_by_seal(edition, {file.name: file.sha256 for file in edition.files.all()})
    address = f"{settings.SITE_URL}{edition.get_absolute_url()}"
    taken_down = edition.take_down.taken_down_at.astimezone(dt.UTC).isoformat() if edition.is_taken_down else None
    return {"address": address, **proof, "seal": edition.seal, "taken_down_at": taken_down}


def in_sight(editions: Iterable[Edition]) -> list[Edition]:
    """Those of `editions` that a list may name: of one that is set aside nothing is told."""
    return [edition for edition in editions if not edition.is_set_aside]


def newest_readable(editions: list[Edition]) -> Edition:
    """The newest of one report's `editions` that the public reads; where there is none, one whose notice holds."""
    untaken = [edition for edition in editions if not edition.is_taken_down]
    return next(iter(in_sight(untaken) or untaken or editions))


def numbered(editions: list[Edition], number: int) -> Edition:
    """The one of `editions` that has `number`; otherwise 404."""
    for candidate in editions:
        if candidate.number == number:
            return candidate
    raise Http404


def files_of(editions: Iterable[Edition], name: str) -> dict[int, EditionFile]:
    """The files called `name` of `editions`, by edition, without their bytes; those erased are left out."""
    files = EditionFile.objects.filter(edition__in=list(editions), name=name, content__isnull=False)
    return {file.edition_id: file for file in files.defer("content")}


def latest_edition() -> Edition | None:
    """The newest public edition of the newest report that has one."""
    return Edition.objects.public().without_files().order_by("-report__ends_on", "-number").first()


def newest_public() -> list[Edition]:
    """The newest public edition of each published report, the newest report first."""
    editions = Edition.objects.public().without_files().order_by("-report__ends_on", "-number")
    return list({edition.report_id: edition for edition in reversed(editions)}.values())[::-1]


def matrix_of_reports() -> MatrixView:
    """The status of every recommendation in the newest public edition of each report."""
    editions = newest_public()[::-1]
    stored = stored_snapshots(editions)
    snapshots = [stored[edition.pk] for edition in editions if edition.pk in stored]
    return matrix_view(matrix(snapshots), snapshots)


def edition_with(anchor: str) -> Edition | None:
    """The newest public edition whose article has `anchor`, to be cited; None where none has it."""
    for edition in newest_public():
        if f'id="{anchor}"'.encode() in edition.content(EditionFile.Name.ARTICLE):
            return edition
    return None


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for, 1 where it says nothing; 0 where it can't be read."""
    try:
        given = request.GET.getlist("page") or ["1"]
    except TooManyFieldsSent:
        return 0
    return int(given[0]) if len(given) == 1 and given[0].isascii() and given[0].isdigit() and len(given[0]) < 7 else 0


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    return page(
        request,
        "data",
        plan=plan,
        snapshot=today,
        tables=data_tables.tables(today, site=settings.SITE_URL),
        sizes=sizes_of(today),
        schema_version=JSON_SCHEMA_VERSION,
        origins=origins.told(today.origins, conference=today.plan.conference_name),
        citation=citation(today, site=settings.SITE_URL),
        latest=latest_edition(),
        parties=parties_of(today),
        site=settings.SITE_URL,
    )


@require_safe
def data_csv(request: HttpRequest, name: str) -> HttpResponse:
    return data_file(request, f"{name}.csv", content_type="text/csv; charset=utf-8; header=present")


@require_safe
def data_json(request: HttpRequest) -> HttpResponse:
    return data_file(request, "progress.json", content_type="application/json; charset=utf-8")


@require_safe
def data_xlsx(request: HttpRequest) -> HttpResponse:
    return data_file(request, "progress.xlsx", content_type=XLSX_TYPE)


@require_safe
def data_schema(request: HttpRequest, version: int = 1) -> HttpResponse:
    if not 1 <= version <= JSON_SCHEMA_VERSION:
        raise Http404("No such version of the schema.")
    schema = json_schema(site=settings.SITE_URL, version=version)
    name = schema_name(version)
    return download(described(schema), name, content_type="application/schema+json; charset=utf-8")


@require_safe
def data_package(request: HttpRequest) -> HttpResponse:
    package = data_packages.data_package(live(current_plan()), site=settings.SITE_URL)
    return download(described(package), "datapackage.json", content_type="application/json; charset=utf-8")


def data_file(request: HttpRequest, name: str, *, content_type: str) -> HttpResponse:
    """The file `name` of today's snapshot, or of the part of it that the address asks for, which the file says.

    An address that asks for what can't be read gets no file: it would hold more than was asked for, and look as if not.
    """
    plan = current_plan()
    today = live(plan)
    wanted = asked(request, today)
    if wanted.problems:
        return page(request, "no_file", plan=plan, status=404, problems=wanted.problems.values(), name=name)
    if not wanted.filter:
        return download(written(name, today), name, content_type=content_type)
    words = ", ".join(part.words for part in filtered_view(today, wanted.filter).conditions)
    content = written(name, today, only=matching(today, wanted.filter), words=words)
    return download(content, name.replace(".", "-filtered.", 1), content_type=content_type)


def written(name: str, today: Snapshot, *, only: Iterable[str] | None = None, words: str = "") -> bytes:
    """The bytes of the data file `name`, holding all or the recommendations `only`, which are those in `words`."""
    site = settings.SITE_URL
    if name == "progress.json":
        return to_json(today, site=site, only=only, filter=words)
    tables = {f"{table.name}.csv": table for table in data_tables.tables(today, site=site, only=only)}
    if name == "progress.xlsx":
        notes = data_tables.notes(today, site=site, filter=words)
        return to_xlsx(tables.values(), notes=notes, author=today.plan.organisation_name)
    if name not in tables:
        raise Http404
    return to_csv(tables[name])


def described(thing: dict[str, Any]) -> bytes:
    return json.dumps(thing, ensure_ascii=False, indent=1).encode()


def download(content: bytes, name: str, *, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


# The sizes of the data files of the snapshot with this hash, the one asked for last: a workbook takes time to write.
known_sizes: dict[str, dict[str, int]] = {}


def sizes_of(today: Snapshot) -> dict[str, int]:
    """How many bytes each data file has, by its name with underscores for points."""
    key = today.content_hash()
    sizes = known_sizes.get(key)
    if sizes is None:
        names = ("recommendations.csv", "updates.csv", "statuses.csv", "progress.json", "progress.xlsx")
        sizes = {name.replace(".", "_"): len(written(name, today)) for name in names}
        known_sizes.clear()
        known_sizes[key] = sizes
    return sizes


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole in this site, by RFC 9116; 404 where the organisation named nobody."""
    plan = current_plan()
    contact = (f"mailto:{plan.contact_email}" if plan.contact_email else plan.website) if plan else ""
    if not contact:
        raise Http404
    expires = timezone.localdate() + SECURITY_CONTACT_HOLDS
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        f"Preferred-Languages: {settings.LANGUAGE_CODE.partition('-')[0]}",
        f"Canonical: {settings.SITE_URL}{reverse('security-txt')}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For those who ask for the icon at the address of old."""
    return redirect(static("icon.svg"))
