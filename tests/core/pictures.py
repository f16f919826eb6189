"""Pictures for tests: as a phone takes them, with all that it writes beside the pixels."""

from io import BytesIO

from PIL import Image

# What a phone notes beside a picture, to be looked for in what is kept of it.
CAMERA, COMMENT = "Qzcamera", b"Qzcomment"
_ORIENTATION, _MODEL, _GPS = 0x0112, 0x0110, 0x8825
_LATITUDE_OF, _LATITUDE = 1, 2


def photograph(
    kind: str = "JPEG", size: tuple[int, int] = (300, 200), *, color: str = "red"
) -> bytes:
    """Take a picture lying on its side, with the place where it was taken."""
    image = Image.new("RGB", size, color)
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_MODEL] = 6, CAMERA
    exif.get_ifd(_GPS).update({_LATITUDE_OF: "N", _LATITUDE: (48.0, 8.0, 4.2)})
    written = BytesIO()
    options = {"comment": COMMENT} if kind == "JPEG" else {}
    image.save(written, kind, exif=exif, **options)
    return written.getvalue()
