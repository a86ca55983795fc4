"""The intake of all text, how text is compared and searched, and how a title is set on two lines.

Text from outside is hostile until one of these fields took it in: no control characters, no lone surrogates, a length
cap, web addresses by http or https only; support links alone may lead to a mailbox or a phone. It is stored as typed:
never normalise what is stored, only what is compared.
"""

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator, URLValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.forms import Field as FormField
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    # The stubs' fields are generic, Django's own are not.
    Field = models.Field[str, str]
    CharField = models.CharField[str, str]
    TextField = models.TextField[str, str]
    URLField = models.URLField[str, str]
else:
    from django.db.models import CharField, Field, TextField, URLField

NOT_IN_A_LINE = re.compile("[\n\t\u202a-\u202e\u2066-\u2069]")
LINE_ENDINGS = re.compile("\r\n|[\r\v\f\u2028\u2029]")
TITLE = re.compile(r"(.*?:)\s+(.+)", re.DOTALL)
NUMBER = re.compile(r"\+?[0-9](?:-?[0-9]){2,19}")
check_web_address = URLValidator(schemes=["http", "https"])
ID = re.compile("[0-9]{1,9}")
REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def refuse_unprintable(value: str) -> None:
    """Raise ValidationError where `value` holds a control character, a lone surrogate or a non-character.

    Line feeds and tabs are welcome. The message names the first offender and its place, since it can't be seen.
    """
    if found := REFUSED.search(value):
        raise ValidationError(
            _("Character %(position)d (U+%(code)s) can't be printed. Delete it, or type the text again."),
            code="unprintable",
            params={"position": found.start() + 1, "code": f"{ord(found.group()):04X}"},
        )


def check_support_address(value: str) -> None:
    """Raise ValidationError where `value` is no address of a page, of a mailbox, or of a number to call or to text."""
    scheme, _colon, rest = value.partition(":")
    if scheme == "mailto":
        EmailValidator()(rest)
    elif scheme not in ("tel", "sms"):
        check_web_address(value)
    elif not NUMBER.fullmatch(rest):
        raise ValidationError(_("Write the number in digits after tel: or sms:, without spaces."))


def with_plain_line_endings(value: str) -> str:
    """`value` with every kind of line ending (CRLF from browsers, Word's vertical tab) as one line feed."""
    return LINE_ENDINGS.sub("\n", value)


def refuse_line_breaks(value: str) -> None:
    """Raise ValidationError where a one-line text holds a line feed, a tab or a mark that turns what follows it."""
    if NOT_IN_A_LINE.search(value):
        raise ValidationError(
            _("Write this on one line, without tabs or marks that change the writing direction."), code="line_break"
        )


def id_in(text: str) -> int | None:
    """The id that `text` is, as in an address; None for what no row can have: words, or more than nine digits."""
    return int(text) if ID.fullmatch(text) else None


def title_lines(title: str) -> tuple[str, ...]:
    """A title as its lines: what ends with the first colon that white space follows, and what comes after it, if any.

    “Plan 2019:2024” is one line.
    """
    found = TITLE.fullmatch(title.strip())
    return (found[1], found[2]) if found else (title,)


def folded(value: str) -> str:
    """`value` as it is compared and searched: without case, accents or the difference between NFC and NFD."""
    return without_accents(value.casefold())


def without_accents(value: str) -> str:
    """`value` without accents, and with each joined letter, such as ﬁ, as the letters it is made of."""
    if value.isascii():
        return value
    decomposed = unicodedata.normalize("NFKD", value)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


class IntakeMixin(Field):
    """A text field that takes in nothing unprintable, not even past the forms."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return with_plain_line_endings(value) if isinstance(value, str) else value

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(value, str):
            refuse_unprintable(value)
        return super().get_db_prep_save(value, connection)


class LineField(IntakeMixin, CharField):
    """One line of text, at most `max_length` characters (200 unless told)."""

    default_validators = [refuse_unprintable, refuse_line_breaks]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 200, **kwargs})


class PassageField(IntakeMixin, TextField):
    """Paragraphs of text, at most `max_length` characters (20,000 unless told)."""

    default_validators = [refuse_unprintable]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 20_000, **kwargs})
        self.validators.append(MaxLengthValidator(self.max_length or 0))


class AddressField(IntakeMixin, URLField):
    """A web address, http or https only, at most 500 characters."""

    default_validators = [refuse_unprintable, check_web_address]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 500, **kwargs})

    def formfield(self, *args: Any, **kwargs: Any) -> FormField | None:
        return super().formfield(*args, **{"assume_scheme": "https", **kwargs})


class SupportAddressField(LineField):
    """Where a reader finds support: a web page, `mailto:`, or a number by `tel:` or `sms:`, at most 500 characters.

    No other address may lead to a phone.
    """

    default_validators = [*LineField.default_validators, check_support_address]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 500, **kwargs})
