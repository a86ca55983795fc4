"""Every way to write in the admin leaves who, when, what and why; and of two who write at once, one is told."""

import datetime as dt
import threading

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, connection
from django.test import Client
from django.urls import URLResolver, reverse

from recommendations.models import (
    ActionPlan,
    Area,
    ContentVersion,
    Correction,
    Edition,
    EditionFile,
    EditionUpdate,
    LegalHold,
    LinkDecision,
    LogoImage,
    ProgressUpdate,
    Recommendation,
    Report,
    ResponsibleParty,
    SetAside,
    Term,
)
from recommendations.publishing.history import version_of
from recommendations.publishing.link_checks import record_answer
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import set_aside, take_down
from recommendations.publishing.updates import mark_ready
from tests.factories import (
    make_area,
    make_party,
    make_recommendation,
    make_report,
    make_update,
    make_user,
    picture_file,
)
from tests.people import (
    LINKS,
    LISTS,
    SECTIONS,
    address,
    confirmed,
    guess,
    sent_by,
    typed_correction,
    typed_report,
    typed_update,
    with_app,
)
from tests.recorded import Changes, kinds
from tests.rows import make_once

WHY = "Because of the test"

# Routes that never write: a POST to them changes no table, and the test below tries.
READS = {
    "app_list",
    "index",
    "jsi18n",
    "preview",
    "changes",
    "security",
    "password_change_done",
    "view_on_site",
    "recommendations_report_preview",
    "recommendations_report_preview_pdf",
    "recommendations_report_draft_pdf",
    "recommendations_report_compare",
    "recommendations_recommendation_empty_sheet",
    "recommendations_progressupdate_empty_sheet",
    "recommendations_progressupdate_preview",
    # Nothing in a party's name, which was adopted, is asked about.
    "recommendations_responsibleparty_check",
    "handbook",
    "handbook_chapter",
    "handbook_picture",
} | {f"{name}_export" for name in LISTS}
# Signing in, with what it needs, and out: it changes nothing that staff work on.
SESSION = {
    "login",
    "logout",
    "password_again",
    "sign_out_everywhere",
    "auth_user_sign_out",
    "first_password",
    *(f"password_reset{part}" for part in ("", "_sent", "_confirm", "_done")),
} | {f"second_factor{part}" for part in ("", "_codes", "_image", "_off", "_set_up", "_verify")}
REFUSED = {
    f"recommendations_{name}_{act}"
    for name in ("correction", "edition", "takedown")
    for act in ("add", "change", "delete")
}


# What readers are told of, with a public reason, where it is changed or restored.
ADOPTED = tuple(
    f"{name}_{act}" for name in ("recommendation", "area", "responsibleparty") for act in ("change", "restore")
)


def make_world(*, by, at):
    one, two = make_recommendation(), make_recommendation()
    make_party()
    Term.objects.create(word="exiting", instead="retirement", recommendation=one)
    make_update(statuses={one: "planned"}, published=False)
    make_update(statuses={two: "planned"})
    publish_report(make_report(), by=by, at=at)


class World:
    """What there is to write on, and the posts that each route is driven with."""

    def __init__(self, client, user, now):
        self.client, self.user, self.now = client, user, now
        make_once("world", lambda: make_world(by=user, at=now), by=user)
        self.plan, self.area = ActionPlan.objects.get(), Area.objects.get()
        self.one, self.two = Recommendation.objects.order_by("position")
        self.party, self.term = ResponsibleParty.objects.get(), Term.objects.get()
        self.report, self.edition = Report.objects.get(), Edition.objects.get()
        self.draft, self.published = ProgressUpdate.objects.order_by("pk")

    def post(self, route, *args, query="", **data):
        why = {"change_reason": WHY} | ({"public_reason": WHY} if route.startswith(ADOPTED) else {})
        response = self.client.post(f"{address(route, *args)}{query}", {**why, **data})
        assert response.status_code == 302, getattr(response, "context", {}) and (
            response.context.get("errors") or (response.context.get("form") and response.context["form"].errors)
        )

    def restored(self, name, thing):
        """Restores the first row of a history, after a change that the row is older than."""
        first = thing.history.order_by("history_id").first()
        thing.refresh_from_db()
        for field in ("title", "text", "name", "instead"):
            if hasattr(thing, field):
                setattr(thing, field, "Something else")
        thing.save()
        query = f"?to={first.save_id}"
        page = self.client.get(f"{address(f'{name}_restore', thing.pk)}{query}")
        return lambda: self.post(
            f"{name}_restore",
            thing.pk,
            query=query,
            version=page.context["form"]["version"].value(),
            text_change="spelling",
        )

    def on_account(self, act, member, **data):
        """An act on the account of `member`, who is locked out and has a second factor; there are two others."""
        guess(member, 8)
        with_app(member)
        make_user()
        return lambda: self.client.post(reverse(f"admin:auth_user_{act}", args=[member.pk]), {"reason": WHY, **data})

    def restored_from(self, name, thing):
        set_aside(thing, by=self.user, at=self.now)
        return lambda: self.post(f"{name}_restore_set_aside", thing.pk, reason=WHY)


def plan_fields(plan, **overrides):
    return {
        "title": "New title",
        "conference_name": plan.conference_name,
        "conference_starts_on": plan.conference_starts_on.isoformat(),
        "conference_ends_on": plan.conference_ends_on.isoformat(),
        "organisation_name": plan.organisation_name,
        "exit_address": plan.exit_address,
        "language": plan.language,
        "staff_language": plan.staff_language,
        "status_wordings-TOTAL_FORMS": "0",
        "status_wordings-INITIAL_FORMS": "0",
        "phrases-TOTAL_FORMS": "0",
        "phrases-INITIAL_FORMS": "0",
        "logos-TOTAL_FORMS": "0",
        "logos-INITIAL_FORMS": "0",
        "support_links-TOTAL_FORMS": "0",
        "support_links-INITIAL_FORMS": "0",
        **overrides,
    }


def a_logo():
    picture = SimpleUploadedFile("logo.png", picture_file(), "image/png")
    typed = {"alt": "City of W", "whose": "funder", "position": "0", "picture": picture}
    return {"logos-TOTAL_FORMS": "1", **{f"logos-0-{name}": value for name, value in typed.items()}}


def published_report(w):
    page = w.client.get(address("report_publish", w.report.pk))
    return lambda: w.post(
        "report_publish", w.report.pk, **confirmed(page), note=WHY, ready=page.context["form"]["ready"].value()
    )


def with_closing_words(w):
    Report.objects.filter(pk=w.report.pk).update(closing="See you.")
    mark_ready(w.draft, by=w.user, at=w.now)
    return published_report(w)


def marked_ready(w):
    form = w.client.get(address("report_ready", w.report.pk)).context["form"]
    return lambda: w.post("report_ready", w.report.pk, updates=form["updates"].value(), version=form["version"].value())


def imported(w):
    rows = "9.1,Ninth,New.,unions,2020-07-01\n1.1,Renamed,Do what 1.1 says now.,,\n"
    text = f"reference,area_title,text,responsible_parties,added_on\n{rows}"
    sheet = SimpleUploadedFile("plan.csv", text.encode())
    page = w.client.post(address("recommendation_import"), {"file": sheet})
    form = page.context["form"]
    return lambda: w.post(
        "recommendation_import",
        sheet=form["sheet"].value(),
        confirmed=form["confirmed"].value(),
        reason=WHY,
        ticked=["area 1", "1.1 text"],
        public_reason=WHY,
    )


def with_note(w):
    w.draft.private_note = "The coordinator told us."
    w.draft.save()
    typed = {"reason": WHY, "understood": "on", "version": version_of(w.draft)}
    return lambda: w.client.post(address("progressupdate_erase_note", w.draft.pk), typed)


def imported_updates(w):
    rows = "2020-06-01,1.1,ongoing,Something else happened.,Minutes <https://example.org/minutes>\n"
    sheet = SimpleUploadedFile("updates.csv", f"date,reference,status,text,evidence\n{rows}".encode())
    form = w.client.post(address("progressupdate_import"), {"file": sheet}).context["form"]
    sent = {name: form[name].value() for name in ("sheet", "confirmed")}
    return lambda: w.post("progressupdate_import", **sent, reason=WHY)


def answered(w, thing, field):
    """An answer to what is found in a text of `thing`, from the page that asks for it."""
    type(thing).objects.filter(pk=thing.pk).update(**{field: "Call 604-555-0123."})
    page = f"{type(thing).__name__.lower()}_check"
    sent = sent_by(w.client.get(address(page, thing.pk)))
    reasons = {name: WHY for name in sent if name.startswith("answer-")}
    return lambda: w.post(page, thing.pk, **{**sent, **reasons})


RECORDED = {
    # The log says who answered what is found in a text, and when; the answer says why.
    "recommendations_actionplan_check": lambda w: answered(w, w.plan, "introduction"),
    "recommendations_area_check": lambda w: answered(w, w.area, "introduction"),
    "recommendations_recommendation_check": lambda w: answered(w, w.one, "explanation"),
    "recommendations_progressupdate_check": lambda w: answered(w, w.draft, "text"),
    "recommendations_report_check": lambda w: answered(w, w.report, "introduction"),
    # Accounts keep no history rows of their own: the admin's log says who did what to whom and when.
    "auth_user_add": lambda w: (
        lambda: w.client.post(
            reverse("admin:auth_user_add"),
            {
                "username": "new",
                "role": "editor",
                "password1": "a long enough pass",
                "password2": "a long enough pass",
                "usable_password": "true",
            },
        )
    ),
    "auth_user_change": lambda w: (
        lambda other: (
            lambda: w.client.post(
                reverse("admin:auth_user_change", args=[other.pk]),
                {"username": "renamed", "role": "editor", "is_active": "on", "version": version_of(other)},
            )
        )
    )(make_user()),
    "auth_user_password_change": lambda w: (
        lambda other: (
            lambda: w.client.post(
                reverse("admin:auth_user_password_change", args=[other.pk]),
                {"password1": "a long enough pass", "password2": "a long enough pass", "usable_password": "true"},
            )
        )
    )(make_user()),
    "auth_user_unlock": lambda w: w.on_account("unlock", make_user()),
    "auth_user_reset_second_factor": lambda w: w.on_account("reset_second_factor", make_user(), _ask=""),
    "auth_user_leave": lambda w: w.on_account("leave", make_user()),
}

CASES = {
    **RECORDED,
    "recommendations_actionplan_change": lambda w: (
        lambda: w.post("actionplan_change", 1, **plan_fields(w.plan, version=version_of(w.plan), **a_logo()))
    ),
    "recommendations_actionplan_restore": lambda w: w.restored("actionplan", w.plan),
    "recommendations_area_add": lambda w: lambda: w.post("area_add", number=9, title="New"),
    "recommendations_area_change": lambda w: (
        lambda: w.post("area_change", w.area.pk, number=w.area.number, title="Renamed", version=version_of(w.area))
    ),
    "recommendations_area_restore": lambda w: w.restored("area", w.area),
    "recommendations_responsibleparty_add": lambda w: lambda: w.post("responsibleparty_add", name="New", slug="new"),
    "recommendations_responsibleparty_change": lambda w: (
        lambda: w.post(
            "responsibleparty_change", w.party.pk, name="Renamed", slug=w.party.slug, version=version_of(w.party)
        )
    ),
    "recommendations_responsibleparty_restore": lambda w: w.restored("responsibleparty", w.party),
    "recommendations_recommendation_add": lambda w: (
        lambda: w.post(
            "recommendation_add",
            area=w.area.pk,
            reference="1.9",
            text="New",
            parties=[w.party.pk],
            added_on="2020-07-01",
            **LINKS,
        )
    ),
    "recommendations_recommendation_change": lambda w: (
        lambda: w.post(
            "recommendation_change",
            w.one.pk,
            area=w.area.pk,
            reference=w.one.reference,
            text="Mended",
            text_change="spelling",
            parties=[w.party.pk],
            **LINKS,
            version=version_of(w.one),
        )
    ),
    "recommendations_recommendation_import": imported,
    "recommendations_progressupdate_import": imported_updates,
    "recommendations_recommendation_replace": lambda w: (
        lambda: w.post(
            "recommendation_replace",
            w.one.pk,
            reference="1.9",
            text="Another wording",
            added_on="2020-07-01",
            reason=WHY,
            expected=version_of(w.one),
        )
    ),
    "recommendations_recommendation_restore": lambda w: w.restored("recommendation", w.one),
    "recommendations_term_add": lambda w: (
        lambda: w.post("term_add", word="hard to reach", instead="unserved", recommendation=w.one.pk)
    ),
    "recommendations_term_change": lambda w: (
        lambda: w.post(
            "term_change", w.term.pk, word="exiting", instead="x", recommendation=w.one.pk, version=version_of(w.term)
        )
    ),
    "recommendations_term_delete": lambda w: (
        lambda: w.post("term_delete", w.term.pk, reason=WHY, version=version_of(w.term))
    ),
    "recommendations_term_restore": lambda w: w.restored("term", w.term),
    "recommendations_progressupdate_add": lambda w: (
        lambda: w.post("progressupdate_add", query="?area=1", **typed_update({w.one: "planned"}))
    ),
    "recommendations_progressupdate_change": lambda w: (
        lambda: w.post(
            "progressupdate_change", w.draft.pk, **typed_update({w.two: "planned"}, version=version_of(w.draft))
        )
    ),
    "recommendations_progressupdate_delete": lambda w: (
        lambda: w.post("progressupdate_delete", w.draft.pk, reason=WHY, version=version_of(w.draft))
    ),
    "recommendations_progressupdate_restore": lambda w: w.restored("progressupdate", w.draft),
    "recommendations_progressupdate_publish": lambda w: (
        lambda: w.post("progressupdate_publish", w.draft.pk, version=version_of(w.draft))
    ),
    "recommendations_progressupdate_correct": lambda w: (
        lambda: w.post(
            "progressupdate_correct", w.published.pk, **typed_correction(w.published, text="Right.", note=WHY)
        )
    ),
    "recommendations_progressupdate_withdraw": lambda w: (
        lambda: w.post("progressupdate_withdraw", w.published.pk, note=WHY)
    ),
    "recommendations_progressupdate_take_down": lambda w: (
        lambda: w.post("progressupdate_take_down", w.published.pk, reason=WHY)
    ),
    "recommendations_progressupdate_set_aside": lambda w: lambda: w.post("progressupdate_set_aside", w.published.pk),
    "recommendations_edition_set_aside": lambda w: lambda: w.post("edition_set_aside", w.edition.pk),
    "recommendations_progressupdate_restore_set_aside": lambda w: w.restored_from("progressupdate", w.published),
    "recommendations_edition_restore_set_aside": lambda w: w.restored_from("edition", w.edition),
    "recommendations_linkcheck_decide": lambda w: (
        lambda link: lambda: w.post("linkcheck_decide", link.pk, choice="hide")
    )(record_answer("https://a.example/", is_there=False, answer="404", at=w.now)),
    "recommendations_takedown_take_down_editions": lambda w: (
        lambda removal: lambda: w.post("takedown_take_down_editions", removal.pk, reason=WHY)
    )(take_down(w.published, reason=WHY, by=w.user, at=w.now)),
    "recommendations_edition_take_down": lambda w: lambda: w.post("edition_take_down", w.edition.pk, reason=WHY),
    "recommendations_takedown_erase": lambda w: (
        lambda removal: lambda: w.client.post(address("takedown_erase", removal.pk), {"understood": "on"})
    )(take_down(w.edition, reason=WHY, by=w.user, at=w.now)),
    "recommendations_progressupdate_erase_note": with_note,
    "recommendations_actionplan_legal_hold": lambda w: (
        lambda: w.post("actionplan_legal_hold", 1, reason=WHY, _place="1")
    ),
    "recommendations_report_add": lambda w: (
        lambda: w.post(
            "report_add", title="Next", slug="next", starts_on="2020-07-01", ends_on="2021-06-30", **SECTIONS
        )
    ),
    "recommendations_report_change": lambda w: (
        lambda: w.post("report_change", w.report.pk, **typed_report(w.report, introduction="New.", change_reason=WHY))
    ),
    "recommendations_report_delete": lambda w: (
        lambda report: lambda: w.post("report_delete", report.pk, reason=WHY, version=version_of(report))
    )(make_report(starts_on=dt.date(2021, 1, 1), ends_on=dt.date(2021, 2, 1))),
    "recommendations_report_ready": marked_ready,
    "recommendations_report_publish": with_closing_words,
    "recommendations_report_restore": lambda w: w.restored("report", w.report),
}
# Where a reason of one's own can't be given, the history says what was done.
SAYS_ITSELF = {
    "Marked ready",
    "Published",
    "Deleted",
    "Taken down",
    "Erased",
    "Published edition",
    "Published with",
    "Restored",
    "Set aside",
}

# They can't be tried beside an edition, after which nothing is deleted and the plan stays.
WITHOUT_EDITION = {
    "recommendations_area_delete": lambda: ("area", make_area()),
    "recommendations_recommendation_delete": lambda: ("recommendation", make_recommendation()),
    "recommendations_responsibleparty_delete": lambda: ("responsibleparty", make_party()),
}
NEVER = {
    "auth_user_delete",
    "recommendations_actionplan_delete",
    "recommendations_actionplan_add",
    "password_change",
} | REFUSED


def routes():
    def walk(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            elif pattern.name:
                yield pattern.name

    return sorted(set(walk(admin.site.get_urls())))


def rows():
    """Every row of every table that holds what staff work on; triggers write the content version."""
    found = {}
    for model in apps.get_models():
        is_other = model._meta.app_label in ("sessions", "admin") or model is ContentVersion
        if model.__name__.startswith("Historical") or is_other:
            continue
        skipped = {"last_login", "content"}  # the time of signing in; the bytes of files, which their hashes tell
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in skipped]
        found[model] = {repr(row) for row in model._base_manager.values_list(*names)}
    return found


def written(before):
    after = rows()
    return {model for model in after if after[model] != before[model]}


@pytest.fixture
def world(client, user, now, fake_pdf):
    client.force_login(user)
    return World(client, user, now)


def test_every_route_of_the_admin_has_a_case():
    lists = {name for name in routes() if name.endswith(("_changelist", "_history"))}
    cased = READS | SESSION | NEVER | set(CASES) | set(WITHOUT_EDITION) | lists

    assert set(routes()) - cased == set(), "a new route needs a case in CASES, or a place in READS"
    assert cased - set(routes()) == set(), "a case for a route that is no more"


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(CASES))
def test_every_write_leaves_who_when_what_and_why(world, name):
    act = CASES[name](world)
    before, changes, logged = rows(), Changes(), LogEntry.objects.count()

    act()

    changed = written(before)
    assert changed, "the case writes nothing"
    if name in RECORDED:
        assert LogEntry.objects.count() > logged
        assert LogEntry.objects.first().user == world.user
        return
    assert changes.faults(by=world.user, act=name.split("_", 2)[-1]) == []
    added = {model: [row for some in changes.rows(model).values() for row in some] for model in kinds()}
    keep_themselves = {LegalHold, Edition, EditionFile, EditionUpdate, Correction, LinkDecision, LogoImage, SetAside}
    links = {model for model in changed if model._meta.auto_created}
    assert changed - keep_themselves - links <= set(kinds())
    for row in (row for some in added.values() for row in some):
        reason = row.history_change_reason or ""
        is_part = row.history_type == "-" and row.instance_type.__name__ in ("Assessment", "EvidenceLink")
        assert WHY in reason or is_part or reason.startswith(tuple(SAYS_ITSELF)), (row, reason)
    if Edition in changed:
        assert Edition.objects.first().published_by == world.user
    if SetAside in changed:
        aside = SetAside.objects.get()
        assert (aside.ended_by or aside.set_aside_by) == world.user
        assert added[ProgressUpdate if aside.update else Report]
    if LegalHold in changed:
        assert LegalHold.objects.get().placed_by == world.user
        assert added[ActionPlan]
    if LinkDecision in changed:
        assert LinkDecision.objects.get().decided_by == world.user
    if Correction in changed:
        assert (Correction.objects.first().corrected_by, Correction.objects.first().note) == (world.user, WHY)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(WITHOUT_EDITION))
def test_every_deletion_leaves_who_when_what_and_why(client, user, name):
    client.force_login(user)
    kind, thing = WITHOUT_EDITION[name]()
    history = type(thing).history

    client.post(address(f"{kind}_delete", thing.pk), {"reason": WHY, "version": version_of(thing)})

    row = history.filter(history_type="-").get()
    assert not type(thing).objects.filter(pk=thing.pk).exists()
    assert (row.history_user, row.history_change_reason) == (user, WHY)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(READS - {"jsi18n", "view_on_site", "app_list"}))
def test_what_only_reads_writes_nothing(world, name):
    before = rows()
    args = {
        "recommendations_report_preview": [world.report.pk],
        "recommendations_report_preview_pdf": [world.report.pk],
        "recommendations_report_draft_pdf": [world.report.pk],
        "recommendations_report_compare": [world.report.pk],
        "recommendations_progressupdate_preview": [world.draft.pk],
        "recommendations_responsibleparty_check": [world.party.pk],
        "handbook_chapter": ["writing"],
        "handbook_picture": ["list.png"],
    }.get(name, [])

    assert world.client.get(reverse(f"admin:{name}", args=args)).status_code in (200, 302, 405)
    world.client.post(reverse(f"admin:{name}", args=args), {"title": "x"})

    assert written(before) == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", sorted(REFUSED | {"recommendations_actionplan_add", "recommendations_actionplan_delete"})
)
def test_what_is_never_done_here_is_refused(world, name):
    _app, kind, act = name.split("_")
    thing = {"correction": Correction, "edition": Edition, "actionplan": ActionPlan}.get(kind)
    found = thing.objects.first() if thing else None
    before = rows()

    response = world.client.post(
        reverse(f"admin:{name}", args=[] if act == "add" else [found.pk if found else 1]), {"post": "yes"}
    )

    assert response.status_code in (302, 403, 404)
    assert written(before) == set()


# Two at once

PEOPLE = 8


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_save_at_once_one_wins_and_seven_are_told(user, rounds):
    """Rounds on one draft, each saved by eight people who opened the same version."""
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False, text="Opened.")
    people = []
    for number in range(PEOPLE):
        client = Client()
        client.force_login(make_user(username=f"person-{number}"))
        people.append(client)
    change = address("progressupdate_change", update.pk)

    for turn in range(rounds):
        update.refresh_from_db()
        opened, rows_before = version_of(update), update.history.count()
        answers = [None] * PEOPLE
        start = threading.Barrier(PEOPLE)

        def save(number, turn=turn, opened=opened, answers=answers, start=start):
            typed = typed_update({one: "planned"}, text=f"Round {turn}, person {number}.", version=opened)
            start.wait()
            try:
                answers[number] = people[number].post(change, typed)
            finally:
                connection.close()
                close_old_connections()

        threads = [threading.Thread(target=save, args=(number,)) for number in range(PEOPLE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        won = [number for number, answer in enumerate(answers) if answer is not None and answer.status_code == 302]
        update.refresh_from_db()
        assert len(won) == 1, (turn, answers)
        assert update.text == f"Round {turn}, person {won[0]}."
        assert update.history.count() == rows_before + 1
        for number, answer in enumerate(answers):
            if number not in won:
                page = answer.content.decode()
                assert f"person-{won[0]} changed it on" in page
                assert f"Round {turn}, person {number}." in page
