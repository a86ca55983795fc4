"""The catalogues of other languages: whole, compiled, and with the placeholders of the English texts."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.admin import site
from django.utils.functional import Promise
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

from recommendations.models import ActionPlan
from recommendations.text.intake import AddressField, LineField, PassageField

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# What `makemessages` looks for.
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|<[^>]*>")
ADDRESSES = (
    *("/", "/?q=police&status=none", "/?status=wrong&area=99&party=nobody", "/areas/1/", "/recommendations/3.2/"),
    *("/recommendations/2.2/", "/parties/", "/parties/funders/", "/updates/", "/corrections/", "/media/"),
    *("/reports/two-year-update-sample/", "/reports/two-year-update-sample/changes/", "/statuses/", "/about/"),
    *("/privacy/", "/accessibility/", "/safety/", "/data/", "/no-such-page/", "/updates.atom", "/areas/1/updates.atom"),
    *("/parties/funders/updates.atom", "/data/progress.json", "/data/progress.xlsx", "/data/datapackage.json"),
    "/reports/",
    *("/data/recommendations.csv", "/data/progress-3.schema.json", "/data/progress.json?q=police"),
)
WORDS = (LineField, PassageField, AddressField)
HOW = "Run `pybabel compile -d locale -D django`."


def folder(language):
    name, _, region = language.partition("-")
    return Path("locale", f"{name}_{region.upper()}", "LC_MESSAGES")


@pytest.fixture(params=LANGUAGES)
def catalogue(request):
    with (folder(request.param) / "django.po").open("rb") as file:
        return read_po(file, locale=request.param.replace("-", "_"))


def texts(message):
    return (message.string,) if isinstance(message.string, str) else message.string


def said(catalogue):
    """The translations by the English text and its context, without what has none."""
    return {
        (message.id if isinstance(message.id, str) else message.id[0], message.context): tuple(texts(message))
        for message in catalogue
        if message.id and any(texts(message))
    }


def extracted():
    """Every text in the tree that is to be translated: the file it stands in, the English text, and its context."""
    for root in ("recommendations", "tracker", "templates"):
        for path in Path(root).rglob("*"):
            if path.suffix == ".py" and "migrations" not in path.parts:
                source = path.read_text()
            elif path.suffix in (".html", ".txt"):
                # Python enough to read the calls in it, but for its indents.
                source = "\n".join(line.strip() for line in templatize(path.read_text()).splitlines())
            else:
                continue
            for _, message, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
                yield str(path), message[0] if isinstance(message, tuple) else message, context


def test_the_compiled_catalogue_is_that_of_the_text(catalogue):
    with (folder(catalogue.locale_identifier.lower().replace("_", "-")) / "django.mo").open("rb") as file:
        compiled = read_mo(file)

    assert said(compiled) == said(catalogue), HOW


def test_no_text_is_left_in_english(catalogue):
    missing = {
        (path, message)
        for path, message, context in extracted()
        if not (found := catalogue.get(message, context)) or not all(texts(found))
    }

    assert missing == set()


def test_no_translation_is_a_guess(catalogue):
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_translations_have_the_placeholders_and_tags_of_the_text(catalogue):
    different = []
    for message in catalogue:
        if not message.id or not all(texts(message)):
            continue
        ids = (message.id,) if isinstance(message.id, str) else message.id
        wanted = [sorted(PLACEHOLDER.findall(text)) for text in ids]
        given = [sorted(PLACEHOLDER.findall(text)) for text in texts(message)]
        # In the singular a language may write the number as a word.
        if given[-1] != wanted[-1] or not all(set(one) <= {*wanted[0], *wanted[-1]} for one in given):
            different.append((ids[-1], texts(message)))

    assert different == []


def test_canadian_french_has_no_break_spaces_before_colons_and_within_guillemets_alone():
    with (folder("fr-ca") / "django.po").open("rb") as file:
        said = [text for message in read_po(file) if message.id for text in texts(message)]

    # `mailto:`, `tel:` and `sms:` are no French.
    wrong = re.compile(r"(?<!\u00a0)(?<!mailto)(?<!\btel)(?<!\bsms):(?=\s|$)|«(?!\u00a0)|(?<!\u00a0)»|\s[;?!]|'")

    assert [text for text in said if wrong.search(text)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_on_a_page_is_looked_up_in_vain(sample, client, monkeypatch, address):
    ActionPlan.objects.update(language="fr-ca")
    in_vain = set()
    look_up = trans_real.DjangoTranslation.gettext

    def gettext(self, text):
        if self.to_language() == "fr-ca" and text not in self._catalog._catalogs[0] and look_up(self, text) == text:
            in_vain.add(text)
        return look_up(self, text)

    monkeypatch.setattr(trans_real.DjangoTranslation, "gettext", gettext)

    response = client.get(address)

    assert response.status_code in (200, 404)
    assert in_vain == set()


def test_each_field_of_words_that_staff_fill_in_has_a_name_in_their_language():
    registered = site._registry.values()
    models = {model for of in registered for model in (of.model, *(inline.model for inline in of.inlines))}
    fields = [field for model in models for field in model._meta.fields if isinstance(field, WORDS) and field.editable]

    assert [str(field) for field in fields if not isinstance(field.verbose_name, Promise)] == []
