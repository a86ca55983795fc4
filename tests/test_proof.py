"""The proof of what was published: it lasts whatever the code and the database become, and anyone can repeat it."""

import json
import re
import subprocess
import sys
from dataclasses import field, make_dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from recommendations.models import ActionPlan, Edition, EditionFile, ProgressUpdate, Report
from recommendations.models.frozen import missing_protection, protect_editions, unprotect_editions
from recommendations.publishing.acts import Unchanged
from recommendations.publishing.erasure import erase
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.reading import schema, snapshot
from recommendations.reading.canonical import printed_hash
from recommendations.reading.editions import stored_snapshot
from recommendations.reading.entries import UpdateEntry
from recommendations.reading.schema import READABLE_SCHEMAS, Snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.proof import HASH_LINE, hash_in, seal_of
from tests.factories import make_recommendation, make_report, make_update
from tests.rows import any_table_holds, make_once, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

SAMPLES = Path(__file__).parent / "snapshots"
SCRIPT = Path(__file__).parents[1] / "script" / "check-editions"
# What the editions with these snapshots print. A sample that was ever published, and its hash, never change.
PRINTED = {
    "schema_1.json": "9e05f208085bc30082c3ea35a73eb30e1fde44251e4c5c6c10915918d0002706",
    "schema_2.json": "7942ffc27d158970eaa6c8e6808ea1e853b8ed534af21a8791404dde7e00c6ed",
    "schema_3.json": "e991ed0c24f1bf34d14d5edba8d81badcc0cdeb7ed48366dc7fa3e2e12d452a4",
}
LINE_OF_SCHEMA_1 = (
    '<li class="report-rows__row"><span class="report-rows__label">Content, SHA-256</span> '
    '<span class="report-rows__words report-hash">%s</span></li>'
)


def publish_one(*, by, at):
    make_update(statuses={make_recommendation(): "planned"})
    publish_report(make_report(slug="report"), by=by, at=at)


@pytest.fixture
def edition(user, now):
    make_once("proved edition", lambda: publish_one(by=user, at=now), by=user)
    return Edition.objects.get()


@pytest.fixture
def new_field(monkeypatch):
    """What adds a field to updates, as a later version of the code may: no stored text has it."""

    def add():
        kind = make_dataclass("UpdateEntry", [("mood", str, field(default=""))], bases=(UpdateEntry,), frozen=True)
        whole = make_dataclass("Snapshot", [("updates", tuple[kind, ...])], bases=(Snapshot,), frozen=True)
        for module in (schema, snapshot):
            monkeypatch.setattr(module, "UpdateEntry", kind)
            monkeypatch.setattr(module, "Snapshot", whole)
        monkeypatch.setattr(ProgressUpdate, "mood", "calm", raising=False)

    return add


def store(edition, **files):
    """Put `files` in the place of those of `edition`, with the hashes and the seal that they have."""
    unprotect_editions()
    try:
        for file in edition.files.all():
            content = files.get(file.name.partition(".")[0], bytes(file.content))
            hashed = {"content": content, "size": len(content), "sha256": sha256(content).hexdigest()}
            edition.files.filter(pk=file.pk).update(**hashed)
        edition.seal = seal_of(edition, dict(edition.files.values_list("name", "sha256")))
        edition.save()
    finally:
        protect_editions()


def make_as_of_schema_1(edition):
    """Make of `edition` what the version of the code that wrote schema 1 would have published."""

    def dumped(data):
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    data = {**json.loads(edition.content("snapshot.json")), "schema": 1}
    del data["salt"], data["language"], data["logos"]
    printed = sha256(dumped({**data, "edition": None, "corrected": []})).hexdigest()
    article = re.sub(' data-salt="[0-9a-f]+"', "", edition.content("article.html").decode())
    article, count = HASH_LINE.subn(LINE_OF_SCHEMA_1 % printed, article)
    assert count == 1
    store(edition, snapshot=dumped(data), article=article.encode())


# Hashes that last


def test_there_is_a_sample_of_every_schema():
    assert {path.name for path in SAMPLES.iterdir()} == set(PRINTED)
    assert list(PRINTED) == [f"schema_{number}.json" for number in READABLE_SCHEMAS]


@pytest.mark.parametrize("name", PRINTED)
@pytest.mark.parametrize("has_new_field", [False, True])
def test_a_stored_sample_is_read_and_keeps_its_hash(name, has_new_field, new_field):
    stored = (SAMPLES / name).read_bytes()
    if has_new_field:
        new_field()

    read = schema.Snapshot.from_json(stored)

    assert printed_hash(stored) == PRINTED[name]
    assert hasattr(read.updates[0], "mood") == has_new_field
    assert len(read.recommendations) in (29, 31, 40)


def test_an_edition_prints_the_hash_of_its_stored_snapshot(edition):
    stored = edition.files.get(name="snapshot.json")

    for name in ("article.html", "report.pdf"):
        assert hash_in(edition.content(name).decode()) == stored.sha256


@pytest.mark.usefixtures("sample")
def test_a_new_field_moves_no_hash_and_is_only_news_where_something_was_put_in(user, now, new_field, monkeypatch):
    report = Report.objects.get(slug="two-year-update-sample")
    before = [edition.files.get(name="snapshot.json").sha256 for edition in Edition.objects.order_by("id")]

    new_field()

    call_command("verify_editions")
    assert [printed_hash(edition.content("snapshot.json")) for edition in Edition.objects.order_by("id")] == before
    newest = publish_report(report, by=user, at=now.replace(year=2022), note="With moods.")
    assert b'"mood":"calm"' in newest.content("snapshot.json")
    assert problems() == []
    for module in (schema, snapshot):
        monkeypatch.setattr(module, "Snapshot", Snapshot)
    assert problems() == []


def test_an_edition_of_schema_1_stands_as_it_was(edition, user, now):
    make_as_of_schema_1(edition)

    assert problems() == []
    assert hash_in(edition.content("article.html").decode()) != edition.files.get(name="snapshot.json").sha256
    assert stored_snapshot(edition).content_hash() == report_snapshot(edition.report).content_hash()
    with pytest.raises(Unchanged):
        publish_report(edition.report, by=user, at=now, note="Again.")


@pytest.mark.parametrize("is_old", [False, True])
def test_the_hash_that_an_edition_prints_is_no_news_of_the_next(edition, user, now, is_old):
    if is_old:
        make_as_of_schema_1(edition)
    staff = Client()
    staff.force_login(user)
    address = reverse("admin:recommendations_report_compare", args=[edition.report.pk])

    assert staff.get(address).context["changed"] == []

    edition.report.sections.create(heading="Thanks", body="To all.")
    changed = staff.get(address).context["changed"]
    assert [piece.text.strip() for block in changed for piece in block.pieces if piece.text.strip()] == [
        "Thanks", "Thanks", "To all.",
    ]  # fmt: skip


@pytest.mark.parametrize("is_old", [False, True])
def test_verification_recomputes_the_hash_that_is_printed(edition, is_old):
    if is_old:
        make_as_of_schema_1(edition)
    content = edition.content("snapshot.json").replace(b"Something happened.", b"Nothing happened.")

    store(edition, snapshot=content)

    with pytest.raises(CommandError, match="the hash it prints is not that of its content"):
        call_command("verify_editions")


# A salt, so that a hash gives nothing away


def test_every_file_of_an_edition_holds_its_salt(edition, user, now):
    first = stored_snapshot(edition)
    edition.report.sections.create(heading="Thanks", body="To all.")
    second = stored_snapshot(publish_report(edition.report, by=user, at=now, note="Thanks."))

    assert re.fullmatch(r"[0-9a-f]{32}", first.salt)
    assert first.salt != second.salt
    assert f' data-salt="{first.salt}"' in edition.content("article.html").decode()
    assert report_snapshot(edition.report).salt == ""
    assert first.salted().content_hash() == first.content_hash()
    assert first.salted().published_hash() != first.published_hash()


def test_the_salt_is_erased_with_the_words(edition, user, now):
    salt = stored_snapshot(edition).salt
    assert any_table_holds(salt)

    erase(take_down(edition, reason="It named somebody.", by=user, at=now), by=user, at=now)

    assert not any_table_holds(salt)
    assert problems() == []


# The language of the words


def test_a_snapshot_records_its_language(edition):
    ActionPlan.objects.update(language="fr-ca")

    assert stored_snapshot(edition).language == "en-ca"
    assert report_snapshot(Report.objects.get()).language == "fr-ca"


# Anyone can repeat it


def saved(client, folder, address="/reports/"):
    """What `wget --recursive --no-parent` saves of the tracker: pages and files under `address`, by following links."""
    waiting, seen = [address], set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        response = client.get(path)
        if response.status_code != 200:
            continue
        file = folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(response.content)
        if path.endswith("/"):
            links = {link.partition("#")[0] for link in re.findall(r'href="([^"]+)"', response.content.decode())}
            waiting += [link for link in links - seen if link.startswith(address) and link not in waiting]
    return folder / "reports"


def checked(folder, *arguments):
    """The exit code and the words of script/check-editions, in a Python that has nothing but its standard library."""
    command = [sys.executable, "-I", "-S", SCRIPT, folder, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    return run.returncode, run.stdout


@pytest.fixture
def folder(edition, client, user, now, tmp_path):
    """Two editions of a report, downloaded."""
    edition.report.sections.create(heading="Thanks", body="To all.")
    publish_report(edition.report, by=user, at=now, note="With thanks.")
    return saved(client, tmp_path)


def test_the_script_is_short_and_stands_alone():
    text = SCRIPT.read_text()

    assert len(text.splitlines()) <= 100
    assert set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)) <= sys.stdlib_module_names


@pytest.mark.usefixtures("sample")
def test_downloaded_editions_are_checked_by_the_script(client, tmp_path):
    code, words = checked(saved(client, tmp_path))

    assert (code, words.count("checked: article.html, report.pdf, snapshot.json")) == (0, 3)
    assert words.endswith("No problems in 3 editions, 9 files.\n")
    for edition in Edition.objects.all():
        assert f"  seal {edition.seal}\n  prints {edition.files.get(name='snapshot.json').sha256}\n" in words


def test_the_script_checks_what_was_published_before_the_site_moved(edition, client, tmp_path, settings):
    settings.SITE_URL = "https://moved.example"
    folder = saved(client, tmp_path)
    page = folder / edition.get_absolute_url().removeprefix("/reports/") / "index.html"

    code, words = checked(folder)

    assert b" data-as-published=" in page.read_bytes()
    assert (code, words.splitlines()[-1]) == (0, "No problems in 1 editions, 3 files.")
    assert "not what was" not in words


def test_the_script_recomputes_what_older_editions_print(edition, client, tmp_path):
    make_as_of_schema_1(edition)

    code, words = checked(saved(client, tmp_path))

    assert code == 0
    assert f"  prints {hash_in(edition.content('article.html').decode())}\n" in words
    assert printed_hash(edition.content("snapshot.json")) in words


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        ("report/editions/1/snapshot.json", b"happened", b"occurred", "snapshot.json is not what was published"),
        ("report/editions/1/snapshot.json", b"{", b"", "the hash it prints is not that of its content"),
        ("report/editions/2/report.pdf", b"%PDF", b"%FDP", "report.pdf is not what was published"),
        ("report/editions/1/index.html", b"happened", b"occurred", "article.html is not what was published"),
        ("report/editions/1/index.html", b'<article class="report"', b"<article", "article.html is not what was"),
        ("report/editions/2/index.html", b'report-hash">', b'report-hash">0', "article.html is not what was"),
        ("editions.json", b"2020-07-02T17", b"2020-07-02T18", "its seal is broken"),
        ("editions.json", b'"previous": ""', b'"previous": "00"', "it doesn't follow the edition before it"),
    ],
)
def test_the_script_sees_any_tampering(folder, path, old, new, says):
    content = (folder / path).read_bytes()
    assert old in content
    (folder / path).write_bytes(content.replace(old, new))

    code, words = checked(folder)

    assert code == 1
    assert f"WRONG: {says}" in words


def test_the_script_misses_an_edition_that_was_dropped_or_a_seal_that_was_kept(folder):
    listed = json.loads((folder / "editions.json").read_bytes())
    kept = listed["editions"][-1]["seal"]
    assert checked(folder, kept)[0] == 0
    (folder / "editions.json").write_text(json.dumps({**listed, "editions": listed["editions"][:-1]}))

    assert checked(folder)[0] == 0
    code, words = checked(folder, kept)

    assert (code, f"WRONG: no edition in the list has the seal {kept}" in words) == (1, True)
    (folder / "editions.json").write_text(json.dumps({**listed, "editions": listed["editions"][1:]}))
    assert "it doesn't follow the edition before it" in checked(folder)[1]


@pytest.mark.parametrize("is_erased", [False, True])
def test_what_was_taken_down_keeps_its_place_in_the_chain(edition, folder, client, user, now, tmp_path, is_erased):
    removal = take_down(edition, reason="It named somebody.", by=user, at=now)
    if is_erased:
        erase(removal, by=user, at=now)
    since = saved(client, tmp_path / "since")

    code, words = checked(since)

    assert (code, words.splitlines()[-1]) == (0, "No problems in 2 editions, 3 files.")
    assert "report, edition 1, taken down at 2020-07-02T17:00:00+00:00" in words
    assert "checked: only the seal, because no file of it is here" in words
    assert not (since / "report" / "editions" / "1").exists()


def test_the_script_says_what_it_needs(tmp_path):
    run = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert run.stderr == f"There is no {tmp_path}/editions.json. Give the folder `reports` that was downloaded.\n"


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_of_editions_takes_constant_queries_and_names_nobody(
    edition, client, user, now, django_assert_num_queries, count
):
    user.username = "canary"
    user.save()
    for number in range(2, count + 1):
        edition.report.sections.create(heading=f"Section {number}", body="News.")
        publish_report(edition.report, by=user, at=now, note="A canary more.")

    with django_assert_num_queries(3):
        response = client.get("/reports/editions.json")

    listed = response.json()["editions"]
    assert response["Content-Type"] == "application/json"
    assert [(one["report"], one["number"]) for one in listed] == [
        (edition.report.slug, number) for number in range(1, count + 1)
    ]
    assert list(listed[0]) == [
        "address", "previous", "report", "number", "published_at", "compared_with", "files", "seal", "taken_down_at",
    ]  # fmt: skip
    assert b"canary" not in response.content


def test_pages_say_how_to_check(edition, client):
    slug = edition.report.slug
    data = " ".join(client.get("/data/").content.decode().split())
    page = client.get(f"/reports/{slug}/editions/1/").content.decode()

    assert f"curl -O http://127.0.0.1:8000/reports/{slug}/editions/1/snapshot.json</code>" in data
    assert "sha256sum snapshot.json</code>" in data
    assert 'href="/reports/editions.json"' in data
    assert 'href="/data/#check"' in page
    for file in edition.files.all():
        assert file.sha256 in page
    assert edition.seal in page


def test_data_without_an_edition_has_nothing_to_check(client):
    make_update(statuses={make_recommendation(): "planned"})

    assert "sha256sum" not in client.get("/data/").content.decode()


# A migration makes the tables anew


@pytest.mark.django_db(transaction=True)
def test_editions_stand_after_their_tables_are_made_anew(sample, client, tmp_path):
    seals = list(Edition.objects.order_by("id").values_list("seal", flat=True))
    with connection.schema_editor() as editor:
        for model, name in ((Edition, "note"), (EditionFile, "name")):
            field = model._meta.get_field(name)
            longer = field.clone()
            longer.max_length += 1
            longer.model = model
            longer.set_attributes_from_name(name)
            editor.alter_field(model, field, longer)
            editor.alter_field(model, longer, field)
    lost = missing_protection(connection)
    assert len(lost) == (6 if connection.vendor == "sqlite" else 0)

    call_command("migrate", verbosity=0)

    assert missing_protection(connection) == []
    call_command("verify_editions")
    assert list(Edition.objects.order_by("id").values_list("seal", flat=True)) == seals
    code, words = checked(saved(client, tmp_path))
    assert (code, words.splitlines()[-1]) == (0, "No problems in 3 editions, 9 files.")
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        EditionFile.objects.update(size=1)
