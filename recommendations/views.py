"""The public's doors: anonymous, read-only, without a cookie.

A view fetches, builds, renders. Nothing here, nor in a public template, touches `request.user`, the session or the
messages: each would make a page that follows its reader.
"""

from collections.abc import Iterable
from typing import Any

from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from .models import (
    ActionPlan,
    Correction,
    Edition,
    EditionFile,
    ProgressUpdate,
    Recommendation,
    Status,
    TakeDown,
)
from .pages import (
    area_view,
    corrected_since,
    edition_lines,
    progress_view,
    recommendation_view,
    report_lines,
    update_view,
)
from .snapshot import Snapshot, snapshot


def current_plan() -> ActionPlan | None:
    """The plan with what every page shows of it; None before there is one."""
    return ActionPlan.objects.prefetch_related("support_links").first()


def page(
    request: HttpRequest, template: str, *, plan: ActionPlan | None, status: int = 200, **context: Any
) -> HttpResponse:
    return render(request, f"recommendations/{template}.html", {"plan": plan, **context}, status=status)


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
    latest = Edition.objects.standing().without_files().order_by("-report__ends_on", "-number").first()
    pdf = pdfs_of([latest]).get(latest.pk) if latest else None
    return page(request, "progress", plan=plan, progress=progress_view(live(plan)), latest=latest, latest_pdf=pdf)


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
    shown = recommendation_view(today, reference, withdrawn=withdrawals_of(reference))
    if shown is None:
        raise Http404
    return page(request, "recommendation", plan=plan, snapshot=today, shown=shown)


@require_safe
def update(request: HttpRequest, id: int) -> HttpResponse:
    plan = current_plan()
    stored = get_object_or_404(ProgressUpdate.objects.ever_published().for_admin(), pk=id)
    if stored.is_taken_down:
        return gone(request, plan, stored.take_down)
    if stored.withdrawn_at:
        withdrawal = stored.corrections.filter(is_withdrawal=True).first()
        return page(request, "update_withdrawn", plan=plan, update=stored, withdrawal=withdrawal)
    today = live(plan)
    if id not in today.updates_by_id:
        raise Http404
    return page(request, "update", plan=plan, snapshot=today, shown=update_view(today, id))


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    editions = list(Edition.objects.without_files().order_by("-report__ends_on", "-number"))
    lines = report_lines(editions, pdfs_of(editions))
    return page(request, "reports", plan=current_plan(), lines=lines)


@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    editions = editions_of(slug)
    standing = next((edition for edition in editions if not edition.is_taken_down), editions[0])
    return edition_page(request, editions, standing, pdf_address=reverse("report-pdf", args=[slug]))


@require_safe
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    editions = editions_of(slug)
    pdf_address = reverse("edition-pdf", args=[slug, number])
    return edition_page(request, editions, numbered(editions, number), pdf_address=pdf_address)


def edition_page(request: HttpRequest, editions: list[Edition], shown: Edition, *, pdf_address: str) -> HttpResponse:
    """The article of `shown` as it was frozen, under what happened since; 410 where it was taken down."""
    plan = current_plan()
    if shown.is_taken_down:
        return gone(request, plan, shown.take_down)
    return page(
        request,
        "edition",
        plan=plan,
        # Sanitised when it was published; verify_editions proves that it is still the same.
        article=mark_safe(shown.content(EditionFile.Name.ARTICLE).decode()),  # noqa: S308
        edition=shown,
        newest=editions[0],
        lines=edition_lines(editions, pdfs := pdfs_of(editions)),
        pdf=pdfs.get(shown.pk),
        pdf_address=pdf_address,
        corrections=corrected_since(shown, announced_after(shown)),
    )


def etag_of_pdf(request: HttpRequest, slug: str, number: int | None = None) -> str | None:
    """The hash of the PDF that the address leads to; None where there is none to give."""
    editions = Edition.objects.standing().filter(report__slug=slug)
    newest = (editions if number is None else editions.filter(number=number)).order_by("number").last()
    pdf = pdfs_of([newest]).get(newest.pk) if newest else None
    return f'"{pdf.sha256}"' if pdf else None


@require_safe
@condition(etag_func=etag_of_pdf)
def report_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    editions = editions_of(slug)
    standing = next((edition for edition in editions if not edition.is_taken_down), editions[0])
    return pdf_answer(request, standing, filename=f"{slug}.pdf")


@require_safe
@condition(etag_func=etag_of_pdf)
def edition_pdf(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    return pdf_answer(request, numbered(editions_of(slug), number), filename=f"{slug}-edition-{number}.pdf")


def pdf_answer(request: HttpRequest, shown: Edition, *, filename: str) -> HttpResponse:
    if shown.is_taken_down:
        return gone(request, current_plan(), shown.take_down)
    content = shown.content(EditionFile.Name.PDF)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{filename}"', "Content-Length": str(len(content))},
    )


@require_safe
def statuses(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    note = live(plan).status_note if plan else ""
    return page(request, "statuses", plan=plan, statuses=list(Status), status_note=note)


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


def numbered(editions: list[Edition], number: int) -> Edition:
    """The one of `editions` that has `number`; otherwise 404."""
    for candidate in editions:
        if candidate.number == number:
            return candidate
    raise Http404


def pdfs_of(editions: Iterable[Edition]) -> dict[int, EditionFile]:
    """The PDF files of `editions` by edition, without their bytes."""
    files = EditionFile.objects.filter(edition__in=list(editions), name=EditionFile.Name.PDF, content__isnull=False)
    return {file.edition_id: file for file in files.defer("content")}


def announced_after(shown: Edition) -> list[Correction]:
    """The corrections announced after `shown` was published, newest first, with what the page says of them."""
    corrections = Correction.objects.announced().filter(corrected_at__gt=shown.published_at)
    return list(corrections.select_related("update").prefetch_related("update__assessments__recommendation__area"))


def withdrawals_of(reference: str) -> list[Correction]:
    """The withdrawals of updates that covered the recommendation `reference`."""
    covered = Recommendation.objects.referred_to_as(reference)
    withdrawals = Correction.objects.announced().filter(is_withdrawal=True, update__recommendations__in=covered)
    return list(withdrawals.select_related("update"))
