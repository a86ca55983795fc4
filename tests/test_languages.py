"""A language is added by its catalogue alone: no word of ours that readers see, and no date, stands outside it."""

import html
import re

import pytest
from django.utils.text import capfirst
from django.utils.translation import trans_real

from recommendations.models import ActionPlan, ProgressUpdate, Report, ResponsibleParty
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article

# Addresses, files and kinds of files are called the same in every language.
NAMES = re.compile(r"https?://\S+|\S+\.(?:pdf|html|json)\b|\b(?:PDF|CSV|XLSX|JSON|Atom)\b")
WORD = re.compile(r"[^\W\d_]{3,}")
PAGES = (
    *("/", "/?q=police", "/?q=nothing-like-it", "/areas/1/", "/recommendations/3.2/", "/parties/", "/updates/"),
    *("/parties/housing-providers/", "/corrections/", "/reports/", "/reports/two-year-update-sample/changes/"),
    *("/statuses/", "/media/", "/about/", "/privacy/", "/accessibility/", "/safety/", "/no-such-page/"),
)


@pytest.fixture
def foreign(monkeypatch):
    """A language in which every text is the same in guillemets."""
    kind = trans_real.DjangoTranslation
    monkeypatch.setattr(kind, "gettext", lambda self, text: f"«{text.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}»")
    monkeypatch.setattr(kind, "ngettext", lambda self, one, many, count: f"«{one if count == 1 else many}»")


def texts(page):
    """The runs of text of `page` that no guillemets enclose and that hold a word."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", "\n", page, flags=re.DOTALL)
    page = re.sub(r"<[^>]*>", "\n", page)
    while page != (without := re.sub(r"«[^«»]*»", "\n", page)):
        page = without
    lines = (" ".join(line.split()) for line in NAMES.sub("", html.unescape(page)).split("\n"))
    return {line.strip(" ,.:;()–…0123456789") for line in lines if WORD.search(line)}


def own_words(report):
    """All that staff wrote and that `report` or a page may show, as one text."""
    written = report_snapshot(report).to_json() + report_snapshot(Report.objects.earliest("ends_on")).to_json()
    updates = ProgressUpdate.objects.values_list("text", "evidence_links__label", "corrections__note")
    plan = ActionPlan.objects.get()
    # The title of a party's page begins with a capital.
    titles = [f"{capfirst(party.name)} – {plan.organisation_name}" for party in ResponsibleParty.objects.all()]
    return " ".join(
        f"{written} {plan.care_line} {titles} {list(updates)}".replace("\\n", " ").replace('\\"', '"').split()
    )


@pytest.mark.parametrize("address", PAGES)
def test_no_word_of_a_page_stands_outside_the_catalogue(address, sample, foreign, client):
    words = own_words(sample.report)

    found = {text for text in texts(client.get(address).content.decode()) if text not in words}

    assert found == set()


def test_no_word_of_the_report_stands_outside_the_catalogue(sample, foreign):
    words = own_words(sample.report)

    found = {text for text in texts(article(report_snapshot(sample.report))) if text not in words}

    assert found == set()
