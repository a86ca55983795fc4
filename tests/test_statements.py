"""Which tests are left out on PostgreSQL: those of pages whose every statement others send, and no other."""

import pytest

from tests.statements import LIST, kind_of, needless


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT a FROM b WHERE c IN (%s, %s, %s) LIMIT 21", "SELECT a FROM b WHERE c IN (…) LIMIT %s"),
        ("INSERT INTO b (c, d) VALUES (%s, %s), (%s, %s)", "INSERT INTO b (c, d) VALUES (…)"),
        ("UPDATE b SET c = %s, d = NULL WHERE e IS NULL", "UPDATE b SET c = %s, d = %s WHERE e IS NULL"),
        ("SET LOCAL app.reason = 'Moved.'", "SET LOCAL app.reason = ''"),
        ('RELEASE SAVEPOINT "s14_x3"', "RELEASE SAVEPOINT"),
    ],
)
def test_a_kind_of_statement_is_the_statement_without_its_values(statement, kind):
    assert kind_of(statement) == kind


def test_what_is_left_out_sends_nothing_that_those_that_stay_do_not_send():
    noted = [
        ("stays, since it is no test of pages", False, 9.0, ["a"]),
        ("stays, since it alone sends c", True, 9.0, ["a", "c"]),
        ("stays, since it sends d in least time", True, 1.0, ["d"]),
        ("goes", True, 2.0, ["d"]),
        ("goes, too", True, 0.1, ["a"]),
        # Another case of the same test is its own.
        ("stays for one of its cases", True, 0.1, ["a"]),
        ("stays for one of its cases", False, 0.1, ["a"]),
    ]

    assert needless(noted) == {"goes", "goes, too"}


def test_the_list_is_in_order_and_names_nothing_twice():
    names = LIST.read_text(encoding="utf-8").split()

    assert names == sorted(set(names))
