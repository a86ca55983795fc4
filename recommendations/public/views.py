"""The pages of the plan: its recommendations, areas, parties, updates and corrections, and the pages about the site."""

import sys

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import (
    Assessment,
    Correction,
    EditionFile,
    ProgressUpdate,
    Recommendation,
    ResponsibleParty,
    StatusWording,
    TakeDown,
    Term,
)
from recommendations.models.recommendations import slug_of
from recommendations.public.pages.areas import area_view, in_parts, title_of_area
from recommendations.public.pages.corrections import correction_lines
from recommendations.public.pages.media import media_view
from recommendations.public.pages.parties import parties_in_pages, party_lines, party_view
from recommendations.public.pages.progress import filtered_view, progress_view, results_title
from recommendations.public.pages.recommendations import recommendation_view
from recommendations.public.pages.updates import update_line, update_view
from recommendations.reading import origins, titles
from recommendations.reading.editions import comparison_of, edition_with, files_of
from recommendations.reading.entries import PartyEntry
from recommendations.reading.search import Filter, parties_of
from recommendations.reading.snapshot import counted_origins, status_meanings, status_notes

from .base import current_plan, gone, live, not_now, page, today_of
from .paging import paged
from .refusals import content_of
from .search_form import read_search

# How many areas are listed beside one of them.
MOST_BESIDE = 60


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    if plan is None:
        return page(request, "no_plan", plan=None)
    kept = today_of(plan)
    today = kept.snapshot
    search = read_search(request, today)
    if search.filter:
        found = filtered_view(today, search.filter, search.words)
        title = results_title(today, search.filter, plan)
        pages = paged(request, found.parts, size=1, query=search.filter.query)
        return page(request, "filtered", plan=plan, search=search, found=found, paged=pages, title=pages.titled(title))
    latest = kept.latest_edition
    pdf = files_of([latest], EditionFile.Name.PDF).get(latest.pk) if latest else None
    view = progress_view(today)
    pages = paged(request, view.parts, size=1)
    return page(
        request,
        "progress",
        plan=plan,
        title=pages.titled(_("Progress")),
        search=search,
        progress=view,
        paged=pages,
        latest=latest,
        latest_pdf=pdf,
    )


@require_safe
def area(request: HttpRequest, number: int) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    areas = {entry.number: entry for entry in today.shown_areas}
    if number not in areas:
        raise Http404
    view = area_view(today, areas[number])
    pages = paged(request, in_parts([view]), size=1)
    return page(
        request,
        "area",
        plan=plan,
        title=pages.titled(title_of_area(areas[number], plan)),
        area=view,
        areas=today.shown_areas if len(today.shown_areas) <= MOST_BESIDE else (),
        paged=pages,
        query=Filter(area=str(number)).query,
    )


@require_safe
def recommendation(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a recommendation. An address that is written as its reference is (“12(b)”) leads to its own."""
    plan = current_plan()
    kept = today_of(plan)
    today = kept.snapshot
    if any(slug == entry.reference != entry.slug for entry in today.recommendations):
        return redirect("recommendation", slug, permanent=True)
    updates = ProgressUpdate.objects.covering(Recommendation.objects.filter(slug=slug_of(slug)))
    found = recommendation_view(
        today,
        slug,
        corrections=Correction.objects.announced().about(updates),
        taken_down=TakeDown.objects.about(updates),
    )
    if found is None:
        raise Http404
    cited = edition_with(found.line.entry.anchor, kept.editions)
    pages = paged(request, found.parts, size=1)
    title = pages.titled(titles.of_recommendation(found.line.entry.reference, plan))
    return page(request, "recommendation", plan=plan, title=title, recommendation=found, cited=cited, paged=pages)


@require_safe
def parties(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    pages = paged(request, parties_in_pages(parties_of(today)), size=1)
    lines = party_lines(today, pages.page[0])
    return page(request, "parties", plan=plan, title=pages.titled(_("Addressed to")), lines=lines, paged=pages)


@require_safe
def party(request: HttpRequest, slug: str) -> HttpResponse:
    plan = current_plan()
    today = live(plan)
    stored = get_object_or_404(ResponsibleParty, slug=slug)
    entry = PartyEntry(stored.slug, stored.name, stored.is_everyone)
    title = titles.of_party(stored.name, plan, number=stored.pk)
    view = party_view(today, entry)
    pages = paged(request, view.parts, size=1)
    return page(request, "party", plan=plan, party=view, paged=pages, title=pages.titled(title))


@require_safe
def updates(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    kept = today_of(plan) if plan else None
    today = kept.snapshot if kept else None
    pages = paged(request, kept.update_pages if kept else ((),), size=1)
    shown = pages.page[0]
    areas = {area.number: area for area in today.areas} if today else {}
    labels = today.labels if today else {}
    return page(
        request,
        "updates",
        plan=plan,
        title=pages.titled(_("Updates")),
        lines=[update_line(update, area=areas[update.area], labels=labels) for update in shown],
        paged=pages,
        notes=today.notes_on(update.dated_on for update in shown) if today else (),
    )


@require_safe
def update(request: HttpRequest, id: int) -> HttpResponse:
    plan = current_plan()
    stored = get_object_or_404(ProgressUpdate.objects.ever_published().with_assessments().with_removals(), pk=id)
    if stored.is_taken_down:
        return gone(request, plan, stored.take_down, title=titles.of_update(id))
    if stored.is_set_aside:
        return not_now(request, plan)
    corrections = list(Correction.objects.announced().about([stored]))
    if stored.withdrawn_at:
        withdrawal = next((correction for correction in corrections if correction.is_withdrawal), None)
        title = titles.of_update(id)
        return page(request, "update_withdrawn", plan=plan, update=stored, withdrawal=withdrawal, title=title)
    today = live(plan)
    if id not in today.updates_by_id:
        raise Http404
    view = update_view(today, id, corrections=corrections)
    pages = paged(request, view.parts, size=1)
    title = pages.titled(titles.of_update(id, view.entry.references))
    return page(request, "update", plan=plan, update=view, title=title, paged=pages)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    pages = paged(request, Correction.objects.announced().for_list())
    lines = correction_lines(pages.page, labels=StatusWording.objects.labels())
    return page(
        request,
        "corrections",
        plan=current_plan(),
        title=pages.titled(_("Corrections")),
        lines=lines,
        paged=pages,
        taken_down=TakeDown.objects.for_list(),
    )


@require_safe
def statuses(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    recorded = Assessment.objects.filter(update__in=ProgressUpdate.objects.public())
    meanings = status_meanings(plan, recorded=set(recorded.values_list("status", flat=True).distinct()))
    notes = status_notes(plan, on=timezone.localdate()) if plan else ()
    return page(request, "statuses", plan=plan, statuses=[one for one in meanings if one.is_used], notes=notes)


@require_safe
def media(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    kept = today_of(plan)
    today = kept.snapshot
    latest = kept.latest_edition
    pdf = files_of([latest], EditionFile.Name.PDF).get(latest.pk) if latest else None
    comparison = comparison_of(latest) if latest else None
    view = media_view(today, terms=Term.objects.for_readers(), comparison=comparison)
    return page(request, "media", plan=plan, media=view, latest=latest, latest_pdf=pdf)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    plan = current_plan()
    sentences = ""
    if plan:
        recommendations = Recommendation.objects.filter(area__plan=plan).select_related("area")
        sentences = origins.sentences(counted_origins(recommendations, on=timezone.localdate()), plan=plan)
    return page(request, "about", plan=plan, origins=sentences)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return page(request, "privacy", plan=current_plan())


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    explained = Recommendation.objects.explained().exists()
    return page(request, "accessibility", plan=current_plan(), explained=explained)


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    return page(request, "safety", plan=current_plan())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refused(request, status=404)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refused(request, status=400)


def _refused(request: HttpRequest, *, status: int) -> HttpResponse:
    """The page of an error, with what every page has of the plan where the database can be asked for it."""
    try:
        plan = current_plan()
    except DatabaseFailure:
        plan = None
    copied_on = request.META.get("tracker.copied_on")
    context = {"plan": plan, "copied_on": copied_on, "site": settings.SITE_URL}
    return render(request, f"{status}.html", context, status=status)


def failed(request: HttpRequest) -> HttpResponse:
    """The 500 page, made without context or database; a plain sentence where even that fails.

    Where the database couldn't be asked, nothing is wrong with the page: it says so, with the status 503.
    """
    try:
        if isinstance(sys.exc_info()[1], InterfaceError | OperationalError):
            content_type, content = content_of(request, 503, "failed")
            return HttpResponse(content, content_type=content_type, status=503, headers={"Retry-After": "60"})
        content = render_to_string("500.html")
    except Exception:  # noqa: BLE001 (whatever failed before may fail here again)
        content = _("Something went wrong on our end. Please try again later.")
    return HttpResponse(content, status=500)
