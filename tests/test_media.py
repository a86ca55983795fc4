"""The media sheet: figures with what they don't mean, how to cite, who to ask, and the words to avoid."""

import datetime as dt
import re

import pytest
from django.utils.translation import override

from recommendations.models import Status, Term
from recommendations.public.pages.media import media_view
from recommendations.publishing.reports import publish_report
from recommendations.reading.findings import of_report
from recommendations.reading.snapshot import snapshot
from recommendations.reading.summaries import sentence_of_totals
from tests.factories import make_plan, make_recommendation, make_report, make_update

pytestmark = pytest.mark.django_db


def figures():
    view = media_view(snapshot(make_plan(), on=dt.date(2020, 7, 1)), terms=[], comparison=None)
    return [(f"{figure.count} of {figure.of} {figure.words}.", figure.caution) for figure in view.figures]


def with_status(status, times=1):
    for _ in range(times):
        make_update(statuses={make_recommendation(): status})


def said_at_media(client):
    return " ".join(re.sub(r"<[^>]+>", " ", client.get("/media/").content.decode()).split())


def test_figures_say_what_is_done_what_is_for_others_and_what_has_no_update():
    with_status(Status.COMPLETED)
    with_status(Status.PLANNED, 2)
    with_status(Status.FOR_OTHERS, 2)
    make_recommendation()

    assert figures() == [
        (
            "1 of 4 recommendations not for others to act on is completed.",
            "A status isn’t a grade. Work on the others may be well under way, and some of it may have no end.",
        ),
        (
            "2 of 6 recommendations are for others to act on.",
            "That doesn’t say whether they acted. An update says what Example Organisation did in support.",
        ),
        (
            "1 of 6 recommendations has no update yet.",
            "That is not evidence that nothing happened: we don’t know.",
        ),
    ]


def test_figures_of_a_plan_in_which_nothing_is_for_others():
    with_status(Status.PLANNED, 2)

    assert [words for words, _caution in figures()] == [
        "0 of 2 recommendations are completed.",
        "2 of 2 recommendations have a status that leaves work to do.",
        "0 of 2 recommendations have no update yet.",
    ]


def test_figures_of_a_plan_just_begun_do_not_call_it_done():
    with_status(Status.COMPLETED)
    make_recommendation()
    make_recommendation()

    assert [words for words, _caution in figures()] == [
        "1 of 3 recommendations is completed.",
        "0 of 3 recommendations have a status that leaves work to do.",
        "2 of 3 recommendations have no update yet.",
    ]


def test_figures_of_a_plan_in_which_everything_is_for_others_or_nothing_is_entered():
    assert figures() == []

    with_status(Status.FOR_OTHERS)

    assert [words for words, _caution in figures()] == [
        "1 of 1 recommendation is for others to act on.",
        "0 of 1 recommendation has no update yet.",
    ]


def test_the_sheet_says_the_newest_report_how_to_cite_and_which_words_to_avoid(client, fake_pdf, user, now):
    make_plan(contact_email="press@example.org")
    recommendation = make_recommendation()
    retired = make_recommendation(retired_on=dt.date(2020, 6, 1), retired_reason="Done otherwise.")
    Term.objects.create(word="exiting", instead="transitioning", recommendation=recommendation)
    Term.objects.create(word="canary", instead="of a retired one", recommendation=retired)
    make_update(statuses={recommendation: Status.PLANNED}, dated_on=dt.date(2020, 6, 1))
    publish_report(make_report(slug="first", title="First Report"), by=user, at=now)

    said = said_at_media(client)

    assert "First Report, edition 1" in said
    assert "press@example.org" in said
    assert "exiting Instead: transitioning ( Recommendation 1.1 )" in said
    assert "canary" not in said
    assert "Since the report before it:" not in said
    assert 'href="/reports/first/report.pdf"' in client.get("/media/").content.decode()


def test_the_sheet_says_what_the_newest_report_changed(client, sample):
    assert "Since the report before it: 3\xa0completed, " in client.get("/media/").content.decode()


def test_what_to_say_instead_is_looked_at_before_a_report_is_published(user):
    make_update(statuses={(recommendation := make_recommendation()): Status.PLANNED}, dated_on=dt.date(2020, 6, 1))
    Term.objects.create(word="exiting", instead="Ask at 604-555-0123.", recommendation=recommendation)

    found = of_report(make_report(), on=dt.date(2020, 7, 1))

    assert [one.message for one in found if "what to say instead of “exiting”" in one.message] != []


@pytest.mark.parametrize("count", [1, 30])
def test_queries_of_the_sheet_do_not_grow(client, django_assert_num_queries, fake_pdf, user, now, count):
    for number in range(count):
        make_update(statuses={(one := make_recommendation()): Status.ONGOING}, dated_on=dt.date(2020, 6, 1))
        Term.objects.create(word=f"word {number}", instead="x", recommendation=one)
    publish_report(make_report(slug="first"), by=user, at=now)

    with django_assert_num_queries(20):
        assert client.get("/media/").status_code == 200


def test_sentences_in_french_agree_with_any_name_for_a_recommendation():
    make_plan(language="fr-ca", recommendation_name="engagement", recommendation_name_plural="engagements")
    with_status(Status.COMPLETED, 2)

    with override("fr-ca"):
        told = sentence_of_totals(snapshot(make_plan(), on=dt.date(2020, 7, 1)))
        ((words, _caution), *_rest) = figures()

    assert told.replace("\xa0", " ") == "2 engagements – travail terminé : 2."
    assert words.endswith(" engagements\xa0: travail terminé.")
