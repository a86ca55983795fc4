"""Logos: where they are shown, how long their pictures stay, and how staff edit them."""

import io
import re

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from recommendations.accounts.roles import Role, give_role
from recommendations.models import ActionPlan, EditionLogo, Logo, LogoImage
from recommendations.publishing.erasure import erase, let_pictures_go
from recommendations.publishing.reports import publish_report
from recommendations.publishing.takedowns import take_down
from recommendations.reading.schema import Snapshot
from recommendations.reading.snapshot import report_snapshot
from recommendations.report import document
from recommendations.report.editions import rendered_pdf
from recommendations.text.pictures import taken_in
from tests.documents import elements
from tests.documents import render as render_pdf
from tests.factories import make_logo, make_plan, make_recommendation, make_report, make_update, make_user, picture_file
from tests.people import sent_by, through_sign_in
from tests.rows import problems

CHANGE = "/admin/recommendations/actionplan/1/change/"
RED, GREEN = (255, 0, 0, 255), (0, 128, 0, 255)


# The models


@pytest.fixture
def plan(db):
    return make_plan()


def refused_by_the_database(name, save):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        save()
    assert name in str(caught.value)


def test_the_organisation_has_one_logo_at_most(plan):
    make_logo(whose="organisation")
    funder = make_logo()
    make_logo()
    funder.whose = "organisation"

    with pytest.raises(ValidationError, match="one logo"):
        funder.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        funder.save()


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [("whose", "nobody", "logo_owner_is_known"), ("alt", "", "logo_has_alternate_text")],
)
def test_a_logo_says_whose_it_is(plan, field, value, name):
    logo = make_logo()
    setattr(logo, field, value)

    with pytest.raises(ValidationError):
        logo.full_clean()
    refused_by_the_database(name, logo.save)


def test_the_same_picture_is_kept_once(plan):
    one, other = make_logo(), make_logo()

    assert one.image == other.image
    assert LogoImage.objects.count() == 1


# On the site


def fetched(image, client=None):
    return (client or Client()).get(image.get_absolute_url())


def test_a_picture_is_served_as_what_it_is_and_kept_by_readers_alone(plan):
    image = make_logo().image

    response = fetched(image)
    again = Client().get(image.get_absolute_url(), headers={"if-none-match": response["ETag"]})

    assert response.content == bytes(image.content)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert not response.cookies
    assert again.status_code == 304
    assert Client().post(image.get_absolute_url()).status_code == 405


def test_a_picture_is_not_compressed_again(plan):
    image = make_logo(kind="JPEG", mode="RGB", size=(400, 400)).image

    response = Client().get(image.get_absolute_url(), headers={"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(image.content))
    assert response["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("change", [("png", "jpg"), ("/logos/", "/logos/0"), (".png", ".svg")])
def test_no_other_address_leads_to_it(plan, change):
    image = make_logo().image

    assert Client().get(image.get_absolute_url().replace(*change)).status_code == 404


def test_a_picture_that_nothing_shows_is_not_served(plan):
    image = LogoImage.objects.keep(taken_in(picture_file()))

    response = fetched(image)

    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"


def test_the_organisations_logo_stands_on_every_page_and_funders_on_one(plan):
    make_logo(alt="Example Organisation", whose="organisation", size=(300, 100))
    make_logo(alt="City of <W>", address="https://example.org/?a=1&b=2", colour=GREEN)

    pages = {address: Client().get(address).content.decode() for address in ("/", "/about/", "/reports/")}

    for page in pages.values():
        own = re.search(r'<img src="/logos/[0-9a-f]{64}\.png" alt="Example Organisation"[^>]*>', page).group()
        assert 'width="300" height="51" loading="lazy"' in own
    assert "City of" not in pages["/"]
    assert 'alt="City of &lt;W&gt;"' in pages["/about/"]
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="noreferrer"><img' in pages["/about/"]


def test_without_logos_nothing_is_said_of_them(plan):
    page = Client().get("/about/").content.decode()

    assert "With the support of" not in page
    assert 'class="logo' not in page


@pytest.mark.parametrize("count", [1, 30])
def test_pages_ask_for_logos_once_and_never_for_their_bytes(plan, count, django_assert_num_queries):
    for number in range(count):
        make_logo(colour=(number, 0, 0, 255))

    with django_assert_num_queries(5) as queries:
        Client().get("/about/")

    assert not any('"content"' in query["sql"] for query in queries.captured_queries)


# In reports


@pytest.fixture
def report(plan):
    make_update(statuses={make_recommendation(): "planned"})
    make_logo(alt="Example Organisation", whose="organisation", size=(300, 100))
    make_logo(alt="City of W", address="https://example.org/", colour=GREEN)
    return make_report()


@pytest.fixture
def edition(report, user, now, fake_pdf):
    return publish_report(report, by=user, at=now)


def test_a_snapshot_holds_logos_as_they_were(report):
    taken = report_snapshot(report)

    assert [(logo.alt, logo.whose, logo.address) for logo in taken.logos] == [
        ("Example Organisation", "organisation", ""),
        ("City of W", "funder", "https://example.org/"),
    ]
    assert taken.logos[0].shape == "banner"
    assert Snapshot.from_json(taken.to_json()) == taken


def test_another_logo_makes_the_report_another_one(report):
    before = report_snapshot(report).content_hash()
    logo = Logo.objects.first()
    logo.image = LogoImage.objects.keep(taken_in(picture_file(colour=(0, 0, 255, 255))))
    logo.save()

    assert report_snapshot(report).content_hash() != before


def test_the_article_has_them_on_the_cover_and_before_the_colophon(report):
    article = document.article(report_snapshot(report))
    cover, rest = article.split("</header>")

    assert cover.index('alt="Example Organisation"') < cover.index("report-cover__organisation")
    assert rest.count("<img") == 1
    assert rest.index('href="#report-funders"') < rest.index('id="report-funders"') < rest.index('alt="City of W"')
    assert rest.index('alt="City of W"') < rest.index('id="report-colophon"')


def test_an_edition_keeps_its_logos_whatever_becomes_of_them(edition, client):
    images = list(LogoImage.objects.all())
    Logo.objects.all().delete()
    let_pictures_go()

    page = client.get(edition.get_absolute_url()).content.decode()

    assert all(image.get_absolute_url() in page for image in images)
    assert [fetched(image).status_code for image in images] == [200, 200]
    assert problems() == []
    assert EditionLogo.objects.count() == 2


def delete_past_django():
    LogoImage.objects.all()._raw_delete("default")
    connection.check_constraints()


def test_the_database_lets_nobody_delete_the_picture_of_an_edition(edition):
    Logo.objects.all().delete()

    with pytest.raises(ProtectedError):
        LogoImage.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        delete_past_django()


def test_a_logo_that_is_missing_or_another_one_is_found(edition):
    own, funder = Logo.objects.all()
    LogoImage.objects.filter(pk=own.image_id).update(content=b"something else")
    kept = EditionLogo.objects.filter(image_id=funder.image_id)
    kept.delete()

    with pytest.raises(CommandError) as caught:
        call_command("verify_editions")
    assert "the logo “Example Organisation” is not what was published" in str(caught.value)
    assert "nothing protects the logo “City of W” from being deleted" in str(caught.value)

    Logo.objects.all().delete()
    let_pictures_go()
    assert "the logo “City of W” is missing" in problems()


def test_a_logo_is_taken_down_and_erased_with_the_editions_that_show_it(edition, report, user, now):
    funder = Logo.objects.get(whose="funder")
    image = funder.image
    funder.delete()
    let_pictures_go()
    publish_report(report, by=user, at=now, note="Without a logo that named somebody.")
    assert fetched(image).status_code == 200

    removal = take_down(edition, reason="A logo named somebody.", by=user, at=now)
    gone = fetched(image).status_code
    still = LogoImage.objects.filter(pk=image.pk).exists()
    copies = erase(removal, by=user, at=now)

    assert (gone, still) == (404, True)
    assert not LogoImage.objects.filter(pk=image.pk).exists()
    assert any(copy.startswith("its logos,") for copy in copies)
    assert LogoImage.objects.count() == 1
    assert problems() == []


def test_a_file_that_needs_no_other_has_them_within(edition, tmp_path):
    path = tmp_path / "report.html"

    call_command("render_report", edition.report.slug, html=path, verbosity=0)

    page = path.read_text()
    assert page.count('src="data:image/png;base64,') == 2
    assert "/logos/" not in page


# In the PDF


def test_the_renderer_is_handed_pictures_and_opens_nothing_else(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture_file())
    html = "".join(
        f'<p><img src="{where}" alt="{name}"></p>'
        for name, where in [("given", "/logos/x.png"), ("file", secret.as_uri()), ("other", "/logos/y.png")]
    )

    made = render_pdf(html, pictures={"/logos/x.png": picture_file()})

    with pikepdf.open(io.BytesIO(made)) as document:
        assert [len(page.get_images()) for page in document.pages] == [1]


def test_pdf_shows_them_with_their_words_and_links(report):
    taken = report_snapshot(report)

    made = rendered_pdf(taken, document.article(taken))

    assert rendered_pdf(taken, document.article(taken)) == made
    with pikepdf.open(io.BytesIO(made)) as opened:
        told = [str(figure.Alt) for figure in elements(opened, "/Figure")]
        links = [link for page in opened.pages for link in page.get("/Annots", []) if "/A" in link]
        images = [image for page in opened.pages for image in page.get_images().values()]
        to_funder = [link for link in links if str(link.A.URI) == "https://example.org/"]
        assert (told[0], told[-1]) == ("Example Organisation", "City of W")
        assert [str(link.Contents) for link in to_funder] == ["City of W (https://example.org/)"]
        assert {bool(image.get("/Interpolate", False)) for image in images} == {False}


# Staff


def upload(colour=RED):
    return SimpleUploadedFile("logo.png", picture_file(colour=colour), "image/png")


def with_a_logo(sent, number=0, **fields):
    """What the form sends with one more logo, in the row of this number."""
    typed = {"alt": "City of W", "whose": "funder", "position": "0", "picture": upload(), **fields}
    return {
        **sent,
        "logos-TOTAL_FORMS": str(number + 1),
        **{f"logos-{number}-{name}": value for name, value in typed.items()},
    }


def opened_form():
    client = Client()
    client.force_login(User.objects.get())
    return sent_by(client.get(CHANGE))


def errors(response):
    """The errors of the logos, by field, of all rows together."""
    formset = next(one.formset for one in response.context["inline_admin_formsets"] if one.formset.prefix == "logos")
    found = {name: messages for form in formset.forms for name, messages in form.errors.items()}
    return found | ({"all": formset.non_form_errors()} if formset.non_form_errors() else {})


@pytest.fixture
def staff(staff, plan):
    return staff


def test_a_logo_is_added_with_who_and_why(staff, user):
    answer = staff.post(CHANGE, with_a_logo(opened_form(), change_reason="x") | {"change_reason": "A new funder"})

    logo = Logo.objects.get()
    row = logo.history.get()
    assert answer.status_code == 302
    assert (logo.alt, logo.image.width, logo.image.height) == ("City of W", 120, 31)
    assert (row.history_user, row.history_change_reason, row.image_id) == (user, "A new funder", logo.image_id)
    page = staff.get(CHANGE).content.decode()
    assert f'<img src="{logo.image.get_absolute_url()}" alt="City of W"' in page
    assert 'enctype="multipart/form-data"' in page


def test_staff_are_told_why_no_photographs(staff):
    assert "no photographs of people" in staff.get(CHANGE).content.decode()


def test_a_picture_is_replaced_and_the_old_one_stays_for_the_history(staff):
    logo = make_logo()
    before = logo.image_id

    staff.post(CHANGE, opened_form() | {"logos-0-picture": upload(GREEN)})

    logo.refresh_from_db()
    assert logo.image_id != before
    assert LogoImage.objects.count() == 2
    assert fetched(LogoImage.objects.get(pk=before)).status_code == 404


def test_a_logo_is_removed_with_its_pictures(staff):
    logo = make_logo()
    staff.post(CHANGE, opened_form() | {"logos-0-picture": upload(GREEN)})

    staff.post(CHANGE, opened_form() | {"logos-0-DELETE": "on", "change_reason": "They left"})

    assert not Logo.objects.exists()
    assert not LogoImage.objects.exists()
    assert Logo.history.filter(id=logo.pk).first().history_change_reason == "They left"
    assert staff.get(reverse("admin:recommendations_actionplan_history", args=[1])).status_code == 200


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"picture": SimpleUploadedFile("x.png", b"GIF89a", "image/png")}, "picture", "neither a PNG nor a JPEG"),
        ({"picture": SimpleUploadedFile("x.png", b"", "image/png")}, "picture", "empty"),
        ({"picture": ""}, "picture", "Choose the file"),
        ({"alt": ""}, "alt", "required"),
        ({"alt": "a\x07b"}, "alt", "be printed"),
        ({"whose": "nobody"}, "whose", "not one of the available choices"),
        ({"address": "javascript:alert(1)"}, "address", "valid URL"),
    ],
)
def test_bad_input_is_refused_beside_its_field_and_what_was_typed_is_kept(staff, fields, field, words):
    answer = staff.post(CHANGE, with_a_logo(opened_form(), **{"address": "https://kept.example/", **fields}))

    assert answer.status_code == 200
    assert words in str(errors(answer)[field])
    assert (fields.get("address") or "https://kept.example/") in answer.content.decode()
    assert not Logo.objects.exists()
    assert not LogoImage.objects.exists()


def test_a_file_has_to_be_chosen_again_where_something_else_is_wrong(staff):
    answer = staff.post(CHANGE, with_a_logo(opened_form()) | {"title": ""})
    page = answer.content.decode()

    assert "Choose the file again: nothing has been saved yet" in page
    assert "City of W" in page
    assert "Choose the file again" not in staff.get(CHANGE).content.decode()


def test_after_signing_out_the_words_are_kept_and_files_are_asked_for_again(staff, user):
    typed = with_a_logo(opened_form())

    client = Client()
    page = through_sign_in(client, user, client.post(CHANGE, typed)).content.decode()

    assert "Choose the files again: we couldn’t keep them." in page
    assert 'value="City of W"' in page
    assert not Logo.objects.exists()


def test_two_logos_of_the_organisation_are_refused_beside_the_second(staff):
    sent = with_a_logo(with_a_logo(opened_form(), whose="organisation"), 1, whose="organisation", picture=upload(GREEN))

    answer = staff.post(CHANGE, sent)

    assert "one logo" in str(errors(answer)["whose"])
    assert not Logo.objects.exists()


def test_the_organisations_logo_changes_places_with_another(staff):
    funder, own = make_logo(alt="A"), make_logo(alt="B", whose="organisation")

    answer = staff.post(CHANGE, opened_form() | {"logos-0-whose": "organisation", "logos-1-whose": "funder"})

    assert answer.status_code == 302
    funder.refresh_from_db()
    own.refresh_from_db()
    assert (funder.whose, own.whose) == ("organisation", "funder")


def test_a_new_logo_of_the_organisation_takes_the_place_of_the_old(staff):
    make_logo(alt="Old", whose="organisation")

    sent = with_a_logo(opened_form(), 1, alt="New", whose="organisation", picture=upload(GREEN))
    answer = staff.post(CHANGE, sent | {"logos-0-DELETE": "on", "change_reason": "A new one"})

    assert answer.status_code == 302
    assert Logo.objects.get().alt == "New"
    assert LogoImage.objects.count() == 1


def test_what_a_colleague_did_meanwhile_is_met_and_files_stay_with_their_rows(staff):
    theirs, mine = make_logo(alt="Theirs", position=1), make_logo(alt="Mine", position=2, colour=GREEN)
    opened = opened_form()
    before = mine.image_id
    theirs.delete()
    make_logo(alt="Added", position=3, colour=(0, 0, 255, 255))

    refused = staff.post(CHANGE, opened | {"logos-1-picture": upload((9, 9, 9, 255))})
    page = refused.content.decode()
    mine.refresh_from_db()

    assert "Removed: Theirs" in page
    assert "Added: Added" in page
    row = page.split('id="logos-0"')[1].split('id="logos-1"')[0]
    assert 'value="Mine"' in row
    assert "Choose the file again" in row
    assert page.count("Choose the file again") == 1
    assert mine.image_id == before

    staff.post(CHANGE, sent_by(refused) | {"logos-1-picture": upload((9, 9, 9, 255))})
    mine.refresh_from_db()
    assert mine.image_id != before
    assert [logo.alt for logo in Logo.objects.all()] == ["Mine", "Added"]


def test_two_people_never_make_two_logos_of_the_organisation(staff):
    opened = opened_form()
    make_logo(alt="Theirs", whose="organisation")

    refused = staff.post(CHANGE, with_a_logo(opened, whose="organisation", picture=upload(GREEN)))
    again = staff.post(CHANGE, sent_by(refused) | {"logos-0-picture": upload(GREEN)})

    assert "Added: Theirs" in refused.content.decode()
    assert "one logo" in str(errors(again)["whose"])
    assert Logo.objects.get().alt == "Theirs"


def test_a_logo_that_a_colleague_removed_while_its_file_was_replaced_is_a_new_one(staff):
    logo = make_logo(alt="Mine")
    opened = opened_form()
    logo.delete()

    refused = staff.post(CHANGE, opened | {"logos-0-picture": upload(GREEN)})

    assert "A colleague removed this while you were writing." in refused.content.decode()
    staff.post(CHANGE, sent_by(refused) | {"logos-0-picture": upload(GREEN)})
    assert Logo.objects.get().alt == "Mine"


def key_of_first_row():
    return str(ActionPlan.history.order_by("history_id").first().save_id)


def aged():
    """Lets all that is stored be of one save."""
    save = Logo.history.latest("history_id").save_id
    for model in (ActionPlan, Logo):
        model.history.update(save_id=save)


def restored(staff):
    address = f"{reverse('admin:recommendations_actionplan_restore', args=[1])}?to={key_of_first_row()}"
    page = staff.get(address)
    return page.content.decode(), staff.post(address, {"version": page.context["form"]["version"].value()})


def test_an_older_version_brings_back_its_pictures(staff):
    logo = make_logo()
    before = logo.image_id
    aged()
    staff.post(CHANGE, opened_form() | {"logos-0-picture": upload(GREEN)})

    page, answer = restored(staff)

    logo.refresh_from_db()
    assert answer.status_code == 302
    assert logo.image_id == before
    assert before[:8] in page
    assert "will not come back" not in page


def test_an_older_version_comes_back_without_a_logo_whose_picture_was_deleted(staff, plan):
    make_logo()
    aged()
    sent = opened_form() | {"title": "Another title", "logos-0-DELETE": "on", "change_reason": "They left"}
    staff.post(CHANGE, sent)

    page, answer = restored(staff)

    plan.refresh_from_db()
    assert answer.status_code == 302
    assert plan.title == "A Safer Province: Responding Together"
    assert "A logo it had then will not come back" in page
    assert not Logo.objects.exists()


def test_an_older_version_brings_back_whose_logo_it_was(staff):
    own, funder = make_logo(alt="A", whose="organisation"), make_logo(alt="B")
    aged()
    staff.post(CHANGE, opened_form() | {"logos-0-whose": "funder", "logos-1-whose": "organisation"})

    _page, answer = restored(staff)

    own.refresh_from_db()
    funder.refresh_from_db()
    assert answer.status_code == 302
    assert (own.whose, funder.whose) == ("organisation", "funder")


def test_editors_change_no_logos(plan):
    make_logo()
    member = make_user(is_superuser=False)
    give_role(member, Role.EDITOR)
    client = Client()
    client.force_login(member)

    assert client.get(CHANGE).status_code == 403
    assert client.post(CHANGE, {}).status_code == 403


def test_publishers_change_logos(plan):
    member = make_user(is_superuser=False)
    give_role(member, Role.PUBLISHER)
    client = Client()
    client.force_login(member)

    answer = client.post(CHANGE, with_a_logo(sent_by(client.get(CHANGE))))

    assert answer.status_code == 302
    assert Logo.objects.count() == 1
