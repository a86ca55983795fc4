"""The intake of pictures: of a file nothing is kept but what can be seen, and what is no logo is refused."""

import io
import re
import struct
import zlib
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from recommendations.text import pictures
from recommendations.text.pictures import taken_in

CANARY = b"canary-49.28N-123.12W"
RED, GREEN, CLEAR = (255, 0, 0, 255), (0, 128, 0, 255), (255, 255, 255, 0)


def drawing(mode="RGBA", size=(120, 60), colour=RED, ground=CLEAR):
    """A bar across the middle, from edge to edge, on a ground."""
    picture = Image.new("RGBA", size, ground)
    ImageDraw.Draw(picture).rectangle((0, size[1] // 4, size[0], size[1] * 3 // 4), fill=colour)
    return picture.convert(mode)


def file_of(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(picture):
    image = Image.open(io.BytesIO(picture.content))
    image.load()
    return image


def refusal(content):
    with pytest.raises(ValidationError) as caught:
        taken_in(content)
    return caught.value.messages[0]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def chunks(png):
    """The chunks of a PNG by kind, in order."""
    position, found = 8, []
    while position < len(png):
        length = struct.unpack(">I", png[position : position + 4])[0]
        found.append((png[position + 4 : position + 8], png[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def markers(jpeg):
    """The markers of a JPEG up to its picture, in order."""
    position, found = 2, []
    while jpeg[position + 1] != 0xDA:
        found.append(jpeg[position + 1])
        position += 2 + struct.unpack(">H", jpeg[position + 2 : position + 4])[0]
    return found


def exif(orientation=1):
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = CANARY.decode()
    data[0x9286] = CANARY.decode()
    data.get_ifd(0x8825)[29] = CANARY.decode()
    return data


def profile(*, is_swapped=False):
    """An sRGB profile that carries a canary; swapped, its red is green."""
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if is_swapped:
        content = content.replace(b"rXYZ", b"xXYZ").replace(b"gXYZ", b"rXYZ").replace(b"xXYZ", b"gXYZ")
    return content.replace(b"sRGB built-in", CANARY[:13]) if b"sRGB built-in" in content else content + CANARY


@pytest.mark.parametrize("colours", [{}, {"icc_profile": profile()}])
def test_nothing_but_the_picture_is_kept_of_a_png(colours):
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", CANARY.decode())
    text.add_text("Comment", CANARY.decode(), zip=True)
    text.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY.decode()}</x>")
    picture = drawing()
    # Letters that nobody sees, in what is wholly transparent.
    for position, letter in enumerate(CANARY):
        picture.putpixel((position, 30), (letter, letter, letter, 0))
    sent = file_of(picture, pnginfo=text, exif=exif(), **colours)
    sent = sent.replace(chunk(b"IEND", b""), chunk(b"prVt", CANARY) + chunk(b"IEND", b"")) + CANARY

    stored = taken_in(sent)

    assert [kind for kind, _ in chunks(stored.content) if kind != b"IDAT"] == [b"IHDR", b"IEND"]
    assert stored.content.endswith(chunk(b"IEND", b""))
    assert CANARY not in stored.content
    assert CANARY not in zlib.decompress(b"".join(data for kind, data in chunks(stored.content) if kind == b"IDAT"))
    assert opened(stored).info == {}
    assert {pixel[:3] for pixel in opened(stored).get_flattened_data() if not pixel[3]} <= {(255, 255, 255)}


@pytest.mark.parametrize("colours", [{}, {"icc_profile": profile()}])
def test_nothing_but_the_picture_is_kept_of_a_jpeg(colours):
    thumbnail = file_of(Image.new("RGB", (16, 16), "white"), "JPEG", comment=CANARY)
    sent = file_of(drawing("RGB"), "JPEG", exif=exif(), comment=CANARY, xmp=b"<x>" + CANARY + b"</x>", **colours)
    iptc = b"Photoshop 3.0\x00" + CANARY + thumbnail
    sent = sent[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + sent[2:] + CANARY

    stored = taken_in(sent)

    # JFIF's own head, tables, the frame, and nothing else.
    assert set(markers(stored.content)) <= {0xE0, 0xDB, 0xC0, 0xC4}
    assert stored.content.endswith(b"\xff\xd9")
    assert CANARY not in stored.content
    assert set(opened(stored).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_canaries_were_there():
    sent = file_of(drawing("RGB"), "JPEG", exif=exif(), icc_profile=profile(), comment=CANARY)

    assert sent.count(CANARY[:13]) >= 4


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_same_file_gives_the_same_bytes(kind):
    sent = file_of(drawing("RGB"), kind)

    assert taken_in(sent) == taken_in(sent)
    assert taken_in(sent).sha256 == sha256(taken_in(sent).content).hexdigest()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_is_taken_in(mode):
    picture = drawing(mode, colour=(0, 0, 0, 255))

    stored = taken_in(file_of(picture))

    image = opened(stored).convert("RGBA")
    assert stored.content_type == "image/png"
    assert image.getpixel((60, image.height // 2)) == (0, 0, 0, 255)


def test_a_palette_keeps_its_transparency():
    picture = drawing("RGB", ground=(0, 0, 255, 255)).quantize(2)
    blue = picture.getpixel((0, 0))

    stored = taken_in(file_of(picture, transparency=blue))

    # Cut to what is drawn: the transparent edges are gone.
    assert (stored.width, stored.height) == (120, 31)
    assert opened(stored).convert("RGB").getpixel((60, 15))[0] > 240


def test_sixteen_bits_become_eight():
    picture = Image.new("I;16", (40, 20), 0x8040)

    stored = taken_in(file_of(picture))

    assert opened(stored).convert("L").getpixel((5, 5)) == 0x80


def test_a_picture_is_stored_upright():
    picture = Image.new("RGB", (60, 20), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 9, 19), fill="black")

    stored = taken_in(file_of(picture, "JPEG", exif=exif(orientation=6), quality=95))

    assert (stored.width, stored.height) == (20, 60)
    assert opened(stored).getpixel((10, 3))[0] < 30


def test_colours_are_those_that_the_profile_says():
    picture = Image.new("RGB", (40, 20), (255, 0, 0))

    red, green, _blue = opened(taken_in(file_of(picture, icc_profile=profile(is_swapped=True)))).getpixel((5, 5))

    assert green > red


def test_a_profile_that_cannot_be_read_is_passed_over():
    picture = Image.new("RGB", (40, 20), (255, 0, 0))

    assert opened(taken_in(file_of(picture, icc_profile=b"nothing"))).getpixel((5, 5)) == (255, 0, 0)


def test_transparent_margins_go_and_what_is_opaque_has_no_transparency():
    picture = Image.new("RGBA", (300, 300), CLEAR)
    ImageDraw.Draw(picture).rectangle((100, 140, 199, 159), fill=RED)

    stored = taken_in(file_of(picture))

    assert (stored.width, stored.height) == (100, 20)
    assert opened(taken_in(file_of(drawing(ground=GREEN)))).mode == "RGB"


@pytest.mark.parametrize(("size", "kept"), [((3000, 300), (800, 80)), ((200, 2000), (80, 800)), ((40, 20), (40, 20))])
def test_a_picture_is_scaled_down_and_never_up(size, kept):
    stored = taken_in(file_of(drawing(size=size, ground=GREEN)))

    assert (stored.width, stored.height) == kept


def test_a_heavy_picture_becomes_light():
    noise = Image.effect_noise((600, 600), 90)
    opaque = taken_in(file_of(Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)])))
    mask = Image.new("L", noise.size, 0)
    ImageDraw.Draw(mask).ellipse((50, 50, 550, 550), fill=255)
    ink = noise.point(lambda value: value // 2)
    clear = taken_in(file_of(Image.merge("RGBA", [ink, ink.rotate(90), ink.rotate(180), mask])))

    assert opaque.content_type == "image/jpeg"
    assert (clear.content_type, opened(clear).has_transparency_data) == ("image/png", True)
    # Noise can't be made lighter; it is bounded all the same.
    assert (max(opaque.width, opaque.height), max(clear.width, clear.height)) == (400, 400)
    assert max(len(opaque.content), len(clear.content)) < 250_000


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_drawing_with_soft_edges_stays_a_sharp_png(mode):
    picture = Image.new("RGB", (800, 400), "white")
    pen = ImageDraw.Draw(picture)
    for step in range(0, 800, 4):
        pen.line((step, 0, 799 - step, 399), fill=(step // 4, 20, 90))
    picture = picture.resize((799, 399), Image.Resampling.LANCZOS).quantize(200).convert("RGB")
    if mode == "RGBA":
        picture.putalpha(picture.convert("L").point(lambda value: 255 - value // 2))

    stored = taken_in(file_of(picture))

    assert stored.content_type == "image/png"
    assert len(stored.content) < 60_000


def moving():
    frames = [drawing(colour=RED), drawing(colour=GREEN)]
    return file_of(frames[0], save_all=True, append_images=frames[1:])


def bomb(side=30_000):
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def text_bomb():
    png = file_of(drawing())
    packed = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 100_000_000, 9))
    return png.replace(chunk(b"IEND", b""), packed + chunk(b"IEND", b""))


REFUSED = {
    "too large": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * pictures.MAX_BYTES, "larger than 2 MB"),
    "a GIF called PNG": (lambda: file_of(drawing("P"), "GIF"), "neither a PNG nor a JPEG"),
    "SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "neither a PNG nor a JPEG"),
    "WebP": (lambda: file_of(drawing(), "WEBP"), "neither a PNG nor a JPEG"),
    "a PDF": (lambda: b"%PDF-1.7", "neither a PNG nor a JPEG"),
    "nothing": (lambda: b"", "neither a PNG nor a JPEG"),
    "a bomb": (bomb, "at most 4000 pixels"),
    "a smaller bomb": (lambda: bomb(10_000), "at most 4000 pixels"),
    "too wide": (lambda: file_of(Image.new("1", (4001, 2))), "at most 4000 pixels"),
    "a bomb of text": (text_bomb, "damaged or incomplete"),
    "a truncated PNG": (lambda: file_of(drawing())[:-60], "damaged or incomplete"),
    "a truncated JPEG": (lambda: file_of(drawing("RGB", (400, 400)), "JPEG")[:-300], "damaged or incomplete"),
    "a PNG's head": (lambda: file_of(drawing())[:40], "damaged or incomplete|neither a PNG"),
    "a PNG that moves": (moving, "animated"),
    "CMYK": (lambda: file_of(drawing("RGB").convert("CMYK"), "JPEG"), "made for printing"),
    "nothing to see": (lambda: file_of(Image.new("RGBA", (40, 20), CLEAR)), "nothing to see"),
    "white ink": (lambda: file_of(drawing(colour=(255, 255, 255, 255))), "white on a transparent background"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_logo_is_refused_in_a_sentence(case):
    make, words = REFUSED[case]

    assert re.search(words, refusal(make()))


def test_a_decoder_that_fails_is_a_damaged_picture(monkeypatch):
    monkeypatch.setattr(pictures, "_upright_in_srgb", lambda opened: 1 / 0)

    assert "damaged" in refusal(file_of(drawing()))
