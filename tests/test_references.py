"""References of any shape and plans without areas, on every page and in every file."""

import io
import json
import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from openpyxl import load_workbook

from recommendations.models import ActionPlan, ProgressUpdate
from recommendations.publishing.plan_changes import announce_all
from recommendations.publishing.reports import publish_report
from recommendations.reading.adopted import content_of
from recommendations.reading.snapshot import report_snapshot
from recommendations.report.document import article
from tests.factories import make_area, make_recommendation, make_report, make_update
from tests.test_models import SHAPES

pytestmark = pytest.mark.pages


@pytest.fixture
def shapes(db):
    """A published report on a plan without areas, with a reference of each shape."""
    area = make_area(title="")
    made = [make_recommendation(area=area, reference=reference) for reference in SHAPES]
    for one in made:
        make_update(statuses={one: "planned"}, text=f"A first step on {one.reference}.")
    return make_report()


def words(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize(("reference", "slug"), SHAPES.items())
def test_a_reference_of_any_shape_is_found_on_every_page(reference, slug, shapes, client):
    address = f"/recommendations/{slug}/"

    assert f">{reference}</" in words(client, address)
    assert f'href="{iri_to_uri(address)}"' in words(client, "/")
    assert f">{reference}</" in words(client, f"/?{urlencode({'q': reference})}")
    assert f'id="r{slug}"' in article(report_snapshot(shapes))


def test_an_address_written_as_the_reference_leads_to_its_page(shapes, client):
    for reference in ("12(b)", "C2A 42", "A.3"):
        answer = client.get(f"/recommendations/{reference}/")
        assert (answer.status_code, answer["Location"]) == (301, f"/recommendations/{SHAPES[reference]}/")
    assert client.get("/recommendations/3 2/").status_code == 404
    assert client.get("/recommendations/()/").status_code == 404


def test_the_data_have_references_as_adopted_and_addresses(shapes, client):
    told = json.loads(client.get("/data/progress.json").content)["recommendations"]
    assert [one["reference"] for one in told] == list(SHAPES)
    assert {one["area_title"] for one in told} == {""}
    book = load_workbook(io.BytesIO(client.get("/data/progress.xlsx").content))
    assert [row[0].value for row in book["recommendations"].iter_rows(min_row=2)] == list(SHAPES)


def test_a_plan_without_areas_shows_none(shapes, client, user, now):
    publish_report(shapes, by=user, at=now)
    pages = ("/", "/?q=step", "/recommendations/42/", "/updates/", "/about/", "/data/", f"/reports/{shapes.slug}/")

    shown = "".join(words(client, address) for address in (*pages, "/updates.atom", "/sitemap.xml"))

    assert "/areas/" not in shown
    assert "Area 1" not in shown
    assert "in 1 area" not in shown
    assert client.get("/areas/1/").status_code == 404
    assert client.get("/areas/1/updates.atom").status_code == 404


def test_the_search_asks_for_nothing_that_the_plan_has_not(shapes, client):
    asked = words(client, "/")

    assert 'name="status"' in asked
    assert 'name="area"' not in asked
    assert 'name="party"' not in asked
    assert "There is no area “9”." in words(client, "/?area=9")


def test_areas_without_numbers_are_called_by_their_titles(client, db, user, now):
    area = make_area(title="Housing")
    ActionPlan.objects.update(numbers_areas=False, kept_from_titles="floods")
    update = make_update(statuses={make_recommendation(area=area): "planned"})
    report = make_report()
    publish_report(report, by=user, at=now)
    pages = ("/", "/areas/1/", "/?q=says", "/recommendations/1.1/", "/updates/", f"/updates/{update.pk}/", "/data/")

    for address in (*pages, "/areas/1/updates.atom", f"/reports/{report.slug}/"):
        page = words(client, address)
        assert "Housing" in page, address
        assert "area 1" not in page.casefold(), address
        assert "1 Housing" not in page, address


def test_a_change_of_an_area_is_told_with_what_readers_know_of_it(client, db, user, now):
    area = make_area(title="Housing")
    ActionPlan.objects.update(numbers_areas=False)
    make_update(statuses={make_recommendation(area=area): "planned"})
    publish_report(make_report(), by=user, at=now)
    before, area.title = content_of(area), "Homes"
    area.save()
    announce_all([(area, before)], note="As it was adopted.", by=user, at=now)

    page = words(client, "/corrections/")
    assert '<a href="/areas/1/">Homes</a>' in page
    assert "area 1" not in page.casefold()
    assert "/areas/1/</link>" in words(client, "/updates.atom") or '/areas/1/"' in words(client, "/updates.atom")

    ActionPlan.objects.update(numbers_areas=True)
    assert '<a href="/areas/1/">Area 1: Homes</a>' in words(client, "/corrections/")

    area.refresh_from_db()
    before, area.title = content_of(area), ""
    area.save()
    announce_all([(area, before)], note="The plan has no areas.", by=user, at=now)

    assert "/areas/1/" not in words(client, "/corrections/")
    feed = words(client, "/updates.atom")
    assert "/areas/1/" not in feed
    assert set(re.findall("<title>Changed: (.*?)</title>", feed)) == {"Title of the area"}
    assert all(
        f"Title of the area {rest}" in feed for rest in ("changed from “Housing” to “Homes”", "removed: “Homes”")
    )


def test_staff_see_no_area_where_the_plan_has_none(shapes, staff):
    update = ProgressUpdate.objects.first()
    list_of, add, recommend = (
        reverse(f"admin:recommendations_{name}")
        for name in ("progressupdate_changelist", "progressupdate_add", "recommendation_add")
    )
    pages = [list_of, add, f"{add}?{urlencode({'covering': list(SHAPES)}, doseq=True)}"]
    pages += [reverse("admin:index"), reverse("admin:recommendations_progressupdate_change", args=[update.pk])]

    for address in pages:
        page = words(staff, address)
        assert "(no title)" not in page, address
        assert "Which area" not in page, address
        assert "another area" not in page, address
        assert not re.search(r">\s*Area\s*<", page), address

    form = words(staff, recommend)
    assert re.search(r'class="form-row[^"]* hidden[^"]* field-area', form)
    assert f'<input type="hidden" name="area" value="{update.area_id}"' in form


def test_the_board_ties_each_tick_to_its_words_whatever_the_reference(shapes, staff):
    page = words(staff, reverse("admin:index"))

    for slug in SHAPES.values():
        assert f'id="covering-{slug}"' in page
        assert f'for="covering-{slug}"' in page
