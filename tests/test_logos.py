"""Logos: where they are shown, and how long their pictures stay."""

import io
import re

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client

from recommendations import document, publishing
from recommendations.models import EditionLogo, Logo, LogoImage
from recommendations.pictures import taken_in
from recommendations.publishing import erase, publish_report, rendered_pdf, take_down
from recommendations.snapshot import Snapshot, report_snapshot
from tests.factories import make_logo, make_plan, make_recommendation, make_report, make_update, picture_file
from tests.test_pdf import SAMPLE, elements
from tests.test_pdf import render as render_pdf

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
    packed = Client().get(image.get_absolute_url(), headers={"accept-encoding": "gzip"})

    assert response.content == bytes(image.content)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert not response.cookies
    assert again.status_code == 304
    assert "Content-Encoding" not in packed
    assert Client().post(image.get_absolute_url()).status_code == 405


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

    with django_assert_num_queries(3) as queries:
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


def problems():
    return [problem for _, found in publishing.verify_editions() for problem in found]


def test_a_snapshot_holds_logos_as_they_were(report):
    taken = report_snapshot(report)

    assert [(logo.alt, logo.whose, logo.address) for logo in taken.logos] == [
        ("Example Organisation", "organisation", ""),
        ("City of W", "funder", "https://example.org/"),
    ]
    assert taken.logos[0].shape == "banner"
    assert Snapshot.from_json(taken.to_json()) == taken


def test_a_snapshot_without_logos_says_what_it_said_before_there_were_any():
    taken = Snapshot.from_json(SAMPLE.read_bytes())

    assert taken.logos == ()
    assert "logos" not in taken.to_json()


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
    publishing.let_pictures_go()

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
    assert "nothing keeps the logo “City of W” from being deleted" in str(caught.value)

    Logo.objects.all().delete()
    publishing.let_pictures_go()
    assert "the logo “City of W” is missing" in problems()


def test_a_logo_is_taken_down_and_erased_with_the_editions_that_show_it(edition, report, user, now):
    funder = Logo.objects.get(whose="funder")
    image = funder.image
    funder.delete()
    publishing.let_pictures_go()
    publish_report(report, by=user, at=now, note="Without a logo that named somebody.")
    assert fetched(image).status_code == 200

    removal = take_down(edition, reason="A logo named somebody.", by=user, at=now)
    gone = fetched(image).status_code
    still = LogoImage.objects.filter(pk=image.pk).exists()
    copies = erase(removal, by=user, at=now)

    assert (gone, still) == (404, True)
    assert not LogoImage.objects.filter(pk=image.pk).exists()
    assert any(copy.startswith("its logos:") for copy in copies)
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
