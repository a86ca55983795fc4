"""What is read from the style sheets: the colours of drawings on paper, and the styles of a self-contained file."""

import re
from base64 import b64encode
from functools import cache

from django.conf import settings

from recommendations.models import Status
from recommendations.models.statuses import status_slug
from tracker.stylesheets import whole

# Enough for the names of First Nations. For the rest the reader's own fonts will do: the file should stay small.
FACES_INSIDE = ("Regular-latin", "Regular-extended", "Bold-latin", "Bold-extended")


def with_files_inside(name: str) -> str:
    """The text of a bundled style sheet with its files as data, without the font faces that aren't in FACES_INSIDE."""
    folder = settings.BASE_DIR / "static" / "css"
    text = whole(f"css/{name}", _bundled)

    def inside(found: re.Match[str]) -> str:
        path = folder / found[1]
        kind = "image/svg+xml" if path.suffix == ".svg" else "font/woff2"
        return f'url("{as_data(kind, path.read_bytes())}")'

    text = re.sub(
        r"@font-face \{.*?\}\n",
        lambda found: found[0] if any(face in found[0] for face in FACES_INSIDE) else "",
        text,
        flags=re.DOTALL,
    )
    return re.sub(r'url\("(\.\./(?:fonts|marks)/[^"]+)"\)', inside, text)


def as_data(kind: str, content: bytes) -> str:
    """`content` as a data address of the media type `kind`."""
    return f"data:{kind};base64,{b64encode(content).decode()}"


@cache
def print_palette() -> dict[str, str]:
    """The colours of statuses on paper, by status, and of the paper and the track of a bar, from the style sheets."""
    tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", _bundled("css/tokens.css").partition("}")[0]))
    statuses = _bundled("css/components/status.css")
    colours = dict(re.findall(r"\.status--([a-z-]+)[^{}]* \{\s*--colour: (#[0-9a-f]{6})", statuses))
    return {
        **{key: colours[status_slug(key)] for key in ("", *Status.values)},
        "paper": tokens["paper"],
        "track": tokens["rule"],
    }


def _bundled(name: str) -> str:
    return (settings.BASE_DIR / "static" / name).read_text(encoding="utf-8")
