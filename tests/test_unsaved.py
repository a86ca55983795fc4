"""What was typed into a form whose session had ended: it is carried through sign-in, and not saved unasked."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.accounts import second_factor, unsaved
from recommendations.models import Correction, ProgressUpdate, Report, Term
from recommendations.publishing.history import version_of
from recommendations.publishing.reports import publish_report
from tests.factories import make_recommendation, make_report, make_update
from tests.people import (
    LOGIN,
    account,
    address,
    carried,
    code,
    code_for,
    key_of,
    sign_in,
    signed_in,
    through_sign_in,
    typed_correction,
    typed_report,
    typed_update,
    verified,
    with_app,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_pdf")]


def unsaved_cases():
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False, text="First words.")
    published = make_update(statuses={one: "planned"}, text="Said.")
    report, term = make_report(), Term.objects.create(word="worse", instead="better", recommendation=one)
    publish_report(report, by=User.objects.first(), at=timezone.now())
    words = "Typed words."
    typed = typed_update({one: "ongoing"}, version=version_of(update), text=words)
    return [
        (address("progressupdate_change", update.pk), typed),
        (f"{address('progressupdate_add')}?area=1", typed_update({one: "ongoing"}, text=words)),
        (address("progressupdate_correct", published.pk), typed_correction(published, text=words)),
        (address("progressupdate_withdraw", published.pk), {"note": words}),
        (address("progressupdate_take_down", published.pk), {"reason": words}),
        (address("report_change", report.pk), typed_report(report, introduction=words)),
        (address("report_publish", report.pk), {"note": words, "number": "2"}),
        (address("term_add"), {"word": "bad", "instead": words, "recommendation": one.pk}),
        (address("area_change", one.area_id), {"number": 1, "title": words, "version": version_of(one.area)}),
        (address("recommendation_change", one.pk), {"area": 1, "number": 1, "text": words, "version": version_of(one)}),
        (reverse("admin:auth_user_add"), {"username": "new", "first_name": words, "password1": "SECRET"}),
        (address("term_delete", term.pk), {"reason": words, "version": version_of(term)}),
        (address("progressupdate_history", update.pk), {"nobody-thought-of-it": words}),
    ]


def rows():
    from django.apps import apps

    kept_out = {"Session", "AccessAttempt", "LogEntry", "SecurityEvent"}
    return {
        model.__name__: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model.__name__ not in kept_out and model is not User
    } | {"User": list(User.objects.order_by("pk").values("username", "password", "first_name"))}


def test_a_form_sent_after_the_session_ended_comes_back_filled_and_saves_nothing(user):
    for page, typed in unsaved_cases():
        client = Client()
        before = rows()

        asked = client.post(page, typed)
        shown = through_sign_in(client, user, asked)

        assert "this page keeps what you typed" in asked.content.decode(), page
        assert "Typed words." in shown.content.decode(), page
        assert "SECRET" not in shown.content.decode() + asked.content.decode(), page
        assert rows() == before, page
        assert shown.request["PATH_INFO"] == page.partition("?")[0]


def test_sent_again_it_is_saved_and_waits_no_longer(user, client):
    one = make_recommendation()
    update = make_update(statuses={one: "planned"}, published=False, text="First words.")
    change = address("progressupdate_change", update.pk)
    typed = typed_update({one: "ongoing"}, version=version_of(update), text="Typed words.")

    shown = through_sign_in(client, user, client.post(change, typed))
    assert "You had been signed out, so nothing was saved." in shown.content.decode()
    assert "Typed words." in client.get(change).content.decode()
    client.post(change, typed)

    update.refresh_from_db()
    assert update.text == "Typed words."
    assert "You had been signed out" not in client.get(change).content.decode()


def test_it_can_be_discarded(user, client):
    report = make_report()
    change = address("report_change", report.pk)
    through_sign_in(client, user, client.post(change, typed_report(report, introduction="Typed words.")))

    page = client.get(f"{change}?discard=1", follow=True)

    assert "Typed words." not in page.content.decode()
    assert "Typed words." not in client.get(change).content.decode()


def test_what_a_colleague_saved_meanwhile_is_shown_beside_it(user, client):
    report = make_report()
    typed = typed_report(report, introduction="Typed words.")
    report.introduction = "Maria's words."
    report.save()

    shown = through_sign_in(client, user, client.post(address("report_change", report.pk), typed))

    page = shown.content.decode()
    assert "Typed words." in page
    assert "What it says now: Maria&#x27;s words." in page


def test_it_outlives_a_wrong_password_and_the_second_factor(client):
    member = account()
    with_app(member)
    report = make_report()
    change = address("report_change", report.pk)

    asked = client.post(change, typed_report(report, introduction="Typed words."))
    again = sign_in(client, member, password="no", unsaved=carried(asked), next=change)
    step = sign_in(client, member, unsaved=carried(again), next=change).url
    client.get(step)
    done = client.post(step, {"code": code(), "next": change})

    assert "Typed words." in client.get(done.url).content.decode()


@pytest.mark.usefixtures("public_site")
def test_it_outlives_a_session_that_lost_its_second_factor():
    member = account()
    client = verified(member)
    report = make_report()
    change = address("report_change", report.pk)
    second_factor.remove(member)

    step = client.post(change, typed_report(report, introduction="Typed words.")).url
    client.get(step)
    client.post(step, {"code": code_for(key_of(client))})

    assert "Typed words." in client.get(change).content.decode()
    assert Report.objects.get().introduction == ""


def test_too_much_to_carry_is_said(client):
    page = client.post(address("term_add"), {"word": "x" * 1_000_001})

    assert carried(page) is None
    assert "go back in your browser first and copy it" in page.content.decode()


@pytest.mark.parametrize("forged", ["x", "", "a:b:c", "\x00"])
def test_what_was_not_sealed_here_is_not_carried(client, forged):
    sign_in(client, account(), unsaved=forged)

    assert unsaved.SESSION_KEY not in client.session


def test_the_mark_alone_refuses_every_form_that_shows_it_again(user):
    """Without the rolled-back transaction around it, too, a form that shows what was typed again saves nothing."""
    client = signed_in(user)
    for page, typed in unsaved_cases():
        if page.endswith("/history/"):
            continue
        before = rows()
        response = client.post(page, {**typed, "_unsaved": "1"})
        assert response.status_code == 200, page
        assert rows() == before, page
    assert not Correction.objects.exists()
    assert not ProgressUpdate.objects.filter(text="Typed words.").exists()


def strict(member=None):
    client = Client(enforce_csrf_checks=True)
    if member:
        client.force_login(member)
    client.get(LOGIN)
    return client


def test_sign_in_again_in_another_tab_loses_nothing(user):
    report = make_report()
    change = address("report_change", report.pk)
    client = strict(user)
    typed = typed_report(report, introduction="Typed words.", csrfmiddlewaretoken="of-the-earlier-session")

    answer = client.post(change, typed, headers={"origin": "http://testserver"})

    assert answer.url == change
    assert "Typed words." in client.get(change).content.decode()
    assert Report.objects.get().introduction == ""


def test_a_form_of_another_site_is_refused_whole(user):
    report = make_report()
    change = address("report_change", report.pk)
    for member in (user, None):
        for headers in ({"origin": "https://evil.example"}, {}, {"origin": "null"}):
            client = strict(member)
            refused = client.post(change, typed_report(report, introduction="CANARY"), headers=headers)
            assert refused.status_code == 403
            assert "CANARY" not in refused.content.decode()
            assert carried(refused) is None
            assert unsaved.SESSION_KEY not in client.session


def test_a_sign_in_page_of_before_another_tab_signed_in_still_carries_it(user):
    report = make_report()
    change = address("report_change", report.pk)
    asked = Client().post(change, typed_report(report, introduction="Typed words."))
    client = strict(user)

    answer = client.post(
        LOGIN,
        {"username": user.username, "password": "pw", "unsaved": carried(asked), "csrfmiddlewaretoken": "old"},
        headers={"origin": "http://testserver"},
    )

    assert answer.url == change
    assert "Typed words." in client.get(change).content.decode()
