"""Photographs are kept as pixels alone."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from leadhub.core.errors import InvalidInput
from leadhub.core.pictures import LONGER_SIDE, SIDE_OF_PREVIEW, draw_anew
from tests.core.pictures import CAMERA, COMMENT, photograph


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_keeps_nothing_of_where_and_with_what_a_picture_was_taken(kind: str) -> None:
    taken = photograph(kind)

    kept = draw_anew(taken)

    assert CAMERA.encode() in taken
    for content in kept:
        assert CAMERA.encode() not in content
        assert COMMENT not in content
        with Image.open(BytesIO(content)) as image:
            assert image.format == "JPEG"
            assert not image.getexif()


def test_turns_a_picture_upright() -> None:
    with Image.open(BytesIO(draw_anew(photograph(size=(300, 200))).content)) as image:
        assert image.size == (200, 300)


def test_keeps_no_more_than_a_screen_shows() -> None:
    kept = draw_anew(photograph(size=(4_000, 3_000)))

    with Image.open(BytesIO(kept.content)) as image, Image.open(BytesIO(kept.preview)) as small:
        assert max(image.size) == LONGER_SIDE
        assert max(small.size) == SIDE_OF_PREVIEW


def test_shows_what_is_transparent_on_white() -> None:
    written = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(written, "PNG")

    with Image.open(BytesIO(draw_anew(written.getvalue()).content)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


def bomb(width: int, height: int) -> bytes:
    """Write a PNG of a few bytes that says it has so many pixels."""

    def part(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", b"") + part(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (photograph()[:400], "damaged"),
        (b"\xff\xd8\xff\xe0 no picture at all", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (bomb(10_000, 10_000), "too_large"),
        (bomb(60_000, 60_000), "too_large"),
    ],
)
def test_refuses_what_only_pretends_to_be_a_picture(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        draw_anew(content)

    assert (refused.value.field, refused.value.code) == ("file", code)
