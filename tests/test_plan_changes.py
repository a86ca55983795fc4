"""What was adopted changes only by an act, with a public reason, from the first edition on."""

import datetime as dt
from html import unescape

import feedparser
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save
from django.utils import timezone

from recommendations.models import Correction, EditionFile, Recommendation, ResponsibleParty
from recommendations.public.feed_entries import urn
from recommendations.publishing.acts import Refused
from recommendations.publishing.history import moment_of, version_of
from recommendations.publishing.plan_changes import announce, replace_recommendation
from recommendations.publishing.reports import publish_report
from recommendations.publishing.restoring import restore
from recommendations.reading import adopted
from recommendations.reading.adopted import FieldChange, content_of
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article
from tests.factories import AT, make_area, make_party, make_recommendation, make_report, make_update
from tests.people import granted, sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


@pytest.fixture
def plan():
    """A recommendation with all that is adopted of one, and another."""
    one = make_recommendation(
        text="Offer a safe phone.",
        target_as_published="fall 2020",
        target_on=dt.date(2020, 10, 1),
        parties=[make_party(name="funders")],
    )
    return one, make_recommendation(area=one.area)


@pytest.fixture
def edition(plan, user, now):
    make_update(statuses={plan[0]: "planned"})
    return publish_report(make_report(), by=user, at=now)


def changed(thing, user, *, note="", is_spelling=False, at=AT, **values):
    """Change `thing` as a route does it, and announce it."""
    with transaction.atomic():
        thing = type(thing).objects.get(pk=thing.pk)
        before = content_of(thing)
        for name, value in values.items():
            if name in ("parties", "replaced_by"):
                getattr(thing, name).set(value)
            else:
                setattr(thing, name, value)
        thing.save()
        return announce(thing, before=before, note=note, is_spelling=is_spelling, by=user, at=at)


CHANGES = [
    ({"target_as_published": "fall 2035"}, "Target changed from “fall 2020” to “fall 2035”"),
    ({"target_as_published": ""}, "Target removed: “fall 2020”"),
    ({"target_on": dt.date(2035, 10, 1)}, "Target date changed from “October 1, 2020” to “October 1, 2035”"),
    ({"parties": []}, "Responsible parties removed: “funders”"),
    ({"added_on": dt.date(2020, 1, 2)}, "First day in the plan added: “January 2, 2020”"),
    ({"retired_on": dt.date(2021, 1, 2), "retired_reason": "Split."}, "Retired on January 2, 2021"),
]


@pytest.mark.parametrize(("values", "told"), CHANGES)
def test_before_the_first_edition_the_plan_changes_freely(plan, user, values, told):
    assert changed(plan[0], user, **values) is None
    assert not Correction.objects.exists()


@pytest.mark.parametrize(("values", "told"), CHANGES)
def test_afterwards_each_change_is_told_with_its_reason(plan, edition, user, values, told):
    correction = changed(plan[0], user, note="  As the council decided. \r\n", **values)

    told_of = adopted.changes(correction.before, correction.after)
    assert (correction.recommendation, correction.note) == (plan[0], "As the council decided.")
    assert told in adopted.sentences(told_of)
    assert list(Correction.objects.announced().of_plan()) == [correction]


@pytest.mark.parametrize("note", ["", " \n", "a\x00b", "x" * 2_001])
def test_a_change_without_a_printable_reason_is_refused_whole(plan, edition, user, note):
    with pytest.raises(Refused):
        changed(plan[0], user, note=note, target_as_published="fall 2035")

    assert Recommendation.objects.get(pk=plan[0].pk).target_as_published == "fall 2020"
    assert not Correction.objects.exists()


def test_a_text_is_changed_only_to_correct_its_spelling(plan, edition, user):
    with pytest.raises(Refused, match="spelling mistake"):
        changed(plan[0], user, note="Better.", text="Offer a phone.")
    assert Recommendation.objects.get(pk=plan[0].pk).text == "Offer a safe phone."

    correction = changed(plan[0], user, note="Spelling only.", is_spelling=True, text="Offer a safe telephone.")

    assert adopted.changes(correction.before, correction.after) == (
        FieldChange("text", "Offer a safe phone.", "Offer a safe telephone."),
    )


def test_a_retirement_is_told_with_its_own_reason(plan, edition, user):
    correction = changed(plan[0], user, retired_on=dt.date(2021, 1, 2), retired_reason="Split.", replaced_by=[plan[1]])

    told = adopted.changes(correction.before, correction.after)
    assert correction.note == "Split."
    assert adopted.sentences(told, note="Split.") == ["Retired on January 2, 2021", "Replacement added: “1.2”"]


def test_areas_and_parties_are_told_too(plan, edition, user):
    area, party = plan[0].area, plan[0].parties.get()
    with pytest.raises(Refused):
        changed(area, user, title="Another")
    with pytest.raises(Refused):
        changed(party, user, name="donors")

    first = changed(area, user, title="Another", note="As adopted.")
    second = changed(party, user, name="donors", note="Their own name.")

    assert (first.subject, second.subject) == (area, party)
    assert adopted.sentences(adopted.changes(second.before, second.after)) == [
        "Name of the responsible party changed from “funders” to “donors”"
    ]


def test_what_is_not_adopted_changes_without_a_word(plan, edition, user):
    assert changed(plan[0].area, user, introduction="About it.") is None


def test_another_wording_is_another_recommendation(plan, edition, user, now):
    old = plan[0]
    new = Recommendation(reference="1.3", text="Offer two phones.", added_on=dt.date(2020, 7, 2))
    words = {"parties": old.parties.all(), "reason": "One was too few.", "by": user, "at": now}
    with pytest.raises(Refused, match="changed while"):
        replace_recommendation(old, new=new, expected="0", **words)

    correction = replace_recommendation(old, new=new, expected=version_of(old), **words)

    old.refresh_from_db()
    assert (old.text, old.retired_on, old.retired_reason) == (
        "Offer a safe phone.",
        dt.date(2020, 7, 2),
        "One was too few.",
    )
    assert [one.reference for one in old.replaced_by.all()] == ["1.3"]
    assert [party.name for party in new.parties.all()] == ["funders"]
    assert (correction.recommendation, correction.note) == (old, "One was too few.")
    assert {row.history_user for row in (*new.history.all(), old.history.latest("history_id"))} == {user}
    with pytest.raises(Refused, match="already retired"):
        replace_recommendation(old, new=new, expected=version_of(old), **words)


def test_an_older_version_comes_back_with_a_public_reason_alone(plan, edition, user):
    one = plan[0]
    then = moment_of(one, str(one.history.first().save_id))
    changed(one, user, note="Later.", target_as_published="fall 2035")
    restored = {"moment": then, "by": user, "at": timezone.now(), "reason": "Restored"}

    with pytest.raises(Refused, match="public reason"):
        restore(one, expected=version_of(one), **restored)
    assert Recommendation.objects.get(pk=one.pk).target_as_published == "fall 2035"

    restore(one, expected=version_of(one), note="It was right.", **restored)

    assert Recommendation.objects.get(pk=one.pk).target_as_published == "fall 2020"
    assert [one.note for one in Correction.objects.all()] == ["It was right.", "Later."]


def test_addresses_are_fixed_and_what_readers_saw_can_not_be_moved_to_a_day_to_come(plan, edition):
    one, party = plan[0], plan[0].parties.get()
    one.added_on, party.slug = dt.date(2999, 1, 1), "other"

    with pytest.raises(ValidationError, match="in the future"):
        one.full_clean()
    with pytest.raises(ValidationError, match="published at this address"):
        party.full_clean()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("correction_is_about_one_thing", {}),
        ("correction_is_about_one_thing", {"recommendation": True, "area": True}),
        ("correction_is_about_one_thing", {"recommendation": True, "update": True}),
        ("change_of_the_plan_is_told_whole", {"recommendation": True, "note": ""}),
        ("change_of_the_plan_is_told_whole", {"recommendation": True, "is_minor": True}),
        ("change_of_the_plan_is_told_whole", {"recommendation": True, "before": None}),
        ("change_of_the_plan_is_told_whole", {"recommendation": True, "after": None}),
        ("change_of_the_plan_is_told_whole", {"recommendation": True, "is_withdrawal": True, "after": None}),
        ("withdrawal_is_never_minor", {"update": True, "is_withdrawal": True}),
    ],
)
def test_the_database_refuses(plan, user, constraint, values):
    subjects = {"recommendation": plan[0], "area": plan[0].area, "update": make_update(statuses={plan[0]: "planned"})}
    given = {name: subjects.get(name, value) for name, value in values.items()}
    correction = Correction(
        **{"note": "Why.", "before": {"x": 1}, "after": {"x": 2}, "corrected_at": AT, "corrected_by": user, **given}
    )

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        correction.save()


def test_what_was_told_keeps_its_subject(plan, edition, user):
    area = make_area(title="Of no recommendation")
    changed(area, user, title="Renamed", note="As adopted.")

    with pytest.raises(Exception, match="protected"):
        area.delete()


def test_the_next_report_tells_what_was_changed_since_the_one_before_was_first_published(plan, edition, user, now):
    first = edition.report
    second = make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    changed(plan[0], user, note="Later.", target_as_published="fall 2035", at=now + dt.timedelta(days=1))
    before = report_snapshot(second).content_hash()
    again = publish_report(first, by=user, at=now + dt.timedelta(days=2), note="With the new target.")

    told = report_snapshot(second).plan_changes

    assert [(one.name, one.note, one.sentences) for one in told] == [
        ("1.1", "Later.", ("Target changed from “fall 2020” to “fall 2035”",))
    ]
    assert report_snapshot(second).content_hash() == before
    assert stored_snapshot(edition).plan_changes == ()
    assert stored_snapshot(again).plan_changes == told
    shown = again.content(EditionFile.Name.ARTICLE).decode()
    assert "Changes to the plan" in shown
    assert "Recommendation 1.1. Target changed from “fall 2020” to “fall 2035”: Later." in shown


def test_a_report_that_was_never_published_hides_no_change_from_the_next(plan, edition, user, now):
    make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    third = make_report(starts_on=dt.date(2021, 7, 1), ends_on=dt.date(2022, 6, 30))
    changed(plan[0], user, note="Later.", target_as_published="fall 2035", at=now + dt.timedelta(days=1))

    assert [one.note for one in report_snapshot(third).plan_changes] == ["Later."]


def test_a_text_that_was_changed_keeps_its_lines_wherever_it_is_told(client, plan, edition, user, now):
    later = now + dt.timedelta(days=1)
    plan[1].text = "Offer:\n\n- a <safe> phone;\n- tea."
    plan[1].save()
    changed(plan[1], user, note="A typo.", is_spelling=True, text="Offer:\n\n- a safe phone;\n- tea.", at=later)
    told = (
        "Text changed from “Offer:<br><br>- a &lt;safe&gt; phone;<br>- tea.” "
        "to “Offer:<br><br>- a safe phone;<br>- tea.”"
    )

    report = make_report(starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30))
    addresses = ["/recommendations/1.2/", "/corrections/", "/updates.atom"]
    pages = [client.get(address).content.decode() for address in addresses]

    assert [told in shown for shown in (*pages[:2], unescape(pages[2]), article(report_snapshot(report)))] == [True] * 4


def test_an_entry_in_a_feed_keeps_its_id_and_leads_to_what_was_changed(client, plan, edition, user):
    correction = changed(plan[0].parties.get(), user, note="Their own name.", name="donors")

    (told,) = [one for one in feedparser.parse(client.get("/updates.atom").content).entries if "Changed" in one.title]

    assert told.id == urn(f"correction {correction.pk}", correction.corrected_at)
    assert told.title == "Changed: Name of the responsible party"
    assert told.link.endswith(f"/parties/{plan[0].parties.get().slug}/")


def test_a_party_is_told_in_its_feed_that_it_is_no_longer_addressed(client, plan, edition, user):
    changed(plan[0], user, note="Not theirs.", parties=[make_party(name="police", slug="police")])

    for slug in (ResponsibleParty.objects.get(name="funders").slug, "police"):
        assert "Not theirs." in client.get(f"/parties/{slug}/updates.atom").content.decode()
    assert "Not theirs." not in client.get(f"/parties/{make_party().slug}/updates.atom").content.decode()


def test_staff_read_in_the_list_of_corrections_what_was_changed(client, plan, edition, user):
    client.force_login(user)
    correction = changed(plan[0], user, note="Later.", target_as_published="fall 2035")

    listed = client.get("/admin/recommendations/correction/").content.decode()
    shown = client.get(f"/admin/recommendations/correction/{correction.pk}/change/").content.decode()
    taken = client.get("/admin/recommendations/correction/export/", {"format": "csv"}).content.decode()

    assert "Change to the plan" in listed
    assert "Target: fall 2020" in shown
    assert "Target: fall 2035" in shown
    assert "recommendation 1.1" in taken


def test_a_colleagues_change_is_not_overwritten_and_the_public_reason_is_kept(client, plan, edition, user):
    client.force_login(user)
    change = f"/admin/recommendations/recommendation/{plan[0].pk}/change/"
    typed = sent_by(client.get(change)) | {"target_as_published": ["fall 2040"], "public_reason": ["Kept reason."]}
    changed(plan[0], user, note="Later.", target_as_published="fall 2035")

    refused = client.post(change, typed)
    again = client.post(change, sent_by(refused))

    assert "What it says now: fall 2035" in refused.content.decode()
    assert "Kept reason." in refused.content.decode()
    assert again.status_code == 302
    newest = Correction.objects.first()
    assert (newest.note, newest.before["target_as_published"], newest.after["target_as_published"]) == (
        "Kept reason.",
        "fall 2035",
        "fall 2040",
    )


def test_what_readers_cannot_be_told_is_refused_in_the_form_and_nothing_is_saved(client, plan, edition, user):
    """Something else is changed while the form is saved, after it was checked: the act, which comes last, refuses."""
    client.force_login(user)
    change = f"/admin/recommendations/recommendation/{plan[0].pk}/change/"
    typed = sent_by(client.get(change)) | {"target_as_published": ["fall 2040"], "public_reason": ["Kept reason."]}

    def reword(instance, **_arguments):
        Recommendation.objects.filter(pk=instance.pk).update(text="Other words.")

    post_save.connect(reword, sender=Recommendation)
    try:
        refused = client.post(change, typed)
    finally:
        post_save.disconnect(reword, sender=Recommendation)

    assert "Say whether the new text corrects a spelling mistake." in refused.content.decode()
    assert "Nothing was saved yet, and all that you typed is still here." in refused.content.decode()
    assert sent_by(refused)["public_reason"] == ["Kept reason."]
    plan[0].refresh_from_db()
    assert (plan[0].text, plan[0].target_as_published) == ("Offer a safe phone.", "fall 2020")
    assert not Correction.objects.exists()
    assert client.post(change, sent_by(refused)).status_code == 302


def test_whoever_may_not_correct_may_not_change_what_was_adopted(plan, edition):
    editor = granted("view_recommendation", "change_recommendation")
    publisher = granted("view_recommendation", "change_recommendation", "add_correction")
    change = f"/admin/recommendations/recommendation/{plan[0].pk}/change/"

    assert editor.post(change, {"text": "x"}).status_code == 403
    assert publisher.post(change, {"text": "x"}).status_code == 200


def test_whoever_may_only_look_is_asked_for_no_public_reason(client, plan, edition):
    editor = granted("view_recommendation", "view_area", "view_responsibleparty")
    subjects = {"recommendation": plan[0], "area": plan[0].area, "responsibleparty": plan[0].parties.get()}

    for name, thing in subjects.items():
        page = editor.get(f"/admin/recommendations/{name}/{thing.pk}/change/")
        assert page.status_code == 200
        assert "Public reason" not in page.content.decode()
        assert "If you changed the text" not in page.content.decode()
