"""What staff should look at before they publish."""

import datetime as dt
from dataclasses import replace

import pytest

from recommendations.models import Assessment, Report, ReportSection, Term
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import Content, correct_update, mark_ready, publish_update, withdraw_update
from recommendations.reading.findings import completeness, in_text, of_report, of_update
from recommendations.reading.forms import Text, found_in, parts_of
from recommendations.reading.snapshot import report_snapshot
from recommendations.text.intake import folded
from tests.factories import make_area, make_plan, make_recommendation, make_report, make_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

ON = dt.date(2020, 7, 2)


def found(report):
    return [(finding.kind, finding.targets) for finding in completeness(report, on=ON)]


def test_completeness_names_the_recommendations_without_an_update():
    one, two = make_recommendation(), make_recommendation()
    before = make_recommendation(retired_on=dt.date(2020, 1, 1), retired_reason="Split.")
    after = make_recommendation(added_on=dt.date(2020, 7, 1))
    make_update(statuses={one: "planned", before: "planned", after: "planned"})
    make_update(statuses={two: "planned"}, dated_on=dt.date(2019, 1, 1))

    (finding,) = completeness(make_report(), on=ON)

    assert finding.targets == (two.pk,)
    assert finding.message == "1 recommendation has no update in this period: 1.2."


def test_completeness_is_empty_when_all_is_covered():
    make_update(statuses={make_recommendation(): "planned"})

    assert found(make_report()) == []


def test_completeness_names_drafts_and_incomplete_updates(user, now):
    one, two = make_recommendation(), make_recommendation()
    draft = make_update(statuses={one: ""}, published=False)
    ready = make_update(statuses={two: "planned"}, published=False)
    mark_ready(ready, by=user, at=now)
    Assessment.objects.filter(update=ready).update(status="")

    assert found(make_report()) == [
        ("without update", (one.pk,)),
        ("draft", (draft.pk,)),
        ("incomplete", (ready.pk,)),
    ]


def test_completeness_names_what_the_newest_edition_does_not_know(user, now):
    one = make_recommendation()
    corrected, moved_out, withdrawn, kept = (make_update(statuses={one: "planned"}) for _ in range(4))
    report = make_report()
    publish_report(report, by=user, at=now)
    later = now + dt.timedelta(hours=1)
    correct_update(corrected, content=replace(Content.of(corrected), text="New."), note="n", by=user, at=later)
    elsewhere = replace(Content.of(moved_out), dated_on=dt.date(2018, 1, 1))
    correct_update(moved_out, content=elsewhere, note="n", by=user, at=later)
    withdraw_update(withdrawn, note="n", by=user, at=later)
    late = make_update(statuses={one: "planned"}, published=False)
    publish_update(late, by=user, at=later)

    assert sorted(found(report)) == [
        ("not in edition", (update.pk,)) for update in (corrected, moved_out, withdrawn, late)
    ]
    assert kept.pk not in {finding.targets[0] for finding in completeness(report, on=ON)}


@pytest.mark.parametrize("rows", [1, 30])
def test_completeness_asks_the_database_12_times(rows, user, now, django_assert_num_queries):
    area = make_area()
    for _ in range(rows):
        make_update(statuses={make_recommendation(area=area): "planned"}, evidence=[("Minutes", "https://a.example")])
    report = make_report()
    publish_report(report, by=user, at=now)

    with django_assert_num_queries(12):
        completeness(report, on=ON)


# What texts hold


def kinds(text, **given):
    return [finding.kind for finding in in_text(text, **given)]


@pytest.fixture
def terms():
    area = make_area(number=4)
    exiting = make_recommendation(
        area=area, number=7, text="Be aware of the stigmatizing nature of the term exiting. Instead, use 'retirement'."
    )
    reach = make_recommendation(area=area, number=8, text="Re-frame the term 'hard-to-reach populations.'")
    Term.objects.create(
        word="exiting", inflections="exited, exit sex work", instead="'retirement'", recommendation=exiting
    )
    Term.objects.create(
        word="hard-to-reach populations",
        inflections="hard to reach",
        instead="Services are inaccessible.",
        recommendation=reach,
    )


@pytest.mark.usefixtures("terms")
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Support for women EXITING the trade.", "exiting"),
        ("She exited.", "exited"),
        ("Those who exit\nsex work.", "exit\nsex work"),
        ("A Hard to reach group.", "hard to reach"),
        ("Those hard‑to‑reach populations.", "hard‐to‐reach populations"),
        ("They say “exiting the life”.", "exiting"),
    ],
)
def test_words_to_avoid_are_found_with_what_to_say_instead(text, word):
    (finding,) = in_text(text)

    assert finding.kind == "wording"
    assert f"“{word}”" in finding.message
    assert "4.7 says instead: 'retirement'" in finding.message or "4.8 says instead: Services" in finding.message


def words_found(text, *phrases, language="en-ca"):
    return found_in(Text(folded(text), language), parts_of(phrases, language))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("exiting", "She exits, they exited. Exiting? Exits!", ["exits", "exited", "exiting"]),
        ("exiting", "An exit strategy at the exit; exciting, existing, Brexit.", []),
        ("exit program", "Exit programs, an exit-program, exit the programme.", ["exit programs", "exit-program"]),
        ("exit sex work", "Those exiting sex work.", ["exiting sex work"]),
        ("hard to reach", "The hardest to reach, harder‑to‑reach and hard to reach.", [
            "hardest to reach", "harder‐to‐reach", "hard to reach",
        ]),
        ("hard to reach", "Work hard. To reach them is hard to do.", []),
        ("needy", "The needier and the neediest.", ["needier", "neediest"]),
        ("stakeholders", "A stakeholder, stake-holders.", ["stakeholder"]),
        ("addict", "Addicts, addiction, addictive.", ["addicts"]),
        ("addicts", "An addict.", ["addict"]),
        ("women's shelter", "A women’s shelter and women's shelters.", ["women’s shelter", "women's shelters"]),
        ("crazy", "Crazies went crazy.", ["crazies", "crazy"]),
        ("off", "An offer of offers.", []),
        ("24/7", "Open 24/7, not 24-7.", ["24/7"]),
        ("Métis settler", "METIS  SETTLERS", ["metis  settlers"]),
    ],
)  # fmt: skip
def test_a_term_matches_its_forms(phrase, text, found):
    assert words_found(text, phrase) == found


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("toxicomane", "Les toxicomanes et un toxicomane.", ["toxicomanes", "toxicomane"]),
        ("itinérant", "Des itinérantes, l’itinérant", ["itinerantes", "itinerant"]),
        ("difficile à joindre", "Les plus difficiles à joindre", ["difficiles a joindre"]),
        ("sortir de la rue", "Elles sortent de la rue.", []),
    ],
)
def test_a_term_of_a_french_plan_matches_its_forms_in_french(phrase, text, found):
    assert words_found(text, phrase, language="fr-ca") == found


def test_a_term_in_a_language_without_a_stemmer_is_found_as_it_is():
    assert words_found("Exiting, exits.", "exiting", language="xx") == ["exiting"]


@pytest.mark.usefixtures("plan_2020")
@pytest.mark.parametrize("text", ["She exits.", "An exit program.", "The hardest to reach.", "Exit services"])
def test_the_terms_of_the_first_plan_match_their_forms(text):
    assert kinds(text) == ["wording"]


@pytest.mark.usefixtures("terms")
@pytest.mark.parametrize(
    "text",
    [
        "The term “exiting” was taken out of all our papers.",
        "Nous ne disons plus «\u00a0hard-to-reach populations\u00a0».",
        "We no longer say 'hard-to-reach populations.'",
        "4.7 Be aware of the stigmatizing nature of the term exiting. Instead, use 'retirement'. We did.",
        "The existing programme is exciting.",
        "An exit strategy.",
    ],
)
def test_quoting_the_recommendation_is_no_offence(text):
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Call 604-555-0123.",
        "Call (604) 555 0123 or 1 604 555 0123.",
        "Write to maria@example.org.",
        "She lives at 1234 West 7th Avenue.",
        "Meet at 12 Main St, at noon.",
        "V6B 1A1",
        "A grey van, AB1 23C.",
        "Plate 123 ABC",
        "Plate ABC-123",
        "Plate ab1 23c",
        "Call 604‑555‑0123, with hyphens that don't break.",
        "Call 604–555–0123.",
        "Call 604\u00a0555\u00a00123.",
        "Call 604\n555 0123.",
        "Call 604/555-0123 or 604 - 555 - 0123.",
        "Tel.604-555-0123",
        "604-555-0123x3",
        "604-555-0123ext 3",
        "Call 555-0123.",
        "Call +44 20 7946 0958.",
        "v6b 1a1",
        "V6B\u00a01A1",
        "At 12 Main street, at noon.",
        "At 12 MAIN STREET",
        "At 12\u00a0Main Street.",
        "At 2013 Commercial Drive.",
    ],
)
def test_identifying_details_are_found(text):
    assert kinds(text) == ["identifying"]


@pytest.mark.parametrize(
    "text",
    [
        "In 2020 and 2021, 130 people came; 1,250,000 dollars.",
        "From May 28-29, 2019.",
        "COVID-19, Bill C-36, SWUAV and the MCFD.",
        "6 Place settings were laid in 3 ways.",
        "See https://example.org/2020/604/5550123456.",
        "See https://example.org/604-555-2020.",
        "In BC 2020 was hard; the 2020 BC budget and UN 2030 goals.",
        "After the 2013 Supreme Court ruling and the 2014 Ontario Superior Court one.",
        "Order 320-2019 and ISBN 978-0-306-40615-7.",
        "5 Vancouver street nurses and 12 women on the street.",
        "2019–2020, 300 000 000 and 1.200.000.",
    ],
)
def test_what_identifies_nobody_is_let_be(text):
    assert [kind for kind in kinds(text) if kind == "identifying"] == []


def test_the_address_that_the_site_shows_anyway_is_let_be():
    make_plan(contact_email="info@example.org")

    assert kinds("Write to info@example.org.") == []
    assert kinds("Write to info@example.org or maria@example.org.") == ["identifying"]


@pytest.mark.usefixtures("terms")
def test_all_that_was_found_is_shown_as_an_answer_is_for_all_of_it():
    numbers = [f"604-555-012{digit}" for digit in range(5)]

    (phones,) = in_text(" and ".join(numbers))
    first, second = in_text("She exited. Others are exiting, and exited before.")

    assert phones.words == "\n".join(numbers)
    assert all(number in phones.message for number in numbers)
    assert [first.words, second.words] == ["exited", "exiting"]


def test_what_a_finding_rests_on_is_its_passage():
    alone, other = in_text("Call 604-555-0123."), in_text("Call 604-555-0123!")
    cited = in_text("Call 604-555-0123.", addresses=["https://a.example/"])

    assert len({one.basis for (one,) in (alone, other, cited)}) == 3
    assert in_text("Call 604-555-0123.", name="another name")[0].basis == alone[0].basis


def test_characters_that_the_font_lacks_and_undue_length_are_found():
    assert kinds("A smile 😀.") == ["characters"]
    assert kinds("Sḵwx̱wú7meshi, X̱wməθkwəy̓əm\n\nand əsəlilwətaʔt̚ – “yes”.") == []
    assert kinds("long " * 600) == ["long"]


def test_of_many_characters_that_the_fonts_lack_five_are_named():
    chinese = "进展报告已经发布"

    (finding,) = in_text(f"{chinese}{chinese}, Прогресс, ਪੰਜਾਬੀ, می\u200cخواهم and Ψ")

    assert finding.message == (
        "The PDF can't show 进 (U+8FDB), 展 (U+5C55), 报 (U+62A5), 告 (U+544A), 已 (U+5DF2) and 3 more and prints the "
        "code instead, in the text."
    )


def test_links_to_this_site_are_followed(user, now):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"})
    report = make_report()
    publish_report(report, by=user, at=now)
    site = "http://127.0.0.1:8000"
    good = [
        "/",
        "/areas/1/",
        "/recommendations/1.1/",
        f"/updates/{update.pk}/",
        f"/reports/{report.slug}/#r1.1",
        f"/reports/{report.slug}/editions/1/report.pdf",
        "/statuses/#planned",
    ]
    bad = [
        "/areas/9/",
        "/recommendations/1.9/",
        "/updates/999/",
        "/reports/nothing/",
        f"/reports/{report.slug}/editions/2/",
        f"/reports/{report.slug}/#r9.9",
        "/nowhere/",
    ]

    assert kinds(" ".join(f"[x]({site}{path})" for path in good) + " https://elsewhere.example/areas/9/") == []
    for path in bad:
        assert kinds(f"See {site}{path} for more.") == ["broken link"], path
        assert kinds("Words.", addresses=[site + path]) == ["broken link"], path


def test_updates_just_outside_the_period_are_named():
    one = make_recommendation()
    report = make_report()
    inside = make_update(statuses={one: "planned"})
    after = make_update(statuses={one: "planned"}, dated_on=dt.date(2020, 7, 14))
    make_update(statuses={one: "planned"}, dated_on=dt.date(2020, 7, 15))
    before = make_update(statuses={one: "planned"}, dated_on=dt.date(2019, 5, 29))

    assert found(report) == [("just outside", (before.pk,)), ("just outside", (after.pk,))]
    make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    assert found(report) == [("just outside", (before.pk,))]
    assert inside.pk not in {finding.targets[0] for finding in completeness(report, on=ON)}


@pytest.mark.usefixtures("supported")
def test_a_report_is_looked_at_with_its_own_texts_and_its_updates(terms):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, text="Call 604-555-0123.")
    report = make_report(introduction="She exited.")
    ReportSection.objects.create(report=report, heading="News", body="Write to maria@example.org.")

    held = [finding for finding in of_report(report, on=ON) if finding.kind != "without update"]

    assert [(finding.kind, finding.about, finding.targets) for finding in held] == [
        ("wording", "report", (report.pk,)),
        ("identifying", "report", (report.pk,)),
        ("identifying", "update", (update.pk,)),
    ]
    assert [finding.kind for finding in of_update(update)] == ["identifying"]


@pytest.mark.usefixtures("plan_2020")
def test_the_2020_report_raises_nothing_but_that_readers_find_no_support():
    report = Report.objects.get()

    assert [finding.kind for finding in of_report(report, on=ON)] == ["no support"]


@pytest.mark.parametrize("rows", [1, 30])
def test_a_whole_report_is_looked_at_in_a_constant_number_of_queries(rows, user, now, django_assert_num_queries):
    area = make_area()
    for number in range(rows):
        text = f"See http://127.0.0.1:8000/areas/{number}/ and http://127.0.0.1:8000/updates/{number}/."
        make_update(statuses={make_recommendation(area=area): "planned"}, text=text)
    report = make_report()
    publish_report(report, by=user, at=now)

    printed = report_snapshot(report)
    with django_assert_num_queries(22):
        of_report(report, on=ON, printed=printed)
