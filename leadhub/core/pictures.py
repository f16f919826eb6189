"""Photographs as they are kept: drawn anew, so that nothing of what came beside the picture stays.

A phone writes where and when a picture was taken, with which device, and often a second, uncropped
picture into it. What is kept is a JPEG of the pixels alone, turned upright and no larger than a
screen shows; a file that only pretends to be a picture does not survive it.
"""

from io import BytesIO
from typing import NamedTuple

from django.utils.translation import gettext_noop
from PIL import Image, ImageOps, UnidentifiedImageError

from leadhub.core.errors import InvalidInput

# Pixels along the longer side: to be read on a large screen, and in a list.
LONGER_SIDE, SIDE_OF_PREVIEW = 2_048, 320
# What a phone takes at most; a picture that says it has more is meant to fill memory.
MOST_PIXELS = 60_000_000
_QUALITY, _QUALITY_OF_PREVIEW = 82, 70
_KINDS = ("JPEG", "PNG", "WEBP")
# Ours is the only limit: it is looked at in the header, before any pixel is drawn.
Image.MAX_IMAGE_PIXELS = None


class Picture(NamedTuple):
    """A picture and a small one of it, both JPEG without any metadata."""

    content: bytes
    preview: bytes


def draw_anew(content: bytes, *, field: str = "file") -> Picture:
    """Draw a photograph anew: upright, at most 2,048 pixels wide or high, without metadata.

    :raises InvalidInput: if it cannot be read as a picture, or has too many pixels.
    """
    try:
        with Image.open(BytesIO(content), formats=_KINDS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InvalidInput(
                    field=field,
                    message=gettext_noop("The picture has too many pixels: at most 60 million."),
                    code="too_large",
                )
            # A JPEG is decoded at once in a size that suffices, for a fraction of the work.
            image.draft("RGB", (LONGER_SIDE, LONGER_SIDE))
            upright = _plain(ImageOps.exif_transpose(image))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise InvalidInput(
            field=field,
            message=gettext_noop("This picture is damaged; take or choose another."),
            code="damaged",
        ) from None
    return Picture(
        content=_written(upright, LONGER_SIDE, _QUALITY),
        preview=_written(upright, SIDE_OF_PREVIEW, _QUALITY_OF_PREVIEW),
    )


def _plain(image: Image.Image) -> Image.Image:
    """Take the pixels alone, on white where they are transparent."""
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        under = Image.new("RGB", seen.size, "white")
        under.paste(seen, mask=seen.getchannel("A"))
        return under
    return image.convert("RGB")


def _written(image: Image.Image, side: int, quality: int) -> bytes:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    # What a file carries besides its pixels goes along with a copy, and would be written.
    small.info = {}
    written = BytesIO()
    small.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()
