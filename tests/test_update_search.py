"""How staff find an update: by its number, by reference, by person, by words; and how they filter the list."""

import datetime as dt
import re
from html import unescape

import pytest
from django.urls import reverse

from recommendations.models import ActionPlan, ProgressUpdate
from recommendations.publishing.acts import save
from recommendations.publishing.updates import publish_update
from recommendations.workspace.update_search import matching, numbered, referred_to
from tests.factories import make_area, make_plan, make_recommendation, make_update, make_user
from tests.people import LISTS, address, export, granted, signed_in, typed_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]

LIST = "/admin/recommendations/progressupdate/"


def listed(client, **query):
    return {update.pk for update in client.get(LIST, query).context["cl"].result_list}


def title_of(page):
    words = page.content.decode()
    return [
        re.sub(r"\s+", " ", unescape(re.search(rf"<{tag}>(.*?)</{tag}>", words, re.DOTALL)[1])).strip()
        for tag in ("title", "h1")
    ]


# By number


@pytest.mark.parametrize("words", ["U{}", "u{}", "#{}", "{}", " U {} "])
def test_a_number_opens_the_update_at_once(staff, words):
    update = make_update(statuses={make_recommendation(): "planned"})
    make_update(statuses={make_recommendation(): "planned"}, text=f"It cites U{update.pk}.")

    answer = staff.get(LIST, {"q": words.format(update.pk), "state": "draft"})

    assert (answer.status_code, answer.url) == (302, address("progressupdate_change", update.pk))
    assert reverse("update", args=[update.pk]) == f"/updates/{update.pk}/"


def test_a_number_that_no_update_has_finds_nothing(staff):
    make_update(statuses={make_recommendation(): "planned"})

    assert listed(staff, q="U99999") == set()
    assert listed(staff, q="9" * 30) == set()


def test_a_number_that_is_a_reference_too_lists_both(staff):
    update = make_update(statuses={make_recommendation(): "planned"})
    other = make_update(statuses={make_recommendation(reference=str(update.pk)): "planned"})

    assert listed(staff, q=str(update.pk)) == {update.pk, other.pk}
    assert numbered(f"U{update.pk}") == update


def test_a_number_opens_nothing_for_those_who_may_see_no_updates():
    update = make_update(statuses={make_recommendation(): "planned"})
    stranger = granted("view_recommendation")

    assert stranger.get(LIST, {"q": f"U{update.pk}"}).status_code == 403
    assert 'id="find"' not in stranger.get("/admin/").content.decode()


def test_the_number_stands_in_lists_titles_and_crumbs(staff):
    update = make_update(statuses={make_recommendation(): "planned"}, text="It began.")
    name = f"U{update.pk}"

    assert f">{name} It began.</a>" in staff.get(LIST).content.decode()
    for page in ("change", "correct", "withdraw", "history"):
        answer = staff.get(address(f"progressupdate_{page}", update.pk))
        assert [name in words for words in title_of(answer)] == [True, True], page
        assert all(words.count(name) == 1 for words in title_of(answer)), page
        crumbs = re.search(r'<div class="breadcrumbs">(.*?)</div>', answer.content.decode(), re.DOTALL)[1]
        assert f"{name}, June 30, 2020: It began." in unescape(crumbs), page


# By reference, by person, by words


@pytest.mark.parametrize("reference", ["3.2", "12(b)", "C2A 42"])
def test_a_reference_finds_what_covers_it(staff, reference):
    one, two = make_recommendation(reference=reference), make_recommendation(reference="3.21")
    found = make_update(statuses={one: "planned", two: "planned"}, published=False)
    make_update(statuses={two: "planned"}, text="About another one.")

    page = staff.get(LIST, {"q": reference})

    assert {update.pk for update in page.context["cl"].result_list} == {found.pk}
    assert address("recommendation_change", one.pk) in page.content.decode()
    assert f"All about {reference}" in page.content.decode()


def test_the_plans_name_for_a_recommendation_may_stand_before_its_reference():
    one = make_recommendation(reference="42")
    ActionPlan.objects.update(recommendation_name="call", recommendation_name_plural="calls")

    assert (referred_to("Call 42"), referred_to("42"), referred_to("call"), referred_to("call 4")) == (
        one,
        one,
        None,
        None,
    )


def test_a_person_finds_what_they_wrote_changed_or_published(staff, user, now):
    one = make_recommendation()
    zoe = make_user(username="zdupont", first_name="Zoé", last_name="Dupont")
    signed_in(zoe).post(f"{address('progressupdate_add')}?area=1", typed_update({one: "planned"}, text="Hers."))
    changed, published, other = (make_update(statuses={one: "planned"}, published=False) for _ in range(3))
    changed.text = "She changed it."
    save(changed, by=zoe, reason="")
    publish_update(published, by=zoe, at=now)
    hers = ProgressUpdate.objects.get(text="Hers.")

    for words in ("zoe", "Zoé Dupont", "dupont", "zdupont"):
        assert matching(words) == {hers.pk, changed.pk, published.pk}, words
    assert matching("zoe hers") == {hers.pk}
    assert matching(user.username).isdisjoint({hers.pk, other.pk})


def test_words_are_found_in_all_that_was_written_whatever_their_case_and_accents(staff):
    one = make_recommendation()
    text = make_update(statuses={one: "planned"}, text="Les conseils ont été visités.")
    dated = make_update(statuses={one: "planned"}, dated_as_published="Été 2020")
    note = make_update(statuses={one: "planned"}, private_note="Told by the coordinator.")
    cited = make_update(statuses={one: "planned"}, evidence=[("Procès-verbal", "https://a.example/m")])

    assert matching("ETE") == {text.pk, dated.pk}
    assert matching("conseils visites") == {text.pk}
    assert matching("Coordinator") == {note.pk}
    assert matching("proces-verbal") == {cited.pk}
    assert matching("a.example") == {cited.pk}
    assert matching("conseils nowhere") == matching(" ") == set()
    assert listed(staff, q="conseils", state="draft") == set()


def test_the_file_of_the_list_holds_what_was_searched(staff):
    one = make_recommendation()
    make_update(statuses={one: "planned"}, text="Wanted.")
    make_update(statuses={one: "planned"}, text="Other.")

    file = export(staff, "recommendations_progressupdate", "csv", q="wanted").content.decode()

    assert "Wanted." in file
    assert "Other." not in file


@pytest.mark.parametrize("size", [1, 30])
def test_a_search_asks_the_database_as_often_for_30_as_for_1(staff, user, django_assert_num_queries, size):
    for _ in range(size):
        save(make_update(statuses={make_recommendation(): "planned"}, text="Wanted."), by=user, reason="")
    staff.get(LIST)

    with django_assert_num_queries(29):
        assert len(listed(staff, q=f"{user.username} wanted")) == size


# The door


@pytest.mark.parametrize("page", ["/admin/", LIST, "/admin/recommendations/report/", "/admin/second-factor/"])
def test_every_page_has_one_door_to_search_updates(staff, page):
    make_plan()

    words = staff.get(page).content.decode()

    assert words.count('id="find"') == 1
    assert f'action="{LIST}"' in words
    assert staff.get(LIST, {"q": "no such word"}).content.decode().count('value="no such word"') == 1


# Filters


def test_the_list_is_filtered_by_recommendation_within_the_area_that_is_chosen(staff):
    here, there = make_area(number=3), make_area(number=4)
    one, two, far = make_recommendation(area=here), make_recommendation(area=here), make_recommendation(area=there)
    wanted = make_update(statuses={one: "planned"})
    make_update(statuses={two: "planned"})
    make_update(statuses={far: "planned"}, published=False)

    assert listed(staff, covers=one.reference) == {wanted.pk}
    assert listed(staff, covers=one.reference, state="draft") == set()
    page = staff.get(LIST, {"area__id__exact": here.pk, "state": "published"}).content.decode()
    assert f'value="{two.reference}"' in page
    assert f'value="{far.reference}"' not in page
    assert '<input type="hidden" name="state" value="published">' in page


OF_UPDATES = ["dated_on__year=0", "published_at__year=0", "area__id__exact=99999999999999999999", "text__regex=("]
OF_ALL = ["pk__in=x", "id=99999999999999999999"]
TYPED = [
    *(("recommendations_progressupdate", query) for query in [*OF_UPDATES, "covers=%00", "ready_by__password=x"]),
    *((name, query) for name in LISTS for query in OF_ALL),
    ("recommendations_report", "starts_on__year=0"),
    ("recommendations_edition", "published_at__year=0"),
    ("recommendations_edition", "report__id__exact=99999999999999999999"),
    ("recommendations_correction", "corrected_at__year=0"),
    ("auth_user", "date_joined__year=0"),
]


def test_a_question_typed_by_hand_into_the_address_is_no_fault(staff):
    make_update(statuses={make_recommendation(): "planned"})
    answers = {
        (name, query): staff.get(f"{reverse(f'admin:{name}_changelist')}?{query}", follow=True).status_code
        for name, query in TYPED
    }

    assert answers == dict.fromkeys(answers, 200)


def test_every_filter_that_is_offered_filters(staff):
    one = make_recommendation()
    make_update(statuses={one: "planned"}, dated_on=dt.date(2020, 6, 30))
    broken = []

    for name in LISTS:
        page = reverse(f"admin:{name}_changelist")
        for link in re.findall(r'<a href="(\?[^"]+)"', staff.get(page).content.decode()):
            answer = staff.get(page + unescape(link))
            if answer.status_code != 200:
                broken.append((name, link))
    assert broken == []
