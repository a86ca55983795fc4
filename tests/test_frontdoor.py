import pytest

from tests.factories import make_plan

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/nope", "/admin", "/static/css/site.css", "/healthz"])
def test_every_public_answer_carries_the_headers(client, address):
    make_plan()

    response = client.get(address)
    response.close()

    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_a_host_that_is_not_ours_gets_the_headers_too(client):
    response = client.get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_admin_keeps_its_referrer_and_asks_its_own_server(client):
    response = client.get("/admin/login/")

    assert response["Referrer-Policy"] == "same-origin"
    assert response["Content-Security-Policy"].endswith("connect-src 'self'")
    assert "unsafe" not in response["Content-Security-Policy"]


def test_pages_are_compressed(client):
    make_plan()

    response = client.get("/", headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
