"""Who may do what: docs/permissions.md, row by row, and the roles behind it."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from recommendations.accounts.roles import PERMISSIONS, Role, give_role, is_weighty, make_roles
from recommendations.models import ActionPlan, Correction, Edition, ProgressUpdate, Report, TakeDown, Term
from recommendations.publishing.link_checks import record_answer
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.publishing.updates import withdraw_update
from tests.factories import make_party, make_recommendation, make_report, make_update, make_user

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).parents[1] / "docs/permissions.md"
# Pages of the admin that everybody who is signed out may open, and what Django adds that has no page of its own.
OPEN = {"login/", "password-reset/", "password-reset/sent/", "password-reset/done/", "password-reset/<id>/<id>/"}
PLUMBING = {"r/<id>/<id>/", "second-factor/code.svg"}


def table():
    """(address, method, {role: may}) for each request in the documented table."""
    for line in DOCS.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and set(cells[3:]) <= {"yes", "no"}:
            may = {role: cell == "yes" for role, cell in zip(Role, cells[3:], strict=True)}
            for address, method in product(re.findall(r"`([^`]+)`", cells[1]), cells[2].split()):
                yield address.lstrip("/"), method, may


def with_role(role):
    member = make_user(username=f"{role}-account", is_superuser=False)
    give_role(member, role)
    return member


@pytest.fixture
def world(user, now, fake_pdf):
    """One of each thing, by the word in its address; nothing is published as an edition yet."""
    one, two = make_recommendation(), make_recommendation()
    published = make_update(statuses={one: "planned"})
    removed = make_update(statuses={two: "planned"})
    corrected = make_update(statuses={two: "planned"})
    withdraw_update(corrected, note="Wrong.", by=user, at=now)
    return {
        "progressupdate": published.pk,
        "to set aside": make_update(statuses={two: "planned"}).pk,
        "draft": make_update(statuses={one: "planned"}, published=False).pk,
        "correction": Correction.objects.get().pk,
        "takedown": take_down(removed, reason="Safety.", by=user, at=now).pk,
        "report": make_report().pk,
        "area": one.area_id,
        "recommendation": make_recommendation().pk,
        "responsibleparty": make_party().pk,
        "actionplan": ActionPlan.objects.get().pk,
        "term": Term.objects.create(word="bad word", instead="better word", recommendation=one).pk,
        "linkcheck": record_answer("https://a.example/", is_there=False, answer="404", at=now).pk,
        "user": make_user(is_superuser=False).pk,
        "handbook": "writing",
        "images": "list.png",
    }


def answer(member, address, method, world):
    kind = next((part for part in address.split("/")[::-1] if part in world or part == "edition"), "")
    if (kind == "progressupdate" and "delete" in address) or address.endswith(
        ("progressupdate/<id>/publish/", "progressupdate/<id>/restore/")
    ):
        kind = "draft"
    if "progressupdate/<id>/set-aside" in address:
        kind = "to set aside"
    if kind == "edition" and "<id>" in address and "edition" not in world:
        report = Report.objects.get()
        world["edition"] = publish_report(report, by=User.objects.first(), at=timezone.now()).pk
    client = Client()
    if member:
        client.force_login(member)
    return getattr(client, method.lower())(f"/admin/{address.replace('<id>', str(world.get(kind, 1)))}")


@pytest.mark.parametrize("role", Role)
def test_every_request_is_answered_as_the_table_says(role, world):
    member = with_role(role)
    # Editions last: afterwards what they cite can't be deleted by anybody.
    requests = sorted(table(), key=lambda row: "edition/<id>" in row[0])
    logged = LogEntry.objects.count()

    wrong = []
    for address, method, may in requests:
        status = answer(member, address, method, world).status_code
        if (status != 403) != may[role] or status >= 404:
            wrong.append((address, method, status))

    assert wrong == []
    assert LogEntry.objects.count() == logged


def test_nothing_opens_for_somebody_who_is_not_signed_in(world):
    wrong = []
    for address, method, _ in table():
        response = answer(None, address, method, world)
        is_asked = response.status_code == 302 and response.url.startswith("/admin/login/")
        if method == "POST":
            is_asked = is_asked or (response.status_code == 403 and b'name="password"' in response.content)
        if not is_asked:
            wrong.append((address, method, response.status_code))

    assert wrong == []


def routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif pattern.name:
            yield re.sub(r"<[^>]+>", "<id>", route)


def test_every_address_of_the_admin_is_in_the_table():
    admin = next(one for one in get_resolver().url_patterns if str(one.pattern) == "admin/")
    found = {route for route in routes(admin) if not route.startswith("^")}
    documented = {address for address, *_ in table()}

    # The plan's list leads to its one form.
    assert found - documented - OPEN - PLUMBING == {"recommendations/actionplan/"}
    assert documented - found == {"recommendations/"}


def test_each_role_may_do_all_that_the_one_before_it_may():
    editor, publisher, administrator = (PERMISSIONS[role] for role in Role)

    assert editor < publisher < administrator


def test_roles_name_permissions_that_exist():
    held = {
        group.name: {f"{one.content_type.app_label}.{one.codename}" for one in group.permissions.all()}
        for group in Group.objects.prefetch_related("permissions__content_type")
    }

    assert held == {role.value: PERMISSIONS[role] for role in Role}


def test_making_the_roles_again_changes_nothing_and_mends_what_was_changed():
    group = Group.objects.get(name=Role.EDITOR)
    held = set(group.permissions.all())
    group.permissions.set(Permission.objects.filter(codename="add_user"))

    for _ in range(2):
        make_roles()

    assert set(group.permissions.all()) == held
    assert Group.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_roles_come_back_with_the_tables():
    call_command("flush", interactive=False, verbosity=0)

    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)


def test_the_second_factor_is_asked_of_who_publishes_or_administers():
    weighty = {role: is_weighty(User.objects.get(pk=with_role(role).pk)) for role in Role}

    assert weighty == {Role.EDITOR: False, Role.PUBLISHER: True, Role.ADMINISTRATOR: True}


@pytest.mark.parametrize(
    "name",
    [
        "recommendations.publish_progressupdate",
        "recommendations.add_correction",
        "recommendations.add_edition",
        "recommendations.add_takedown",
        "recommendations.change_takedown",
        "recommendations.erase_note_progressupdate",
        "recommendations.change_legalhold",
        "auth.change_user",
    ],
)
def test_each_weighty_permission_alone_asks_for_the_second_factor(name):
    app, codename = name.split(".")
    member = make_user(is_superuser=False)
    member.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))

    assert is_weighty(User.objects.get(pk=member.pk))


def test_editors_see_no_plumbing_and_no_buttons_that_refuse_them(world):
    client = Client()
    client.force_login(with_role(Role.EDITOR))

    home = client.get("/admin/").content.decode()
    draft = client.get(f"/admin/recommendations/progressupdate/{world['draft']}/change/").content.decode()
    published = client.get(f"/admin/recommendations/progressupdate/{world['progressupdate']}/change/").content.decode()

    for word in ("/auth/user/", "/takedown/", "/area/", "/actionplan/", "/responsibleparty/"):
        assert word not in home
    assert 'name="_publish"' not in draft
    assert 'name="_ready"' in draft
    assert "/correct/" not in published
    assert "/withdraw/" not in published


def test_an_editor_edits_the_sections_and_evidence_too(world):
    client = Client()
    client.force_login(with_role(Role.EDITOR))

    report = client.get(f"/admin/recommendations/report/{world['report']}/change/").content.decode()
    draft = client.get(f"/admin/recommendations/progressupdate/{world['draft']}/change/").content.decode()

    assert "sections-TOTAL_FORMS" in report
    assert "evidence_links-TOTAL_FORMS" in draft
    assert TakeDown.objects.exists()
    assert not Edition.objects.exists()
    assert ProgressUpdate.objects.drafts().exists()
