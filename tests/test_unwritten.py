"""A disk that is full or can only be read: readers notice nothing, staff are told in a sentence and lose no word."""

import errno
import time
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from recommendations.accounts.unwritten import nothing_can_be_stored
from recommendations.models import ProgressUpdate
from tests.factories import make_plan, make_recommendation
from tests.people import LOGIN, address, carried, guess, sent_by, sign_in, typed_update
from tests.public import public_addresses

pytestmark = pytest.mark.django_db
SAID = "Nothing can be stored at the moment"
WORDS = "It began in <June> & went on."


@contextmanager
def read_only():
    """The database takes no writes within the block."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("SET TRANSACTION READ ONLY")
        try:
            yield
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA query_only = OFF")
            transaction.set_rollback(True)


@contextmanager
def full():
    """The database has no place for another page within the block. PostgreSQL's disk can't be filled for one test."""
    with connection.cursor() as cursor:
        most, free, size = (
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("max_page_count", "freelist_count", "page_size")
        )
        # What earlier tests left free would be written to.
        cursor.execute("CREATE TABLE filler (content)")
        cursor.execute(f"INSERT INTO filler VALUES (zeroblob({free * size}))")
        cursor.execute("PRAGMA max_page_count = 1")  # As few as it has.
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA max_page_count = {most}")
            cursor.execute("DROP TABLE filler")


@pytest.mark.usefixtures("edition", "fake_pdf")
def test_no_public_page_writes(client):
    addresses = dict.fromkeys([*public_addresses(), "/healthz", "/?q=river", "/about/"], 200)
    with read_only():
        found = {path: client.get(path).status_code for path in [*addresses, "/nope/", "/updates/999/"]}

    assert found == {**addresses, "/nope/": 404, "/updates/999/": 404}


def test_a_save_is_refused_in_a_sentence_and_keeps_what_was_typed(staff):
    one = make_recommendation()
    typed = typed_update({one: "planned"}, text=WORDS)
    form = f"{address('progressupdate_add')}?area={one.area.number}"
    with read_only():
        refused = staff.post(form, typed)

    again, said = sent_by(refused), refused.content.decode()
    assert refused.status_code == 507
    assert SAID in said
    assert "It began in &lt;June&gt; &amp; went on." in said
    assert again == {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
    assert f'action="{form}"' in said
    assert not ProgressUpdate.objects.exists()

    staff.post(form, again)
    assert ProgressUpdate.objects.get().text == WORDS


def test_a_disk_that_is_full_says_the_same(staff):
    if connection.vendor != "sqlite":
        return
    one = make_recommendation()
    with full():
        refused = staff.post(
            f"{address('progressupdate_add')}?area={one.area.number}", typed_update({one: "planned"}, text="x " * 9000)
        )

    assert (refused.status_code, SAID in refused.content.decode()) == (507, True)


def test_staff_go_on_reading(staff, update):
    pages = [reverse("admin:index"), address("progressupdate_changelist"), address("progressupdate_change", update.pk)]
    with read_only():
        found = [staff.get(page).status_code for page in pages]

    assert found == [200, 200, 200]


def test_nobody_signs_in_where_wrong_passwords_cannot_be_counted(user):
    client = Client()
    with read_only():
        right = client.post(LOGIN, {"username": user.username, "password": "pw"})
    with read_only():
        wrong = guess(user, 1)

    assert (right.status_code, wrong) == (507, [507])
    assert SAID in right.content.decode()
    assert "Send it again" not in right.content.decode()
    assert 'value="pw"' not in right.content.decode()


def test_files_and_passwords_are_not_sent_again(staff):
    one = make_recommendation()
    form, typed = f"{address('progressupdate_add')}?area={one.area.number}", typed_update({one: "planned"}, text=WORDS)
    file = SimpleUploadedFile("plan.csv", b"reference,text\n1.1,It says so.\n")
    with read_only():
        with_file = staff.post(form, {**typed, "file": file}).content.decode()
    with read_only():
        with_password = staff.post(form, {**typed, "password1": "a b c"}).content.decode()

    assert ("Choose the files again" in with_file, "Send it again" in with_file) == (True, True)
    assert "It says so." not in with_file
    assert ("a b c" in with_password, "Send it again" in with_password) == (False, False)


def test_what_waited_for_the_password_is_not_lost_with_it(staff, user):
    one, form = make_recommendation(), address("progressupdate_add")
    typed = typed_update({one: "planned"}, text=WORDS)
    asks = Client().post(form, typed)
    with read_only():
        refused = Client().post(LOGIN, {"username": user.username, "password": "pw", "unsaved": carried(asks)})

    said = refused.content.decode()
    assert (refused.status_code, 'value="pw"' in said) == (507, False)
    assert f'action="{form}"' in said
    assert sent_by(refused)["text"] == [WORDS]


@pytest.mark.django_db(transaction=True)
def test_what_waited_for_the_password_is_not_lost_where_the_session_cannot_hold_it(user):
    if connection.vendor != "sqlite":
        return
    plan, client = make_plan(), Client()
    sign_in(client, user)
    session = client.session
    session["signed_in_at"] = time.time() - 3600
    session.save()
    form, words = address("actionplan_change", plan.pk), " ".join(f"{number:x}" for number in range(9000))
    asks = client.post(form, {"introduction": words})
    with full():
        refused = client.post("/admin/password-again/", {"password": "pw", "unsaved": carried(asks)})

    assert refused.status_code == 507
    assert sent_by(refused) == {"introduction": [words]}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EROFS, "Read-only file system"), True),
        (OSError(errno.ENOENT, "No such file"), False),
        (ValueError("disk full"), False),
    ],
)
def test_only_a_disk_that_takes_nothing_is_told_of(error, told):
    wrapped = RuntimeError("It failed.")
    wrapped.__cause__ = error

    assert nothing_can_be_stored(error) is nothing_can_be_stored(wrapped) is told


def test_a_fault_of_ours_is_none_of_the_disk(staff):
    with pytest.raises(DatabaseError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")

    assert nothing_can_be_stored(raised.value) is False
