"""Those who play staff: how they sign in, what they fill in, and which buttons they press."""

import io
import re
from binascii import unhexlify

import html5lib
from django.contrib.auth.models import Permission, User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from openpyxl import load_workbook

from recommendations.accounts.roles import Role, give_role
from recommendations.publishing.history import version_of
from recommendations.publishing.updates import Content
from tests.factories import make_user

LISTS = [
    *(
        f"recommendations_{name}"
        for name in (
            "progressupdate",
            "report",
            "recommendation",
            "area",
            "responsibleparty",
            "term",
            "edition",
            "correction",
            "takedown",
        )
    ),
    "auth_user",
]
FORMATS = ["csv", "xlsx", "json"]

HOME, LOGIN = "/admin/", "/admin/login/"
ELSEWHERE = ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\x00"]
KEY = "11" * 20  # of an authenticator app

EVIDENCE = {"evidence_links-TOTAL_FORMS": "0", "evidence_links-INITIAL_FORMS": "0"}
LINKS = {"links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0"}
SECTIONS = {"sections-TOTAL_FORMS": "0", "sections-INITIAL_FORMS": "0"}


def address(name, *args):
    return reverse(f"admin:recommendations_{name}", args=args)


def typed_update(statuses, **overrides):
    """What the update's form sends for `statuses` (recommendation to status word)."""
    coverage = {"coverage": [str(one.pk) for one in statuses]}
    coverage |= {f"coverage-{one.pk}": status for one, status in statuses.items()}
    return {"text": "It began.", "dated_on": "2020-06-01", "_draft": "1", **coverage, **EVIDENCE, **overrides}


def typed_report(report, **overrides):
    return {
        "title": report.title,
        "slug": report.slug,
        "starts_on": report.starts_on.isoformat(),
        "ends_on": report.ends_on.isoformat(),
        "version": version_of(report),
        **SECTIONS,
        **overrides,
    }


def sent_by(page):
    """What a browser sends for the largest form of a page as it stands, its buttons apart; lists by name."""
    document = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    form = max(document.iter("form"), key=lambda form: len(list(form.iter("input"))))
    sent = {}
    for field in form.iter():
        name, kind = field.get("name"), field.get("type")
        if not name or kind in ("submit", "button") or (kind in ("checkbox", "radio") and field.get("checked") is None):
            continue
        if field.tag == "select":
            chosen = [option.get("value") for option in field.iter("option") if option.get("selected") is not None]
            values = chosen or [next(field.iter("option")).get("value")]
        else:
            values = [
                field.text or "" if field.tag == "textarea" else field.get("value", "on" if kind == "checkbox" else "")
            ]
        sent.setdefault(name, []).extend(values)
    return {name: values for name, values in sent.items() if name != "csrfmiddlewaretoken"}


def errors_of(response, field):
    return [str(error) for error in response.context["adminform"].form.errors.get(field, [])]


def granted(*codenames):
    """A client of a member of staff who may do no more than `codenames` say."""
    member = make_user(is_superuser=False)
    member.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(member)
    return client


def typed_correction(update, **overrides):
    content = Content.of(update)
    statuses = {
        assessment.recommendation: assessment.status
        for assessment in update.assessments.select_related("recommendation")
    }
    typed = typed_update(statuses)
    evidence = {
        "evidence-TOTAL_FORMS": str(len(content.evidence)),
        "evidence-INITIAL_FORMS": str(len(content.evidence)),
    }
    for number, (label, link) in enumerate(content.evidence):
        evidence |= {f"evidence-{number}-label": label, f"evidence-{number}-address": link}
    return {
        **typed,
        **evidence,
        "text": content.text,
        "dated_on": content.dated_on.isoformat(),
        "expected": content.fingerprint,
        "note": "A name was misspelled.",
        **overrides,
    }


def confirmed(page):
    form = page.context["form"]
    return {"confirmed": form["confirmed"].value(), "number": form["number"].value()}


def account(role=Role.PUBLISHER, **overrides):
    member = make_user(is_superuser=False, **overrides)
    give_role(member, role)
    return User.objects.get(pk=member.pk)


def sign_in(client, member, password="pw", **extra):
    return client.post(LOGIN, {"username": member.username, "password": password, **extra})


def signed_in(member):
    client = Client()
    client.force_login(member)
    return client


def guess(member, times):
    return [sign_in(Client(), member, password="no").status_code for _ in range(times)]


def carried(page):
    found = re.search(r'name="unsaved" value="([^"]+)"', page.content.decode())
    return found and found.group(1)


def through_sign_in(client, member, page):
    """The page after signing in on `page`, the answer to a form that was sent without a session."""
    assert page.status_code == 403
    answer = sign_in(client, member, unsaved=carried(page), next=page.context["next"])
    return client.get(answer.url, follow=True)


def export(client, name, format="", **query):
    return client.get(reverse(f"admin:{name}_export"), {**query, **({"format": format} if format else {})})


def exported_words(response, format):
    """All that a file says: a workbook is a packed one."""
    if format != "xlsx":
        return response.content.decode()
    sheets = load_workbook(io.BytesIO(response.content)).worksheets
    return "\n".join(str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row)


def with_app(member):
    """A second factor for `member`; codes of the past stay good in tests: see `code`."""
    return TOTPDevice.objects.create(user=member, key=KEY, confirmed=True)


def code(steps=0):
    """What the app shows, or showed so many steps of thirty seconds ago."""
    return f"{totp(unhexlify(KEY), t0=-30 * steps):06d}"


def key_of(client):
    """The key that the page for setting up the second factor shows."""
    return client.session["second_factor_key"]


def code_for(key):
    return f"{totp(unhexlify(key)):06d}"


def verified(member):
    """A client of `member` that gave the second factor."""
    with_app(member)
    client = Client()
    sign_in(client, member)
    client.post("/admin/second-factor/verify/", {"code": code()})
    return client


def add_address(**query):
    """Where an update is added, with what the board asks for: several values of a name as a list."""
    data = QueryDict(mutable=True)
    for name, value in query.items():
        data.setlist(name.rstrip("_"), value if isinstance(value, list) else [value])
    return f"{address('progressupdate_add')}?{data.urlencode()}"
