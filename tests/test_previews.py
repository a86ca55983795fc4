"""PDFs to look at before publishing: one at a time, kept, and never at the cost of a visitor."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

from recommendations.reading.snapshot import report_snapshot
from recommendations.report import document, pdf
from recommendations.report.editions import Making, draft_pdf, preview_pdf
from recommendations.report.pdf import RenderFailed
from recommendations.workspace import previews
from recommendations.workspace.previews import BeingMade, pdf_of
from tests.documents import make_snapshot
from tests.factories import make_logo, make_recommendation, make_report, make_update

made, go_on = [], Event()


def render(article, **options):
    made.append(article)
    assert go_on.wait(30)
    if article == "fails":
        raise RenderFailed("It can't be made.")
    return b"%PDF " + article.encode()


def making(article):
    return Making(article, partial(render, article))


@pytest.fixture(autouse=True)
def _afresh():
    made.clear()
    go_on.set()
    yield
    go_on.set()
    if job := previews._job:
        job.future.exception(30)
        previews._job = None
    previews._kept.clear()


def test_a_second_look_is_at_what_was_made_for_the_first():
    looks = [pdf_of(making("one")) for _ in range(2)]

    assert looks == [b"%PDF one"] * 2
    assert made == ["one"]


def test_only_the_last_few_are_kept():
    for number in range(previews.KEPT + 1):
        pdf_of(making(str(number)))
    pdf_of(making("0"))

    assert made == ["0", "1", "2", "3", "4", "0"]


def test_what_is_kept_is_bounded_in_bytes_too(monkeypatch):
    monkeypatch.setattr(previews, "KEPT_BYTES", 20)
    for name in ("first", "second", "first"):
        pdf_of(making(name))
    assert made == ["first", "second", "first"]

    assert pdf_of(making("larger than all that is kept")).endswith(b"kept")
    assert not previews._kept


def test_of_many_who_want_one_document_one_waits_and_it_is_made_once():
    go_on.clear()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pdf_of, making("wanted"), wait=30)
        while not previews._waiter.locked():
            pass
        for _ in range(3):
            with pytest.raises(BeingMade):
                pdf_of(making("wanted"), wait=30)
        go_on.set()
        assert waiting.result() == b"%PDF wanted"

    assert pdf_of(making("wanted")) == b"%PDF wanted"
    assert made == ["wanted"]


def test_a_request_lets_go_of_what_takes_long_and_the_next_one_finds_it():
    go_on.clear()
    for _ in range(2):
        with pytest.raises(BeingMade):
            pdf_of(making("long"), wait=0.01)
    with pytest.raises(RenderFailed, match="Another document is being made"):
        pdf_of(making("another"))

    go_on.set()
    assert pdf_of(making("long")) == b"%PDF long"
    assert pdf_of(making("another")) == b"%PDF another"
    assert made == ["long", "another"]


def test_a_failure_is_told_once_and_the_next_look_tries_again():
    go_on.clear()
    with pytest.raises(BeingMade):
        pdf_of(making("fails"), wait=0.01)
    go_on.set()

    for _ in range(2):
        with pytest.raises(RenderFailed, match="It can't be made"):
            pdf_of(making("fails"))
    assert made == ["fails", "fails"]


def test_documents_that_differ_in_anything_are_told_apart():
    taken, other, day = (
        make_snapshot(edition=None),
        make_snapshot(edition=None, count=3),
        dt.datetime(2020, 7, 1, tzinfo=dt.UTC),
    )
    makings = [
        *(preview_pdf(taken), preview_pdf(taken, embargo="Not before July 2"), preview_pdf(other)),
        *(draft_pdf(taken, at=day), draft_pdf(taken, at=day + dt.timedelta(days=1))),
    ]

    assert len({making.key for making in makings}) == len(makings)
    assert preview_pdf(make_snapshot(edition=None)).key == preview_pdf(taken).key


@pytest.mark.django_db
def test_what_makes_a_document_asks_no_database_and_only_then_writes_its_article(
    monkeypatch, django_assert_num_queries
):
    made_of = []
    monkeypatch.setattr(pdf, "render", lambda article, **options: made_of.append(options["pictures"]) or b"%PDF")
    make_logo()
    make_update(statuses={make_recommendation(): "planned"})
    written = []
    as_it_was = document.article
    monkeypatch.setattr(document, "article", lambda *args, **options: written.append(1) or as_it_was(*args, **options))

    making = preview_pdf(report_snapshot(make_report()))

    assert written == []
    with django_assert_num_queries(0):
        making.make()
    assert (len(written), len(made_of[0])) == (1, 1)


@pytest.mark.django_db
def test_the_page_asks_again_by_itself_without_scripts(staff, monkeypatch):
    monkeypatch.setattr(pdf, "render", render)
    monkeypatch.setattr(previews, "WAIT", 0.01)
    make_update(statuses={make_recommendation(): "planned"})
    address = f"/admin/recommendations/report/{make_report().pk}/preview.pdf"
    go_on.clear()

    waiting = staff.get(address)

    assert (waiting.status_code, waiting["Refresh"], waiting["Content-Type"]) == (200, "3", "text/html; charset=utf-8")
    assert "The PDF is being made" in waiting.content.decode()
    go_on.set()
    previews._job.future.result(30)
    assert staff.get(address).content.startswith(b"%PDF ")
