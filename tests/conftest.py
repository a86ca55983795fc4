"""What every test may ask for. The triggers of editions forbid the emptying of tables: Django's flush is let by."""

import datetime as dt
import gc
import os
from unittest import mock

import pytest
from django.core.management.commands.flush import Command as Flush

from recommendations.models import Edition
from recommendations.models.frozen import protect_editions, unprotect_editions
from recommendations.publishing.reports import publish_report
from recommendations.report import pdf
from recommendations.workspace import previews
from tests import migrated
from tests.factories import make_recommendation, make_report, make_support_link, make_update, make_user
from tests.installations import copied
from tests.rows import load_2020, make_once, publish_2020, publish_sample

pytest_plugins = ["tests.browser", "tests.skips", "tests.statements"]

# One worker runs all tests of such a module, and makes its site and its browser once.
TOGETHER = ("test_any_plan.py", "test_browser.py", "test_sign_in_browser.py", "test_story.py")
# One worker runs all tests of these, and makes each PDF once.
PDFS = ("test_conformance.py", "test_pdf.py", "test_pictures.py", "test_sizes.py")


# What is imported and collected stays to the end: it is not looked through for garbage, neither now nor later.
gc.disable()


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class SomeTogether(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            module = nodeid.partition("::")[0]
            if module.endswith(PDFS):
                return "PDFs"
            return module if module.endswith(TOGETHER) else nodeid

    return SomeTogether(config, log)


def pytest_collection_modifyitems(items):
    """The longest begin first: begun last, they would keep one core busy while the other waits.

    Each test is marked with what it uses: the database, which pytest-django lets no other test reach, and pages.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        uses = set(item.fixturenames)
        if item.get_closest_marker("django_db") or uses & {"db", "transactional_db", "live_server"}:
            item.add_marker("database")
        if uses & {"client", "admin_client", "live_server"}:
            item.add_marker("pages")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings):
    """Whether the database is there already: a copy of one that the same migrations made."""
    copy = migrated.kept_copy()
    if copy is None or not copy.exists():
        return False
    migrated.begin_with(copy)
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_keepdb, django_db_blocker):
    copy = migrated.kept_copy()
    if copy and not django_db_keepdb:
        with django_db_blocker.unblock():
            migrated.keep(copy)


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers():
    flush = Flush.handle

    def handle(self, **options):
        unprotect_editions(using=options["database"])
        try:
            return flush(self, **options)
        finally:
            protect_editions(using=options["database"])

    with mock.patch.object(Flush, "handle", handle):
        yield


@pytest.fixture(autouse=True)
def _no_preview_of_another_test():
    previews._kept.clear()


@pytest.fixture
def user(db):
    return make_user()


@pytest.fixture
def staff(client, user):
    """The client of somebody who may do everything."""
    client.force_login(user)
    return client


@pytest.fixture
def public_site(settings):
    """A site that the public reaches: there, whoever publishes or administers needs a second factor."""
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def rounds():
    """How often those who act at once do so: ten times, and as long as one likes with `script/soak`."""
    return int(os.environ.get("SOAK_ROUNDS", "10"))


@pytest.fixture
def now():
    """A moment after the 2020 report's period; tests pass it on, nothing reads the clock."""
    return dt.datetime(2020, 7, 2, 17, 0, tzinfo=dt.UTC)


@pytest.fixture
def plan_2020(user):
    """The real plan as `script/demo` loads it, its updates ready, its report not yet published."""
    make_once("plan_2020", lambda: load_2020(by=user), by=user)


@pytest.fixture
def published_2020(user, now, fake_pdf):
    """The first edition of the 2020 report."""
    make_once("published_2020", lambda: publish_2020(by=user, at=now), by=user)
    return Edition.objects.get()


@pytest.fixture
def supported(db):
    """A plan with a support link that nobody need try again: without one, each report has a finding."""
    make_support_link(checked_on=dt.date(2100, 1, 1))


@pytest.fixture
def fake_pdf(monkeypatch):
    """A stand-in for the PDF renderer, where a test is not about the PDF and would only wait for it."""

    monkeypatch.setattr(pdf, "render", lambda article, **options: b"%PDF-1.7 " + article.encode())


@pytest.fixture
def sample(user, now, fake_pdf):
    """The 2020 report published, and after it the invented second year; its newest edition."""
    make_once("sample", lambda: publish_sample(by=user, at=now), by=user)
    return Edition.objects.filter(report__slug="two-year-update-sample").latest("number")


@pytest.fixture
def tree(tmp_path):
    """The tracker in a folder of its own."""
    (folder := tmp_path / "tracker").mkdir()
    return copied(folder)


@pytest.fixture
def published(user):
    """A published update that covers two recommendations."""
    one, two = make_recommendation(), make_recommendation()
    return make_update(
        statuses={one: "planned", two: "ongoing"}, text="What was said.", evidence=[("Minutes", "https://a.example/m")]
    )


@pytest.fixture
def report():
    """The report of 2020, not published yet."""
    return make_report()


@pytest.fixture
def update():
    """A published update with a link."""
    return make_update(statuses={make_recommendation(): "planned"}, evidence=[("Minutes", "https://example.org/m")])


@pytest.fixture
def edition(report, update, user, now):
    """The first edition of the report, with the update."""
    return publish_report(report, by=user, at=now)


@pytest.fixture
def backups(settings, tmp_path):
    """A folder for backups, of an installation with a ledger of its own and without keys."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir(0o700)
    settings.BACKUP_KEYS = []
    settings.LEDGER = settings.VAR_DIR / "ledger.jsonl"
    (made := tmp_path / "backups").mkdir()
    return made
