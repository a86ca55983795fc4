"""Pages of PDFs as pictures, beside those that somebody looked at and approved.

Small and grey, with a tolerance: another version of a library may draw an edge a little differently.
"""

import os
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

FOLDER = Path(__file__).parent / "pictures"
DPI = 40
# Grey levels of 255 after a blur, and the share of a page's points that may differ by more.
LEVELS, SHARE = 40, 0.002


def pictures_of(content):
    """The pages of a PDF as pictures."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=DPI / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def difference(one, other):
    """The share of points that differ visibly between two pictures of the same size."""
    blurred = (picture.filter(ImageFilter.GaussianBlur(1)) for picture in (one, other))
    points = ImageChops.difference(*blurred).histogram()
    return sum(points[LEVELS:]) / (one.width * one.height)


def assert_looks_as_approved(now, name, folder):
    """Compare the picture `now` with the approved one of that name, and leave it in `folder` to be looked at."""
    path = FOLDER / name
    if os.environ.get("APPROVE_PICTURES"):
        now.quantize(16).save(path, optimize=True)
        return
    approved = Image.open(path).convert("L")
    file = folder / name
    now.save(file)
    assert now.size == approved.size
    assert difference(now, approved) <= SHARE, f"Look at {file}. If it is as it should be: script/pictures"


def half_empty(pictures):
    """The numbers of the pages, but of the last one, whose lower half is empty, between its head and its foot."""
    top, bottom = 66 * DPI // 72, 732 * DPI // 72
    lower_halves = [picture.crop((0, (top + bottom) // 2, picture.width, bottom)) for picture in pictures[:-1]]
    return [number for number, half in enumerate(lower_halves, start=1) if half.getextrema()[0] > 235]
