"""PDFs to look at before publishing: one at a time, kept, and never at the cost of a visitor."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

from recommendations.report import pdf
from recommendations.report.pdf import RenderFailed
from recommendations.workspace import previews
from recommendations.workspace.previews import BeingMade, pdf_of
from tests.factories import make_recommendation, make_report, make_update

made, go_on = [], Event()


def render(article, **options):
    made.append(article)
    assert go_on.wait(30)
    if article == "fails":
        raise RenderFailed("It can't be made.")
    return b"%PDF " + article.encode()


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
    looks = [pdf_of(partial(render, "one", style="a")) for _ in range(2)]

    assert looks == [b"%PDF one"] * 2
    assert made == ["one"]
    assert pdf_of(partial(render, "one", style="b")) == b"%PDF one"
    assert made == ["one", "one"]


def test_only_the_last_few_are_kept():
    for number in range(previews.KEPT + 1):
        pdf_of(partial(render, str(number)))
    pdf_of(partial(render, "0"))

    assert made == ["0", "1", "2", "3", "4", "0"]


def test_what_is_kept_is_bounded_in_bytes_too(monkeypatch):
    monkeypatch.setattr(previews, "KEPT_BYTES", 20)
    for name in ("first", "second", "first"):
        pdf_of(partial(render, name))
    assert made == ["first", "second", "first"]

    assert pdf_of(partial(render, "larger than all that is kept")).endswith(b"kept")
    assert not previews._kept


def test_of_many_who_want_one_document_one_waits_and_it_is_made_once():
    go_on.clear()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pdf_of, partial(render, "wanted"), wait=30)
        while not previews._waiter.locked():
            pass
        for _ in range(3):
            with pytest.raises(BeingMade):
                pdf_of(partial(render, "wanted"), wait=30)
        go_on.set()
        assert waiting.result() == b"%PDF wanted"

    assert pdf_of(partial(render, "wanted")) == b"%PDF wanted"
    assert made == ["wanted"]


def test_a_request_lets_go_of_what_takes_long_and_the_next_one_finds_it():
    go_on.clear()
    for _ in range(2):
        with pytest.raises(BeingMade):
            pdf_of(partial(render, "long"), wait=0.01)
    with pytest.raises(RenderFailed, match="Another document is being made"):
        pdf_of(partial(render, "another"))

    go_on.set()
    assert pdf_of(partial(render, "long")) == b"%PDF long"
    assert pdf_of(partial(render, "another")) == b"%PDF another"
    assert made == ["long", "another"]


def test_a_failure_is_told_once_and_the_next_look_tries_again():
    go_on.clear()
    with pytest.raises(BeingMade):
        pdf_of(partial(render, "fails"), wait=0.01)
    go_on.set()

    for _ in range(2):
        with pytest.raises(RenderFailed, match="It can't be made"):
            pdf_of(partial(render, "fails"))
    assert made == ["fails", "fails"]


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
