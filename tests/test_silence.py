"""A PostgreSQL that says nothing holds no thread for longer than it may wait."""

import socket
import time

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from psycopg2 import extensions

from tracker import silence


@pytest.fixture(autouse=True)
def _waiting():
    before = extensions.get_wait_callback()
    extensions.set_wait_callback(silence.wait)
    yield
    extensions.set_wait_callback(before)


def test_a_server_that_takes_a_connection_and_says_nothing_is_given_up():
    before = silence.patience.seconds
    with socket.create_server(("127.0.0.1", 0)) as mute, silence.at_most(0.05):
        begun = time.monotonic()

        with pytest.raises(psycopg2.OperationalError, match=r"The database said nothing for 0\.05 seconds\."):
            psycopg2.connect(host="127.0.0.1", port=mute.getsockname()[1], dbname="a", user="b")

        assert time.monotonic() - begun < 2
        # Not again before the next request.
        assert silence.patience.seconds == 0
    assert silence.patience.seconds == before


@pytest.mark.django_db
def test_an_answer_that_never_comes_is_given_up_and_the_connection_closed():
    if connection.vendor != "postgresql":
        assert silence.bound_waiting() is None
        return
    own = psycopg2.connect(**connection.get_connection_params())
    backend = own.info.backend_pid
    with own.cursor() as cursor, silence.at_most(0.05):
        cursor.execute("SELECT pg_sleep(0.01)")

        with pytest.raises(psycopg2.OperationalError, match="said nothing"):
            cursor.execute("SELECT pg_sleep(30)")

    assert own.closed
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])


@pytest.mark.django_db
def test_only_postgresql_is_waited_for():
    extensions.set_wait_callback(None)

    silence.bound_waiting()

    uses_postgresql = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    assert extensions.get_wait_callback() == (silence.wait if uses_postgresql else None)
