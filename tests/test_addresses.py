"""No address makes the site fail, whatever is typed into it: routes, their arguments and their query strings."""

import os
import time

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from recommendations.models import Report
from tests.addresses import every_address
from tests.people import LISTS, export
from tests.rows import any_table_holds

pytestmark = pytest.mark.django_db

WHOLE_LIST = "Here is the whole list."


def failed(client, addresses):
    """The addresses that the site failed to answer, and why, and those that took it more than a second."""
    client.raise_request_exception = False
    found = {}
    for address in addresses:
        begun = time.process_time()
        with transaction.atomic():
            response = client.get(address)
            transaction.set_rollback(True)
        if (took := time.process_time() - begun) > 1:
            found[address[:200]] = f"{took:.1f} s"
        if response.status_code >= 500:
            found[address[:200]] = repr(response.exc_info[1])[:200] if hasattr(response, "exc_info") else ""
    return found


@pytest.mark.usefixtures("published_2020")
def test_no_address_fails_whatever_is_typed_into_it(staff):
    """All of them with script/soak; in each other run, some of every kind."""
    addresses = every_address()

    assert len(addresses) > 10_000
    if "SOAK_ROUNDS" not in os.environ:
        addresses = addresses[::499]
    assert failed(staff, addresses) == {}
    assert failed(Client(), addresses) == {}


@pytest.mark.parametrize(
    "query",
    [
        "id__range=0",
        "title__iregex=[",
        "title__iregex=%00",
        "starts_on__year=0",
        "slug__in=x",
        "sections__id=99999999999999999999",
        "nowhere=1",
        "e=1&id__range=0",
    ],
)
def test_staff_are_told_that_a_list_does_not_offer_what_an_address_asks_for(staff, report, query):
    page = staff.get(f"{reverse('admin:recommendations_report_changelist')}?{query}", follow=True)

    assert page.status_code == 200
    assert WHOLE_LIST in page.content.decode()
    assert list(page.context["cl"].result_list) == [Report.objects.get()]


@pytest.mark.parametrize("name", LISTS)
def test_no_list_and_no_export_answers_what_it_does_not_offer(staff, name):
    for query in ({"pk__gt": "0"}, {"e": "1", "pk__gt": "0"}):
        page = staff.get(reverse(f"admin:{name}_changelist"), query, follow=True)
        assert WHOLE_LIST in page.content.decode()
    file = export(staff, name, "csv", pk__gt="0")

    assert file.url.endswith("/?e=1")
    assert not any_table_holds("pk__gt")


@pytest.mark.parametrize("query", ["parties__exact=99999999999999999999", "area__id__exact=1%00", "area__exact=%5B"])
def test_a_filter_takes_only_the_values_that_it_offers(staff, published, query):
    address = reverse("admin:recommendations_recommendation_changelist")

    assert WHOLE_LIST in staff.get(f"{address}?{query}", follow=True).content.decode()
    assert WHOLE_LIST not in staff.get(address, {"area__id__exact": "1"}, follow=True).content.decode()


@pytest.mark.parametrize("number", ["%00", "9" * 30, "9" * 5000, "0", "-1", "x", "%ED%A0%80"])
@pytest.mark.parametrize("page", ["change/", "history/", "delete/", "", "publish/"])
def test_a_thing_that_is_not_there_is_not_found(staff, page, number):
    address = reverse("admin:recommendations_report_changelist") + f"{number}/{page}"

    assert failed(staff, [address]) == {}
