"""Style sheets that are made of parts: in production, what a page asks for is one file with its parts inside, without
their comments and indents, which are a quarter of it on the wire.

In development browsers follow the imports themselves. An import names a file, its layer and its media, in that order.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

FOLDER = "css"
PATTERN = re.compile(
    r"""@import\ url\(["']?(?P<part>[^"')]+)["']?\)(?:\ layer\((?P<layer>[\w-]+)\))?(?P<media>[^;]*);\n?"""
    r"""|url\(["']?(?!data:)(?P<file>[^"')]+)["']?\)""",
    re.VERBOSE,
)
FOR_AUTHORS = re.compile(r"/\*.*?\*/\s*|(?<=\n)\s+", re.DOTALL)


def whole(name: str, read: Callable[[str], str], *, within: str = "") -> str:
    """The style sheet `name` with all that it imports in its place, each in its layer; `read` gives the text of a file.

    Names are paths under the static files. `within` is the sheet that the text will be a part of: addresses of files
    are made relative to it.
    """
    folder, target = posixpath.dirname(name), within or name

    def replaced(found: re.Match[str]) -> str:
        if found["file"]:
            path = posixpath.join(folder, found["file"])
            return f'url("{posixpath.relpath(path, posixpath.dirname(target))}")'
        text = whole(posixpath.normpath(posixpath.join(folder, found["part"])), read, within=target)
        if media := found["media"].strip():
            text = f"@media {media} {{\n{text}}}\n"
        return f"@layer {found['layer']} {{\n{text}}}\n" if found["layer"] else text

    return PATTERN.sub(replaced, FOR_AUTHORS.sub("", read(name)))


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # WhiteNoise ships no types
    """WhiteNoise's storage, with the parts of our style sheets inside those that pages ask for."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode("utf-8"))

        sheets = [name for name in paths if posixpath.dirname(name) == FOLDER and name.endswith(".css")]
        if not dry_run:
            for name, text in [(name, whole(name, read)) for name in sheets]:
                self.delete(name)
                self.save(name, ContentFile(text.encode()))
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)
