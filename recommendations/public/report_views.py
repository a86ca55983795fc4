"""The pages and files of published reports: their editions, what changed between them, and the proof of each."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from recommendations.models import ActionPlan, Correction, Edition, EditionFile
from recommendations.public.pages.changes import changes_parts, changes_view, first_page, matrix_view, totals_view
from recommendations.public.pages.reports import edition_lines, report_lines
from recommendations.reading import titles
from recommendations.reading.comparison import matrix
from recommendations.reading.editions import comparison_of, files_of, public_file, public_updates_in, reports_in_order
from recommendations.report.editions import former_site_of, leading_here
from recommendations.report.proof import covered_by_seal

from .base import as_json, current_plan, notice_for, page
from .paging import paged

KINDS_OF_FILES = {
    EditionFile.Name.PDF: ("application/pdf", "inline"),
    EditionFile.Name.SNAPSHOT: ("application/json", "attachment"),
}


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    editions = list(Edition.objects.not_set_aside().without_files().by_report())
    lines = report_lines(editions, files_of(editions, EditionFile.Name.PDF))
    return page(request, "reports", plan=current_plan(), lines=lines)


@require_safe
def list_of_editions(request: HttpRequest) -> HttpResponse:
    """Every edition ever published, in order, with the hashes of its files and its seal: see script/check-editions."""
    lines = [edition_proof(edition) for edition in Edition.objects.for_proof()]
    return HttpResponse(as_json({"version": 1, "editions": lines}), content_type="application/json")


@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    editions = editions_of(slug)
    edition, pdf_address = at_reports_address(editions), reverse("report-pdf", args=[slug])
    title = titles.of_report(edition.report, plan := current_plan(), shares_title=edition.report.shares_title())
    return edition_page(request, plan, editions, edition, title=title, pdf_address=pdf_address)


@require_safe
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    editions = editions_of(slug)
    edition, pdf_address = numbered(editions, number), reverse("edition-pdf", args=[slug, number])
    plan, shares_title = current_plan(), edition.report.shares_title()
    title = titles.of_edition(edition.report, plan, number=number, shares_title=shares_title)
    return edition_page(request, plan, editions, edition, title=title, pdf_address=pdf_address)


def edition_page(
    request: HttpRequest,
    plan: ActionPlan | None,
    editions: list[Edition],
    edition: Edition,
    *,
    title: str,
    pdf_address: str,
) -> HttpResponse:
    """The frozen article of `edition` below what happened since, or a notice where nobody may read it."""
    if notice := notice_for(request, plan, edition):
        return notice
    editions = [one for one in editions if not one.is_set_aside]
    article = edition.content(EditionFile.Name.ARTICLE).decode()
    former_site = former_site_of(article, path=edition.get_absolute_url())
    # A copy leads to itself: the site may be gone once somebody reads it.
    if site := former_site or ("tracker.copied_on" in request.META and settings.SITE_URL):
        article = leading_here(article, site=site)
    return page(
        request,
        "edition",
        plan=plan,
        title=title,
        # Sanitised when it was published; verify_editions proves that it is still the same.
        article=mark_safe(article),  # noqa: S308
        former_site=former_site,
        edition=edition,
        newest=editions[0],
        lines=edition_lines(editions, pdfs := files_of(editions, EditionFile.Name.PDF)),
        pdf=pdfs.get(edition.pk),
        pdf_address=pdf_address,
        files=list(edition.files.defer("content")),
        # Not what was taken down: this edition may still show it, and need not point at it.
        corrections=list(reversed(Correction.objects.announced().since(edition))),
    )


@require_safe
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed since the report before, as it was frozen in the newest public edition."""
    plan = current_plan()
    editions = editions_of(slug)
    edition = at_reports_address(editions)
    if notice := notice_for(request, plan, edition):
        return notice
    comparison = comparison_of(edition)
    snapshots = reports_in_order()
    compared = (
        [*(one for one in snapshots if one.on < comparison.before.on), comparison.before, comparison.after]
        if comparison
        else []
    )
    title = titles.of_report(edition.report, plan, shares_title=edition.report.shares_title())
    view = changes_view(comparison, public=public_updates_in(comparison)) if comparison else None
    parts = changes_parts(view, matrix_view(matrix(snapshots), snapshots))
    pages = paged(request, parts, size=1)
    return page(
        request,
        "changes",
        plan=plan,
        title=pages.titled(_("%(title)s, what changed") % {"title": title}),
        edition=edition,
        compared=edition.compared_with,
        changes=view,
        totals=totals_view(compared),
        paged=pages,
        tally=[(section, pages.place(section.slug, first_page(section, parts))) for section in view.sections]
        if view
        else (),
    )


def etag_of(name: str) -> Callable[..., str | None]:
    """What makes the ETag of the file `name` of an edition: its hash; None where there is no such file."""

    def etag(request: HttpRequest, slug: str, number: int | None = None) -> str | None:
        file = public_file(slug, number, name)
        return f'"{file.sha256}"' if file else None

    return etag


@require_safe
@condition(etag_func=etag_of(EditionFile.Name.PDF))
def report_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    return file_answer(request, at_reports_address(editions_of(slug)), EditionFile.Name.PDF, called=f"{slug}.pdf")


@require_safe
@condition(etag_func=etag_of(EditionFile.Name.PDF))
def edition_pdf(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    edition = numbered(editions_of(slug), number)
    return file_answer(request, edition, EditionFile.Name.PDF, called=f"{slug}-edition-{number}.pdf")


@require_safe
@condition(etag_func=etag_of(EditionFile.Name.SNAPSHOT))
def edition_snapshot(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    edition = numbered(editions_of(slug), number)
    return file_answer(request, edition, EditionFile.Name.SNAPSHOT, called=f"{slug}-edition-{number}.json")


def file_answer(request: HttpRequest, edition: Edition, name: EditionFile.Name, *, called: str) -> HttpResponse:
    """The stored file `name` of `edition`, offered as `called`, or a notice where nobody may read it."""
    if notice := notice_for(request, current_plan(), edition):
        return notice
    content = edition.content(name)
    content_type, shown_as = KINDS_OF_FILES[name]
    headers = {"Content-Disposition": f'{shown_as}; filename="{called}"', "Content-Length": str(len(content))}
    return HttpResponse(content, content_type=content_type, headers=headers)


def editions_of(slug: str) -> list[Edition]:
    """The editions of the report at `slug`, newest first, at least one; otherwise 404."""
    editions = list(Edition.objects.without_files().filter(report__slug=slug))
    if not editions:
        raise Http404
    return editions


def edition_proof(edition: Edition) -> dict[str, Any]:
    """The seal of `edition`, what it covers, its address, and when it was taken down."""
    proof = covered_by_seal(edition, {file.name: file.sha256 for file in edition.files.all()})
    address = f"{settings.SITE_URL}{edition.get_absolute_url()}"
    taken_down = edition.take_down.taken_down_at.astimezone(dt.UTC).isoformat() if edition.is_taken_down else None
    return {"address": address, **proof, "seal": edition.seal, "taken_down_at": taken_down}


def at_reports_address(editions: list[Edition]) -> Edition:
    """The newest public one of a report's `editions`; where there is none, one with a notice in its place."""
    for edition in editions:
        if edition.is_public:
            return edition
    return next((edition for edition in editions if not edition.is_taken_down), editions[0])


def numbered(editions: list[Edition], number: int) -> Edition:
    """The one of `editions` that has `number`; otherwise 404."""
    for candidate in editions:
        if candidate.number == number:
            return candidate
    raise Http404
