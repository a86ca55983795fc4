"""The public pages and files, as they are answered."""

import datetime as dt
import gzip
import re
from hashlib import sha256

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from recommendations.models import ProgressUpdate, Report, Status
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from tests.factories import make_area, make_plan, make_recommendation, make_report, make_support_link, make_update

pytestmark = pytest.mark.django_db

STAFF_NAME = "canary-staff-name"


@pytest.fixture
def second_edition(published_2020, user, now):
    report = published_2020.report
    Report.objects.filter(pk=report.pk).update(approval="Approved by the committee.")
    return publish_report(report, by=user, at=now + dt.timedelta(days=2), note="The approval was missing.")


def text_of(response):
    return " ".join(response.content.decode().split())


def test_progress_without_a_plan(client):
    response = client.get("/")

    assert response.status_code == 200
    assert "This tracker has no plan yet" in text_of(response)
    assert 'href="/admin/"' in text_of(response)


def test_progress_without_recommendations(client):
    make_plan()

    assert "No recommendation has been entered yet." in text_of(client.get("/"))


def test_progress_without_updates(client):
    make_recommendation(text="Build trust.")

    text = text_of(client.get("/"))

    assert "Build trust." in text
    assert "That is not evidence that nothing happened." in text


def test_progress_counts_every_status(client, published_2020):
    progress = client.get("/").context["progress"]

    assert {total.key: total.count for total in progress.own} == {
        "not started": 0,
        "planned": 1,
        "in progress": 5,
        "ongoing": 3,
        "on hold": 4,
        "completed": 0,
    }
    assert (progress.count, [total.count for total in progress.for_others]) == (29, [16])
    assert progress.without_update.count == 0


def test_progress_shows_a_shared_update_once(client, published_2020):
    text = text_of(client.get("/"))

    assert text.count("The project is currently on hold due to financial implications") == 1
    assert "Latest update on 3.1 to 3.4" in text


def test_a_search_names_those_it_found_and_none_between_them(client, published_2020):
    text = text_of(client.get("/?q=racialized"))

    assert "Latest update on 4.2, 4.3, 4.6" in text
    assert "4.2 to 4.6" not in text


def test_progress_leads_to_the_latest_report_that_stands(client, second_edition, user, now):
    take_down(second_edition, reason="An address was in it.", by=user, at=now)

    context = client.get("/").context

    assert context["latest"].number == 1
    assert context["latest_pdf"].edition_id == context["latest"].pk


def test_progress_leads_to_the_status_note(client, published_2020):
    words = text_of(client.get("/"))

    assert "A note on the statuses of “One-Year Update”" in words
    assert published_2020.report.status_note not in words


def test_the_link_to_a_recommendation_that_begins_with_a_list_says_its_first_point(client):
    make_recommendation(text="a) open it;\nb) and soon.", area=make_area(number=1))

    page = client.get("/areas/1/").content.decode()

    (heading,) = re.findall(r'<h\d class="item__heading">(.*)</h\d>', page)
    assert " ".join(re.sub("<[^>]*>", "", heading).split()) == "Recommendation 1.1 a) open it; …"
    assert page.count("and soon.") == 1


def test_progress_shows_a_retired_recommendation_with_what_replaces_it(client):
    area = make_area()
    replacement = make_recommendation(area=area, number=2)
    retired = make_recommendation(
        area=area, number=1, retired_on=dt.date(2020, 1, 2), retired_reason="It was split in two."
    )
    retired.replaced_by.add(replacement)
    make_update(statuses={retired: Status.ONGOING, replacement: Status.ONGOING}, text="Canary of both.")

    response = client.get("/")

    assert "Retired on January 2, 2020" in text_of(response)
    assert "It was split in two." in text_of(response)
    assert 'Replaced by <a href="/recommendations/1.2/">1.2</a>' in text_of(response)
    assert [group.update is None for group in response.context["progress"].parts[0].areas[0].groups] == [True, False]
    assert response.context["progress"].count == 1


def test_progress_shows_the_beginning_of_a_long_update_first(client):
    make_update(statuses={make_recommendation(): Status.ONGOING}, text="The beginning.\n\n" + "The rest. " * 200)

    update = client.get("/").context["progress"].parts[0].areas[0].groups[0].update

    assert update.beginning == "The beginning."
    assert update.rest.startswith("The rest. The rest.")


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/", 17),
        ("/areas/1/", 16),
        ("/recommendations/1.1/", 19),
        ("/updates/{update}/", 20),
        ("/statuses/", 7),
        ("/safety/", 4),
    ],
)
def test_queries_do_not_grow(client, django_assert_num_queries, count, address, queries):
    area = make_area()
    for _ in range(count):
        update = make_update(statuses={make_recommendation(area=area): Status.ONGOING})

    with django_assert_num_queries(queries):
        assert client.get(address.format(update=update.pk)).status_code == 200


def test_report_queries_do_not_grow_and_never_load_other_files(client, django_assert_num_queries, second_edition):
    with django_assert_num_queries(10) as queries:
        client.get("/reports/one-year-update-2020/")

    columns = [query["sql"].partition(" FROM ")[0] for query in queries.captured_queries]
    assert sum('"content"' in selected for selected in columns) == 1


def test_area_page(client, published_2020):
    text = text_of(client.get("/areas/3/"))

    assert "Bad Date Reporting" in text
    assert "Develop provincial bad date reporting process" in text
    assert "Engage municipal actors" not in text


@pytest.mark.parametrize(
    "address",
    [
        "/areas/99/",
        "/areas/99999999999999999999999/",
        # A page has one address.
        "/areas/01/",
        "/reports/one-year-update-2020/editions/01/",
        "/data/progress-01.schema.json",
        "/recommendations/9.9/",
        "/recommendations/3/",
        "/recommendations/3.2%00/",
        "/recommendations/03.2/",
        "/updates/999/",
        "/updates/99999999999999999999999/",
        "/reports/unknown/",
        "/reports/unknown/report.pdf",
        "/reports/one-year-update-2020/editions/9/",
        "/reports/one-year-update-2020/editions/99999999999999999999999/report.pdf",
        "/nothing/",
    ],
)
def test_unknown_addresses_answer_404_in_the_sites_look(client, published_2020, address):
    response = client.get(address)

    assert response.status_code == 404
    assert "There is no page at this address" in text_of(response)
    assert "Living in Community" in text_of(response)


@pytest.mark.parametrize("address", ["/areas/1/", "/recommendations/1.1/", "/updates/1/"])
def test_addresses_of_a_plan_answer_404_before_there_is_one(client, address):
    assert client.get(address).status_code == 404


def test_recommendation_shows_its_timeline_newest_first(client):
    recommendation = make_recommendation()
    make_update(statuses={recommendation: Status.PLANNED}, dated_on=dt.date(2020, 1, 1), text="First.")
    make_update(statuses={recommendation: Status.ONGOING}, dated_on=dt.date(2020, 5, 1), text="Second.")

    text = text_of(client.get("/recommendations/1.1/"))

    assert text.index("Second.") < text.index("First.")
    assert Status.ONGOING.definition in text


def test_recommendation_shows_a_withdrawal_without_the_text(client, user, now):
    recommendation = make_recommendation()
    update = make_update(statuses={recommendation: Status.PLANNED}, text="Canary of a withdrawn text.")
    withdraw_update(update, note="It was not ours to tell.", by=user, at=now)

    text = text_of(client.get("/recommendations/1.1/"))

    assert "An update was withdrawn on July 2, 2020" in text
    assert "It was not ours to tell." in text
    assert "Canary" not in text


def test_update_shows_text_statuses_and_corrections(client, user, now):
    update = make_update(
        statuses={make_recommendation(): Status.PLANNED}, evidence=[("A source", "https://example.org/")]
    )
    before = Content.of(update)
    correct_update(
        update,
        content=Content(**{**vars(before), "text": "Something else happened."}),
        note="It was something else.",
        by=user,
        at=now,
    )

    text = text_of(client.get(f"/updates/{update.pk}/"))

    assert "Something else happened." in text
    assert "Corrected on July 2, 2020" in text
    assert "It was something else." in text
    assert 'href="https://example.org/"' in text


def test_update_withdrawn_leaves_a_tombstone(client, user, now):
    update = make_update(
        statuses={make_recommendation(): Status.PLANNED},
        text="Canary of a withdrawn text.",
        dated_as_published="June 2020",
        private_note="Canary of a private note.",
    )
    withdraw_update(update, note="It was not ours to tell.", by=user, at=now)

    response = client.get(f"/updates/{update.pk}/")

    assert response.status_code == 200
    assert "June 2020" in text_of(response)
    assert "It was not ours to tell." in text_of(response)
    assert 'href="/recommendations/1.1/"' in text_of(response)
    assert "Canary" not in text_of(response)


def test_update_taken_down_answers_410(client, user, now):
    update = make_update(statuses={make_recommendation(): Status.PLANNED}, text="Canary of a text.")
    take_down(update, reason="It named a person.", by=user, at=now)

    response = client.get(f"/updates/{update.pk}/")

    assert response.status_code == 410
    assert "July 2, 2020" in text_of(response)
    assert "It named a person." in text_of(response)
    assert "Canary" not in text_of(response)


def test_update_unpublished_answers_404(client):
    update = make_update(statuses={make_recommendation(): Status.PLANNED}, published=False)

    assert client.get(f"/updates/{update.pk}/").status_code == 404


def test_report_shows_the_frozen_article(client, published_2020):
    article = published_2020.content("article.html").decode()

    response = client.get("/reports/one-year-update-2020/")

    assert article in response.content.decode()
    assert "This is edition 1, published here on July 2, 2020." in text_of(response)
    assert "A newer edition" not in text_of(response)


def test_the_links_of_an_edition_lead_to_the_site_where_it_is_now(client, plan_2020, user, now, fake_pdf, settings):
    report = Report.objects.get()
    report.introduction = (
        "Our tracker is at http://127.0.0.1:8000, about us: [here](http://127.0.0.1:8000/about/). "
        "A copy: http://copy.example/reports/one-year-update-2020/editions/1/"
    )
    report.save()
    edition = publish_report(report, by=user, at=now, ready=ProgressUpdate.objects.values_list("pk", flat=True))
    published = edition.content("article.html").decode()
    before = client.get(edition.get_absolute_url()).content.decode()
    settings.SITE_URL = "https://moved.example"

    page = client.get(edition.get_absolute_url()).content.decode()

    article = page[page.index('<article class="report"') : page.index("</article>")]
    links = set(re.findall(r'href="([^"]*)"', article))
    others = ("https://www.livingincommunity.ca", "http://copy.example", "#")
    own = {link for link in links if not link.startswith(others)}
    assert published in before
    assert own == {
        *("/", "/about/", "/updates/", "/updates.atom", "/reports/one-year-update-2020/"),
        *("/reports/one-year-update-2020/editions/1/", "/reports/one-year-update-2020/editions/1/snapshot.json"),
    }
    assert {client.get(link).status_code for link in own} == {200}
    assert all(f'id="{link[1:]}"' in article for link in links if link.startswith("#"))
    assert "This site was at http://127.0.0.1:8000" in page
    assert "This site was at" not in before


def test_superseded_edition_leads_to_the_newer_one(client, second_edition):
    first = text_of(client.get("/reports/one-year-update-2020/editions/1/"))
    second = text_of(client.get("/reports/one-year-update-2020/editions/2/"))

    assert "A newer edition replaces this one." in first
    assert "It replaces edition 1." in second
    assert "The approval was missing." in second


def test_report_serves_the_newest_edition_that_stands(client, second_edition, user, now):
    take_down(second_edition, reason="An address was in it.", by=user, at=now + dt.timedelta(days=3))

    response = client.get("/reports/one-year-update-2020/")

    assert response.status_code == 200
    assert "This is edition 1" in text_of(response)
    assert "Edition 2 was taken down for safety on July 5, 2020" in text_of(response)
    assert "An address was in it." in text_of(response)


@pytest.mark.parametrize(
    "ending", ["", "report.pdf", "editions/1/", "editions/1/report.pdf", "editions/1/snapshot.json"]
)
def test_report_without_a_public_edition_answers_410(client, published_2020, user, now, ending):
    take_down(published_2020, reason="An address was in it.", by=user, at=now)

    response = client.get(f"/reports/one-year-update-2020/{ending}")

    assert response.status_code == 410
    assert "An address was in it." in text_of(response)
    assert "Bad Date" not in text_of(response)


def test_edition_of_which_nothing_was_corrected_lists_no_corrections(client, published_2020):
    assert "Corrected since" not in text_of(client.get("/reports/one-year-update-2020/"))


def test_edition_lists_what_was_corrected_since(client, published_2020, user, now):
    corrected = ProgressUpdate.objects.first()
    content = Content.of(corrected)
    correct_update(
        corrected,
        content=Content(**{**vars(content), "text": "Something else happened."}),
        note="It was something else.",
        by=user,
        at=now + dt.timedelta(days=1),
    )
    later = make_update(statuses={corrected.recommendations.first(): Status.ONGOING}, dated_on=dt.date(2020, 7, 1))
    withdraw_update(later, note="Outside the period.", by=user, at=now + dt.timedelta(days=1))

    text = text_of(client.get("/reports/one-year-update-2020/"))

    assert "Corrected since" in text
    assert "It was something else." in text
    assert "Outside the period." not in text


@pytest.mark.parametrize(
    ("address", "filename"),
    [
        ("/reports/one-year-update-2020/report.pdf", "one-year-update-2020.pdf"),
        ("/reports/one-year-update-2020/editions/1/report.pdf", "one-year-update-2020-edition-1.pdf"),
    ],
)
def test_pdf_is_served_as_it_was_published(client, published_2020, address, filename):
    pdf = published_2020.files.get(name="report.pdf")

    response = client.get(address, headers={"accept-encoding": "gzip"})
    again = client.get(address, headers={"if-none-match": f'"{pdf.sha256}"'})

    assert response.content == bytes(pdf.content)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="{filename}"'
    assert response["Content-Length"] == str(pdf.size)
    assert response["ETag"] == f'"{pdf.sha256}"'
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("method", ["get", "head"])
def test_snapshot_is_served_as_it_is_stored(client, published_2020, method):
    stored = published_2020.files.get(name="snapshot.json")
    address = "/reports/one-year-update-2020/editions/1/snapshot.json"

    response = getattr(client, method)(address)
    compressed = client.get(address, headers={"accept-encoding": "gzip"})
    again = client.get(address, headers={"if-none-match": f'"{stored.sha256}"'})

    assert response.content == (bytes(stored.content) if method == "get" else b"")
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'attachment; filename="one-year-update-2020-edition-1.json"'
    assert response["Content-Length"] == str(stored.size)
    assert response["ETag"] == f'"{stored.sha256}"'
    assert compressed["Content-Encoding"] == "gzip"
    assert sha256(gzip.decompress(compressed.content)).hexdigest() == stored.sha256
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["one-year-update-2020/editions/2/snapshot.json", "unknown/editions/1/snapshot.json"])
def test_snapshot_that_is_not_there(client, published_2020, path):
    assert client.get(f"/reports/{path}").status_code == 404


def test_reports_lists_the_published_ones(client, published_2020):
    make_report(title="Canary of a draft", slug="draft", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2020, 7, 31))

    text = text_of(client.get("/reports/"))

    assert "One-Year Update" in text
    assert "Canary" not in text


def test_reports_without_any(client):
    assert "No report has been published here yet." in text_of(client.get("/reports/"))


def test_statuses_defines_each(client):
    text = text_of(client.get("/statuses/"))

    for status in Status:
        assert str(status.label) in text
        assert status.definition in text


def test_support_links_stand_on_every_page_with_the_day_they_were_checked(client):
    make_plan(exit_address="https://example.org/weather")
    without = text_of(client.get("/safety/"))
    make_support_link(checked_on=dt.date(2026, 11, 1))

    for text in (text_of(client.get("/safety/")), text_of(client.get("/statuses/"))):
        assert text.count('id="support"') == text.count('href="#support"') == 1
        assert text.count('href="https://example.org/support"') == 1
        assert "Checked on November 1, 2026" in text
        assert text.count('href="https://example.org/weather"') == 2
        assert ">Help and safety</a>" in text
    assert "#support" not in without
    assert ">Safety</a>" in without


PUBLIC = [
    "/",
    "/reports/",
    "/reports/one-year-update-2020/",
    "/reports/one-year-update-2020/report.pdf",
    "/reports/one-year-update-2020/editions/1/snapshot.json",
    "/reports/editions.json",
    "/statuses/",
    "/nope",
]


@pytest.mark.parametrize("address", [*PUBLIC, "/areas/1/", "/recommendations/1.1/", "/safety/", "/healthz"])
def test_public_pages_set_no_cookie_even_for_staff(client, admin_client, published_2020, address):
    for visitor in (client, admin_client):
        response = visitor.get(address)

        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_are_for_reading(client, published_2020, address):
    assert client.head(address).status_code in (200, 404)
    assert client.post(address).status_code in (404, 405)


def test_public_pages_name_no_staff(client, plan_2020, user, now, fake_pdf):
    User.objects.filter(pk=user.pk).update(
        username=STAFF_NAME, first_name=STAFF_NAME, email=f"{STAFF_NAME}@example.org"
    )
    report = Report.objects.get()
    publish_report(report, by=user, at=now, ready=ProgressUpdate.objects.values_list("pk", flat=True))

    for address in [*PUBLIC, "/areas/1/", "/recommendations/1.1/", "/updates/1/"]:
        assert STAFF_NAME not in client.get(address).content.decode()


def test_healthz(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.parametrize("host", ["203.0.113.9", "203.0.113.9:8000", "[2001:db8::1]", "tracker", "no host at all"])
def test_healthz_answers_a_probe_by_address_and_nothing_else_does(client, plan_2020, settings, host):
    settings.ALLOWED_HOSTS = ["tracker.example.org"]

    answers = {path: client.get(path, headers={"host": host}) for path in ("/healthz", "/healthz/", "/")}

    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/healthz": 200,
        "/healthz/": 400,
        "/": 400,
    }
    assert answers["/healthz"]["Cache-Control"] == "no-store"


def test_healthz_without_a_database(client, monkeypatch):
    def refuse():
        raise OperationalError("canary: password for tracker")

    monkeypatch.setattr(connection, "cursor", refuse)

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"database unreachable\n")


def test_500_needs_neither_context_nor_database(client, monkeypatch):
    def fail():
        raise RuntimeError("canary")

    client.raise_request_exception = False
    monkeypatch.setattr("recommendations.public.views.current_plan", fail)

    response = client.get("/")

    assert response.status_code == 500
    assert "Something went wrong on our end" in text_of(response)
    assert "canary" not in text_of(response)
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        ("/", "<!doctype html>"),
        ("/data/updates.csv", "This site can’t answer right now. Nothing that was saved is lost."),
    ],
)
def test_a_page_that_needs_the_database_says_that_it_is_away(client, monkeypatch, path, begins):
    def fail():
        raise OperationalError("canary")

    client.raise_request_exception = False
    for module in ("views", "data_views"):
        monkeypatch.setattr(f"recommendations.public.{module}.current_plan", fail)

    response = client.get(path)

    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "60", "no-store")
    assert response.content.decode().lower().startswith(begins.lower())
    assert "This site can’t answer right now" in text_of(response)
    assert "canary" not in text_of(response)
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


def test_404_needs_no_database(client, monkeypatch):
    def fail():
        raise OperationalError("canary")

    monkeypatch.setattr("recommendations.public.views.current_plan", fail)

    response = client.get("/nope")

    assert response.status_code == 404
    assert "There is no page at this address" in text_of(response)
