"""Atom feeds: valid, complete, with ids that never change, and without a word that isn't public."""

import datetime as dt
from xml.etree import ElementTree

import feedparser
import pytest
from django.test import override_settings
from django.utils import timezone

from recommendations.models import ProgressUpdate, ResponsibleParty, Status
from recommendations.publishing.erasure import erase
from recommendations.publishing.plan_changes import announce_all
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import restore_set_aside, set_aside, take_down
from recommendations.publishing.updates import Content, correct_update, withdraw_update
from recommendations.reading.adopted import content_of
from tests.factories import make_area, make_party, make_plan, make_recommendation, make_report, make_update, make_user

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
STAFF_NAME = "canary-staff-name"


def read(client, address="/updates.atom"):
    response = client.get(address)
    assert response.status_code == 200
    feed = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert feed.bozo == 0
    return feed


def corrected(update, *, by, at, note="It was something else.", **changes):
    content = Content(**{**vars(Content.of(update)), **changes})
    is_minor = changes.pop("is_minor", False)
    return correct_update(update, content=content, note=note, by=by, at=at, is_minor=is_minor)


@pytest.mark.parametrize(
    "address",
    [
        "/updates.atom",
        "/areas/3/updates.atom",
        "/parties/funders/updates.atom",
        "/recommendations/3.2/updates.atom",
    ],
)
def test_feeds_have_what_rfc_4287_requires(client, sample, address):
    root = ElementTree.fromstring(client.get(address).content)

    assert root.tag == f"{ATOM}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-ca"
    for parent in (root, *root.findall(f"{ATOM}entry")):
        for required in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{required}")) == 1
            assert parent.findtext(f"{ATOM}{required}")
        assert dt.datetime.fromisoformat(parent.findtext(f"{ATOM}updated")).tzinfo
        assert parent.findtext(f"{ATOM}id").startswith("urn:uuid:")
        assert [link.get("href") for link in parent.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    assert [author.findtext(f"{ATOM}name") for author in root.findall(f"{ATOM}author")] == ["Living in Community"]
    entries = root.findall(f"{ATOM}entry")
    assert entries
    assert all(entry.find(f"{ATOM}content").get("type") == "html" for entry in entries)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    assert root.findtext(f"{ATOM}updated") == max(entry.findtext(f"{ATOM}updated") for entry in entries)


@override_settings(SITE_URL="https://tracker.example.org")
def test_links_lead_to_the_sites_own_address(client):
    update = make_update(statuses={make_recommendation(): Status.ONGOING})

    feed = read(client)

    assert {link.rel: link.href for link in feed.feed.links} == {
        "alternate": "https://tracker.example.org/updates/",
        "self": "https://tracker.example.org/updates.atom",
    }
    assert feed.entries[0].link == f"https://tracker.example.org/updates/{update.pk}/"
    assert 'href="https://tracker.example.org/recommendations/1.1/"' in feed.entries[0].content[0].value


def test_ids_do_not_depend_on_the_sites_address_or_the_plans_words(client):
    make_update(statuses={make_recommendation(): Status.ONGOING})
    before = read(client)

    plan = make_plan()
    plan.title = plan.organisation_name = "Renamed"
    plan.save()
    with override_settings(SITE_URL="https://moved.example.org"):
        after = read(client)

    assert (after.feed.id, after.entries[0].id) == (before.feed.id, before.entries[0].id)


def test_an_update_tells_its_text_statuses_and_evidence(client):
    make_update(
        statuses={make_recommendation(): Status.ON_HOLD},
        text="Something *happened*.\n\n<script>alert(1)</script>",
        dated_as_published="June 2020",
        evidence=[("Minutes", "https://example.org/minutes")],
    )

    (entry,) = read(client).entries

    assert entry.title == "1.1: On hold (June 2020)"
    content = ElementTree.fromstring(client.get("/updates.atom").content).findtext(f".//{ATOM}content")
    assert "<em>happened</em>" in content
    assert "<script" not in content
    assert "On hold" in content
    assert '<a href="https://example.org/minutes" dir="auto">Minutes</a>' in content


def test_a_status_note_is_a_link_beside_the_statuses_of_its_report(client, sample):
    contents = [entry.content[0].value for entry in read(client, "/areas/5/updates.atom").entries]

    assert [content.count("A note on the statuses of “One-Year Update”") for content in contents] == [0, 1]
    assert [content.count("A note on the statuses of “Two-Year Update (invented sample)”") for content in contents] == [
        1,
        0,
    ]
    assert "/statuses/#note-one-year-update-2020" in contents[1]


def test_a_correction_is_an_entry_and_renews_that_of_the_update(client, user, now):
    update = make_update(statuses={make_recommendation(): Status.PLANNED})
    make_update(statuses={make_recommendation(): Status.PLANNED}, text="Another.")
    (first_id,) = {entry.id for entry in read(client).entries if entry.link.endswith(f"/{update.pk}/")}

    corrected(update, by=user, at=now, text="Something else happened.")
    entries = [entry for entry in read(client).entries if entry.link.endswith(f"/{update.pk}/")]

    assert {entry.title for entry in entries} == {
        "Correction of 1.1: text",
        "1.1: Planned (June 30, 2020)",
    }
    assert first_id in {entry.id for entry in entries}
    assert {entry.updated for entry in entries} == {"2020-07-02T17:00:00+00:00"}
    assert read(client).feed.updated == "2020-07-02T17:00:00+00:00"
    told = {entry.title: entry.content[0].value for entry in entries}
    assert "It was something else." in told["Correction of 1.1: text"]
    assert "The text was changed." in told["Correction of 1.1: text"]
    assert "Something else happened." in told["1.1: Planned (June 30, 2020)"]


def test_a_minor_correction_is_not_announced_but_reaches_the_text(client, user, now):
    update = make_update(statuses={make_recommendation(): Status.PLANNED}, text="Teh canary.")
    before = client.get("/updates.atom")

    content = Content(**{**vars(Content.of(update)), "text": "The bird."})
    correct_update(update, content=content, note="Spelling only.", by=user, at=now, is_minor=True)
    after = client.get("/updates.atom", headers={"if-none-match": before["ETag"]})

    assert after.status_code == 200
    assert "Last-Modified" not in after
    (entry,) = read(client).entries
    assert "The bird." in entry.content[0].value
    assert b"Spelling" not in after.content
    assert entry.updated == entry.published


def test_a_withdrawal_replaces_the_text_under_the_same_id_and_is_told(client, user, now):
    update = make_update(statuses={make_recommendation(): Status.PLANNED}, text="Canary of a withdrawn text.")
    (before,) = read(client).entries

    withdraw_update(update, note="It was not ours to tell.", by=user, at=now)
    response = client.get("/updates.atom")
    entries = read(client).entries

    assert before.id in {entry.id for entry in entries}
    assert {entry.title for entry in entries} == {"Withdrawn: update on 1.1 (June 30, 2020)"}
    assert all("It was not ours to tell." in entry.content[0].value for entry in entries)
    assert b"Canary" not in response.content


@pytest.mark.parametrize("erased", [False, True])
def test_what_was_taken_down_is_a_dated_notice_under_the_same_id(client, user, now, erased):
    update = make_update(statuses={make_recommendation(): Status.PLANNED}, text="Canary of a text.")
    corrected(update, by=user, at=now, note="Canary of a correction.", text="Canary of another.")
    ids = {entry.id for entry in read(client).entries}

    removal = take_down(update, reason="It named a person.", by=user, at=now)
    if erased:
        erase(removal, by=user, at=now)
    response = client.get("/updates.atom")
    entries = read(client).entries

    assert {entry.id for entry in entries} == ids, "that of the correction too, whose note readers may have kept"
    assert {entry.title for entry in entries} == {"Taken down: update on 1.1"}
    assert all("July 2, 2020" in entry.content[0].value for entry in entries)
    assert all("It named a person." in entry.content[0].value for entry in entries)
    assert b"Canary" not in response.content


def test_what_is_set_aside_is_a_neutral_notice_under_the_same_ids_until_it_is_restored(client, user, now):
    update = make_update(statuses={make_recommendation(): Status.PLANNED}, text="Canary of a text.")
    corrected(update, by=user, at=now, note="Canary of a correction.", text="Canary of another.")
    kept = {entry.id: (entry.title, entry.content[0].value) for entry in read(client).entries}

    aside = set_aside(update, by=user, at=now + dt.timedelta(hours=1))
    entries = read(client).entries
    restore_set_aside(aside, reason="x", by=user, at=now + dt.timedelta(hours=2))
    restored = read(client).entries

    assert {entry.id for entry in entries} == set(kept)
    assert {(entry.title, entry.content[0].value) for entry in entries} == {
        ("Not available at the moment", "<p>You can’t read this for now.</p>")
    }
    assert {entry.updated for entry in entries} == {"2020-07-02T18:00:00+00:00"}
    assert {entry.id: (entry.title, entry.content[0].value) for entry in restored} == kept
    assert {entry.updated for entry in restored} == {"2020-07-02T19:00:00+00:00"}


def test_nothing_private_is_in_any_feed(client, sample):
    for address in ("/updates.atom", "/areas/1/updates.atom", "/areas/6/updates.atom", "/areas/7/updates.atom"):
        assert b"CANARY" not in client.get(address).content


def test_no_feed_names_staff(client, now):
    user = make_user(username=STAFF_NAME, first_name=STAFF_NAME, email=f"{STAFF_NAME}@example.org")
    update = make_update(statuses={make_recommendation(): Status.PLANNED})
    corrected(update, by=user, at=now, text="Something else happened.")

    assert STAFF_NAME.encode() not in client.get("/updates.atom").content


def test_an_area_and_a_party_have_what_concerns_them(client):
    party, everyone = make_party(slug="police"), make_party(slug="everyone", is_everyone=True)
    first, second = make_area(), make_area()
    make_update(statuses={make_recommendation(area=first, parties=[party]): Status.ONGOING}, text="First.")
    make_update(statuses={make_recommendation(area=second, parties=[everyone]): Status.ONGOING}, text="Second.")

    def told(address):
        return [entry.content[0].value.split("<ul>")[0].strip() for entry in read(client, address).entries]

    assert told("/areas/1/updates.atom") == ["<p>First.</p>"]
    assert told("/areas/2/updates.atom") == ["<p>Second.</p>"]
    assert told("/parties/police/updates.atom") == ["<p>First.</p>"]
    assert told("/parties/everyone/updates.atom") == ["<p>Second.</p>"]


def test_a_recommendation_has_what_concerns_it_and_what_did_before_a_correction(client, user, now):
    first, second = make_recommendation(parties=[make_party(slug="police")]), make_recommendation()
    make_update(statuses={second: Status.ONGOING}, text="Another.")
    update = make_update(statuses={first: Status.COMPLETED}, text="Done.")
    feeds = ["/recommendations/1.1/updates.atom", "/recommendations/1.2/updates.atom", "/parties/police/updates.atom"]
    (before,) = read(client, feeds[0]).entries

    corrected(update, by=user, at=now, statuses=(("1.2", "completed"),))
    told = [{entry.title: entry.id for entry in read(client, feed).entries} for feed in feeds]

    assert before.title == "1.1: Completed (June 30, 2020)"
    for one in (told[0], told[2]):
        assert set(one) == {"Correction of 1.2: status", "1.2: Completed (June 30, 2020)"}
        assert one["1.2: Completed (June 30, 2020)"] == before.id
    assert set(told[1]) == {*told[0], "1.2: Ongoing (June 30, 2020)"}
    assert "It no longer covers 1.1." in client.get(feeds[0]).content.decode()


def test_erasure_leaves_the_notice_where_a_correction_had_taken_the_update_out(client, user, now):
    first = make_recommendation(parties=[make_party(slug="police")])
    make_recommendation()
    update = make_update(statuses={first: Status.COMPLETED}, text="Canary.")
    feeds = ["/recommendations/1.1/updates.atom", "/parties/police/updates.atom"]
    (before,) = read(client, feeds[0]).entries
    corrected(update, by=user, at=now, statuses=(("1.2", "completed"),))

    erase(take_down(update, reason="It named a person.", by=user, at=now), by=user, at=now)
    told = [{entry.id: entry.title for entry in read(client, feed).entries} for feed in feeds]

    assert [one[before.id] for one in told] == ["Taken down: update on 1.2"] * 2
    (correction,) = update.corrections.all()
    assert (correction.before, correction.after) == ({"statuses": {"1.1": ""}}, None)


def test_a_recommendation_tells_of_changes_of_its_area_and_parties(client, user, now, fake_pdf):
    party = make_party(name="Fonds", slug="funders")
    recommendation = make_recommendation(parties=[party])
    make_update(statuses={make_recommendation(): Status.PLANNED})
    publish_report(make_report(), by=user, at=now)
    for thing, field in ((party, "name"), (recommendation.area, "title"), (recommendation, "target_as_published")):
        before = content_of(thing)
        setattr(thing, field, "Another")
        thing.save()
        announce_all([(thing, before)], note="As it was adopted.", by=user, at=now)

    titles = [entry.title for entry in read(client, "/recommendations/1.1/updates.atom").entries]

    assert sorted(titles) == [
        "Area 1 changed: Title of the area",
        "Changed: Name of the responsible party",
        "Recommendation 1.1 changed: Target",
    ]


def test_a_reference_that_cannot_stand_in_an_address_leads_to_its_feed(client):
    make_recommendation(reference="12(b)")

    response = client.get("/recommendations/12(b)/updates.atom")

    assert (response.status_code, response["Location"]) == (301, "/recommendations/12-b/updates.atom")
    assert read(client, response["Location"]).feed.title.startswith("Progress updates on 12(b) – ")


def test_statuses_of_an_update_are_told_in_its_title(client):
    one, two, three = (make_recommendation() for _ in range(3))
    make_update(statuses={one: Status.COMPLETED, two: Status.ON_HOLD, three: Status.COMPLETED})

    assert read(client).entries[0].title == "1.1, 1.3: Completed; 1.2: On hold (June 30, 2020)"


def test_editions_are_entries_of_the_feed_of_everything_alone(client, user, now, fake_pdf):
    make_plan(kept_from_titles="violence")
    make_update(statuses={make_recommendation(): Status.PLANNED})
    report = make_report(title="One-Year Update", slug="first")
    publish_report(report, by=user, at=now)
    report.sections.create(heading="News", body="News.")
    publish_report(report, by=user, at=now + dt.timedelta(hours=1), note="A section was missing.")

    entries = {entry.title: entry for entry in read(client).entries}

    assert list(entries) == ["One-Year Update: edition 2", "One-Year Update published", "1.1: Planned (June 30, 2020)"]
    second = entries["One-Year Update: edition 2"]
    assert second.link.endswith("/reports/first/editions/2/")
    assert second.updated == "2020-07-02T18:00:00+00:00"
    assert "A section was missing." in second.content[0].value
    assert '/reports/first/editions/2/report.pdf"' in second.content[0].value
    assert len(read(client, "/recommendations/1.1/updates.atom").entries) == 1


def test_a_title_of_a_report_that_tells_stands_in_no_title_of_the_feed(client, user, now, fake_pdf):
    make_plan(kept_from_titles="violence")
    make_update(statuses={make_recommendation(): Status.PLANNED})
    publish_report(make_report(title="A year against violence", ends_on=dt.date(2020, 6, 30)), by=user, at=now)

    titles = [entry.title for entry in read(client).entries]

    assert "Report to June 30, 2020 published" in titles
    assert "violence" not in " ".join(titles)


def test_an_edition_that_is_hidden_or_gone_is_a_notice_under_its_id(client, user, now, fake_pdf):
    make_plan(kept_from_titles="violence")
    update = make_update(statuses={make_recommendation(): Status.PLANNED})
    report = make_report(title="One-Year Update")
    edition = publish_report(report, by=user, at=now)
    (kept,) = [entry for entry in read(client).entries if "published" in entry.title]

    def told():
        (entry,) = [entry for entry in read(client).entries if entry.id == kept.id]
        return entry.title, entry.content[0].value, entry.updated

    aside = set_aside(update, by=user, at=now + dt.timedelta(hours=1))
    hidden = told()
    restore_set_aside(aside, reason="x", by=user, at=now + dt.timedelta(hours=2))
    restored = told()
    take_down(edition, reason="It named a person.", by=user, at=now + dt.timedelta(hours=3))
    gone = told()

    notice = "<p>You can’t read this for now.</p>"
    assert hidden == ("Not available at the moment", notice, "2020-07-02T18:00:00+00:00")
    assert restored == (kept.title, kept.content[0].value, "2020-07-02T19:00:00+00:00")
    assert gone == (
        "Taken down: One-Year Update, edition 1",
        '<p>It was taken down for safety on July 2, 2020.</p>\n<p dir="auto">It named a person.</p>',
        "2020-07-02T20:00:00+00:00",
    )


def test_an_update_that_concerns_a_party_twice_is_one_entry(client):
    party = make_party(slug="police")
    one, two = make_recommendation(parties=[party]), make_recommendation(parties=[party])
    make_update(statuses={one: Status.ONGOING, two: Status.ONGOING})

    assert len(read(client, "/parties/police/updates.atom").entries) == 1


def test_an_empty_feed_is_valid_and_stays_the_same(client):
    make_plan()

    assert read(client).entries == []
    assert client.get("/updates.atom").content == client.get("/updates.atom").content


@pytest.mark.parametrize(
    "address",
    [
        "/areas/9/updates.atom",
        "/areas/99999999999999999999999/updates.atom",
        "/parties/nobody/updates.atom",
        "/recommendations/9.9/updates.atom",
        "/recommendations/()/updates.atom",
        "/recommendations/1.1/updates.atom",
    ],
)
def test_unknown_feeds_answer_404(client, address):
    make_recommendation(added_on=timezone.localdate() + dt.timedelta(days=9))

    assert client.get(address).status_code == 404


def test_there_is_no_feed_before_there_is_a_plan(client):
    assert client.get("/updates.atom").status_code == 404


def test_a_feed_holds_the_newest_hundred(client):
    recommendation = make_recommendation()
    for day in range(1, 103):
        make_update(statuses={recommendation: Status.ONGOING}, dated_on=dt.date(2020, 1, 1), text=f"Number {day}.")

    entries = read(client).entries

    assert len(entries) == 100
    assert "Number 102." in entries[0].content[0].value


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/updates.atom", 13),
        ("/areas/1/updates.atom", 12),
        ("/parties/p/updates.atom", 14),
        ("/recommendations/1.1/updates.atom", 12),
    ],
)
def test_queries_do_not_grow(client, django_assert_num_queries, count, address, queries):
    area, party = make_area(), make_party(slug="p")
    for _ in range(count):
        make_update(statuses={make_recommendation(area=area, parties=[party]): Status.ONGOING})

    with django_assert_num_queries(queries):
        client.get(address)


def test_feeds_are_for_reading(client):
    make_plan()

    assert client.post("/updates.atom").status_code == 405
    assert client.head("/updates.atom").status_code == 200
    assert ProgressUpdate.objects.count() == ResponsibleParty.objects.count() == 0


def test_lists_offer_their_files_and_their_feed(client, sample):
    offered = {
        "/": ("/data/recommendations.csv", "/data/progress.xlsx", "/data/progress.json", "/data/#feeds"),
        "/updates/": ("/data/updates.csv", "/data/progress.xlsx", "/data/progress.json", "/updates.atom"),
        "/areas/3/": ("/data/recommendations.csv?area=3", "/data/progress.xlsx?area=3", "/areas/3/updates.atom"),
        "/recommendations/3.2/": ("/recommendations/3.2/updates.atom",),
    }

    for page, addresses in offered.items():
        main = client.get(page).content.decode().partition("<main")[2]
        assert all(f'href="{address}"' in main for address in addresses), page
        assert all(client.get(address).status_code == 200 for address in addresses)
