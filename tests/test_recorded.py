"""The history is complete: whatever writes, each row is recorded as it is, and no code writes past the history."""

import ast
import datetime as dt
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from recommendations.models import (
    ActionPlan,
    Assessment,
    Phrase,
    ProgressUpdate,
    Recommendation,
    RecommendationLink,
    ReportSection,
    TakeDown,
)
from recommendations.models.saves import one_save
from recommendations.publishing.erasure import erase
from recommendations.publishing.history import version_of
from recommendations.publishing.notes import end_notes
from recommendations.publishing.reports import publish_report
from recommendations.publishing.updates import mark_ready
from tests.factories import (
    AT,
    make_logo,
    make_party,
    make_plan,
    make_recommendation,
    make_report,
    make_support_link,
    make_update,
    picture_file,
)
from tests.people import address, sent_by, typed_update
from tests.recorded import Changes, kinds, unlike

pytestmark = pytest.mark.usefixtures("fake_pdf")


# Parts, in the form of their thing


def with_parts(sent, prefix, changed, new):
    """What the form `sent` sends once the first part was changed, the second removed, and a new one added."""
    empty = f"{prefix}-__prefix__-"
    added = {name.replace("__prefix__", "2"): value for name, value in sent.items() if name.startswith(empty)}
    typed = {f"{prefix}-0-{name}": value for name, value in changed.items()}
    typed |= {f"{prefix}-2-{name}": value for name, value in new.items()}
    return sent | added | typed | {f"{prefix}-1-DELETE": "on", f"{prefix}-TOTAL_FORMS": "3"}


def a_report():
    report = make_report()
    for number in (1, 2):
        ReportSection.objects.create(report=report, heading=f"Thanks {number}", body="To all.", position=number)
    return report


def a_recommendation():
    one = make_recommendation()
    for name in ("minutes", "plan"):
        address = f"https://example.org/{name}"
        RecommendationLink.objects.create(recommendation=one, kind="related", label=name, address=address)
    return one


def an_update():
    evidence = [("Minutes", "https://example.org/m"), ("Plan", "https://example.org/p")]
    return make_update(statuses={make_recommendation(): "planned"}, evidence=evidence, published=False)


def a_plan(make, **overrides):
    plan = make_plan()
    for number in (1, 2):
        make(plan=plan, **{name: value.format(number) for name, value in overrides.items()})
    return plan


PARTS = {
    "sections": (a_report, {"heading": "News"}, {"heading": "Partners", "body": "Many."}),
    "links": (
        a_recommendation,
        {"label": "Terms"},
        {"label": "Map", "address": "https://example.org/map", "kind": "related"},
    ),
    "evidence_links": (an_update, {"label": "Notes"}, {"label": "Map", "address": "https://example.org/map"}),
    "support_links": (
        lambda: a_plan(make_support_link, label="Line {}", address="https://example.org/{}"),
        {"hours": "Always"},
        {"label": "Line 3", "address": "https://example.org/3", "checked_on": "2020-07-01"},
    ),
    "phrases": (
        lambda: a_plan(Phrase.objects.create, text="Words {}", language="hur"),
        {"language": "squ"},
        {"text": "Words 3", "language": "fr"},
    ),
    "logos": (
        lambda: a_plan(make_logo, alt="City of W {}"),
        {"alt": "City of V"},
        {"alt": "City of X", "picture": SimpleUploadedFile("logo.png", picture_file(), "image/png")},
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", PARTS)
def test_parts_that_are_changed_removed_and_added_are_recorded(staff, user, prefix):
    make, changed, new = PARTS[prefix]
    thing = make()
    page = address(f"{thing._meta.model_name}_change", thing.pk)
    sent = with_parts(sent_by(staff.get(page)), prefix, changed, new) | {"change_reason": "Why"}
    changes = Changes()

    answer = staff.post(page, sent)

    part = getattr(thing, prefix).model
    assert answer.status_code == 302, answer.context["errors"]
    assert changes.faults(by=user, act="change") == []
    rows = [row for some in changes.rows(part).values() for row in some]
    assert sorted(row.history_type for row in rows) == ["+", "-", "~"]
    assert {row.history_change_reason for row in rows} == {"Why"}
    assert {part for part in kinds() if changes.rows(part)} <= {part, type(thing)}


@pytest.mark.django_db
def test_statuses_that_are_changed_removed_and_added_are_recorded(staff, user):
    one, two, three = (make_recommendation() for _ in range(3))
    update = make_update(statuses={one: "planned", two: "planned"}, published=False)
    typed = typed_update({one: "ongoing", three: "planned"}, version=version_of(update), change_reason="Why")
    changes = Changes()

    staff.post(address("progressupdate_change", update.pk), typed)

    assert changes.faults(by=user, act="change") == []
    rows = [row for some in changes.rows(Assessment).values() for row in some]
    assert {row.recommendation_id: row.history_type for row in rows} == {one.pk: "~", two.pk: "-", three.pk: "+"}


@pytest.mark.django_db
def test_what_a_whole_takes_along_when_it_is_deleted_is_recorded(staff, user):
    for thing in (a_recommendation(), a_report(), an_update()):
        changes = Changes()
        typed = {"reason": "Why", "version": version_of(thing)}

        assert staff.post(address(f"{thing._meta.model_name}_delete", thing.pk), typed).status_code == 302

        assert changes.faults(by=user, act="delete") == []
        assert not type(thing).objects.filter(pk=thing.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["parties", "replaced_by"])
def test_what_was_related_to_something_that_is_deleted_says_so_in_its_history(staff, user, field):
    one = make_recommendation()
    gone = make_party() if field == "parties" else make_recommendation()
    getattr(one, field).add(gone)
    changes = Changes()

    staff.post(address(f"{gone._meta.model_name}_delete", gone.pk), {"reason": "Why", "version": version_of(gone)})

    assert changes.faults(by=user, act="delete") == []
    (row,) = changes.rows(Recommendation)[one.pk]
    assert (row.history_change_reason, getattr(row, field).count()) == ("Why", 0)


# Commands


def faults_of(user, act, *command, **options):
    """What the history doesn't say of all that a command writes."""
    changes = Changes()
    call_command(*command, by=user.username, **options, stdout=StringIO())
    return changes.faults(by=user, act=act)


@pytest.mark.django_db
def test_what_commands_publish_take_down_and_erase_is_recorded(user, report):
    def taken_down(*what):
        return faults_of(user, "take_down", "take_down", *what, reason="Why")

    # Without links: of those, nothing is left in the history either.
    update = make_update(statuses={make_recommendation(): "planned"})
    draft = make_update(statuses={make_recommendation(): "planned"}, published=False)
    mark_ready(draft, by=user, at=AT)

    assert faults_of(user, "publish", "publish_report", report.slug) == []
    assert taken_down("update", str(update.pk)) == taken_down("edition", report.slug, "1") == []
    for removal in TakeDown.objects.all():
        changes = Changes()
        with one_save("erase"):
            erase(removal, by=user, at=AT)
        assert changes.faults(by=user, act="erase") == []


@pytest.mark.django_db
def test_what_ends_by_itself_is_recorded_as_nobody_s(user, update, report):
    ActionPlan.objects.update(notes_end_after=90)
    update.private_note = "The coordinator told us."
    update.save()
    publish_report(report, by=user, at=AT)
    end_notes(at=AT + dt.timedelta(days=80))
    changes = Changes()

    with one_save("end_notes"):
        end_notes(at=AT + dt.timedelta(days=100))

    assert changes.faults(by=None, act="end_notes") == []
    assert [row.private_note for row in changes.rows(ProgressUpdate)[update.pk]] == [""]


@pytest.mark.django_db
@pytest.mark.usefixtures("sample")
def test_after_two_years_of_acts_every_history_ends_with_what_is_stored(user):
    assert unlike() == []
    assert {row.history_user for model in kinds() for row in model.history.all()} == {user}


# Code that could write past the history

PAST_HISTORY = {"bulk_create", "bulk_update", "update", "_raw_delete", "save_base", "raw", "execute", "executemany"}
# What begins so writes no rows.
NO_ROWS = ("SELECT", "PRAGMA", "SET TRANSACTION", "CREATE", "DROP", "ALTER", "VACUUM")
# Where such code stands, though it isn't about a model that keeps none, and why that is right.
ALLOWED = {
    "accounts/guessing.py has_to_wait": "Turns to sign in keep no history.",
    "backup/databases.py move_in": "It puts a whole database in the place of another.",
    "backup/revoking.py is_note_erased": "It erases words in the history of what was deleted.",
    "backup/rows.py go_on_after": "It lets the database count on from the ids that were given.",
    "backup/rows.py load": "It puts rows back together with their history.",
    "management/doctor.py database": "It asks whether the database takes anything, and takes it back.",
    "models/content_version.py missing_watch": "It reads.",
    "models/content_version.py watch_content": "It makes triggers, and the one row that they write.",
    "models/frozen.py missing_protection": "It reads.",
    "models/frozen.py protect_editions": "It makes triggers.",
    "publishing/bulk.py _record_relations": "It writes the history.",
    "publishing/bulk.py _relate": "What calls it does.",
    "publishing/bulk.py save_all": "It adds a row to the history of each.",
    "publishing/erasure.py _erase_edition": "Files of editions keep no history.",
    "publishing/erasure.py _erase_update": "Corrections keep no history.",
    "publishing/loading.py load_plan": "It lets PostgreSQL count on from the ids that were given.",
    "publishing/notes.py _erase_of_deleted": "It erases words in the history.",
    "publishing/notes.py erase_words": "It erases words in the history.",
}


def root_of(node):
    """The name that a chain of attributes and calls begins with: Area in Area.objects.filter(…).update."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_past_history(call, without):
    """Whether `call` could write rows of a model that keeps a history, and add no row to it."""
    if not isinstance(call.func, ast.Attribute) or root_of(call.func) in without:
        return False
    name = call.func.attr
    if name == "update":
        # A queryset takes names alone; a dictionary or a set takes another.
        return bool(call.keywords) and not call.args
    first = call.args[0] if call.args else None
    first = first.values[0] if isinstance(first, ast.JoinedStr) else first
    is_no_row = isinstance(first, ast.Constant) and str(first.value).startswith(NO_ROWS)
    return name in PAST_HISTORY and not (name.startswith("execute") and is_no_row)


def test_no_code_writes_past_the_history():
    without = {model.__name__ for model in apps.get_models()} - {model.__name__ for model in kinds()}
    package, found = settings.BASE_DIR / "recommendations", set()
    for path in package.rglob("*.py"):
        code = path.read_text()
        if "migrations" in path.parts or not any(f".{name}(" in code for name in PAST_HISTORY):
            continue
        for function in ast.walk(ast.parse(code)):
            if isinstance(function, ast.FunctionDef):
                calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
                if any(is_past_history(call, without) for call in calls):
                    found.add(f"{path.relative_to(package)} {function.name}")

    assert found - set(ALLOWED) == set(), "write it with who and why, or say here why not"
    assert set(ALLOWED) - found == set(), "they write nothing like that any more"
