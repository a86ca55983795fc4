"""The handbook within the staff's pages: every chapter, what is found in it, and the help that each page offers."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from recommendations.workspace import handbook
from tests.people import granted

pytestmark = pytest.mark.django_db


def test_each_chapter_is_a_page_whose_links_and_pictures_are_there(staff):
    ids = {}
    for chapter in handbook.chapters():
        page = staff.get(reverse("admin:handbook_chapter", args=[chapter.name])).content.decode()
        ids[reverse("admin:handbook_chapter", args=[chapter.name])] = set(re.findall(r'id="([^"]+)"', page))
        assert f"<h1>{chapter.title}</h1>" in page
    ids[reverse("admin:handbook")] = set()

    for chapter in handbook.chapters():
        for to in re.findall(r'href="(/admin/[^"]+)"', chapter.body):
            path, _, anchor = to.partition("#")
            assert not anchor or anchor in ids[path], to
            assert path in ids
        for name in re.findall(
            r'src="/admin/handbook/images/([^"]+)" alt="[^"]+" width="\d+" height="\d+"', chapter.body
        ):
            assert handbook.picture(name).is_file()
        assert chapter.body.count("<img") == chapter.body.count('width="')
    picture = staff.get(reverse("admin:handbook_picture", args=["workspace.png"]))
    assert picture.content.startswith(b"\x89PNG")


def test_every_page_of_the_staffs_offers_the_chapter_that_helps_there(staff):
    names = {pattern.name for found in admin.site.urls[0] for pattern in getattr(found, "url_patterns", [found])}
    assert {handbook.help_on(name or "") for name in names} <= {one.name for one in handbook.chapters()}

    page = staff.get(reverse("admin:recommendations_progressupdate_add")).content.decode()
    assert '<a href="/admin/handbook/writing/">Help</a>' in page
    assert '<a href="/admin/handbook/">Help</a>' in staff.get(reverse("admin:handbook")).content.decode()


@pytest.mark.parametrize(
    ("page", "chapter"),
    [
        ("index", "workspace"),
        ("recommendations_progressupdate_change", "writing"),
        ("recommendations_progressupdate_correct", "after"),
        ("recommendations_progressupdate_set_aside", "take-down"),
        ("recommendations_report_ready", "ready"),
        ("recommendations_report_history", "history"),
        ("recommendations_recommendation_import", "files"),
        ("recommendations_term_changelist", "terms"),
        ("recommendations_report_check", "safety"),
        ("recommendations_progressupdate_erase_note", "safety"),
        ("recommendations_actionplan_legal_hold", "records"),
        ("auth_user_change", "people"),
        ("auth_user_leave", "leaving"),
        ("second_factor_codes", "signing-in"),
        ("handbook", "README"),
        ("", "README"),
    ],
)
def test_help_on_a_page(page, chapter):
    assert handbook.help_on(page) == chapter


def test_words_are_found_wherever_they_stand_those_in_headings_first(staff):
    hits = handbook.found("Erase WORDS")

    assert (hits[0].chapter.name, hits[0].section.heading) == ("take-down", "Erase the words")
    assert all("erase" in f"{hit.chapter.title} {hit.section.heading} {hit.section.words}".casefold() for hit in hits)
    page = staff.get(reverse("admin:handbook"), {"q": "recovery codes"}).content.decode()
    assert "<mark>" in page
    assert "#do-this-the-first-time" in page
    assert "The handbook is in English." not in page
    assert "Found in 0 places." in staff.get(reverse("admin:handbook"), {"q": "qwxyz"}).content.decode()


@pytest.mark.parametrize("words", ["", " ", "\0", "<script>", "é" * 60_000, "((((", "%"])
def test_any_words_may_be_asked_for(staff, words):
    page = staff.get(reverse("admin:handbook"), {"q": words})

    assert page.status_code == 200
    assert b"<script>" not in page.content


@pytest.mark.parametrize("name", ["..%2f..%2foperations", "operations", "README.md", "nowhere"])
def test_nothing_else_is_served(staff, name):
    assert staff.get(f"/admin/handbook/{name}/").status_code == 404
    assert staff.get(f"/admin/handbook/images/{name}").status_code == 404


def test_it_is_for_whoever_signed_in(client):
    assert client.get(reverse("admin:handbook")).status_code == 302
    assert granted().get(reverse("admin:handbook_chapter", args=["writing"])).status_code == 200
