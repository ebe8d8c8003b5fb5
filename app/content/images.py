"""Images of scripts (size charts): what they really are is read from their bytes, and only the picture itself is kept.

A release is text, so an image stands in it as one line that names its bytes, `image <sha256> <width>x<height> <type>`, at
`scripts_zh/images/<name>`. The bytes are stored once for all releases (`app.store.images`).
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from app.errors import BodyTooLarge, InvalidRequest
from app.later import Later
from app.types import Image

if TYPE_CHECKING:
    import PIL
    from PIL import Image as Picture
    from PIL import ImageOps
else:
    PIL, Picture, ImageOps = Later("PIL"), Later("PIL.Image"), Later("PIL.ImageOps")

FOLDER: Final = "scripts_zh/images/"
ENDINGS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SUFFIXES: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
MAX_BYTES: Final = 5 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000
MAX_SIDE: Final = 2400
"""Pixels of the longer side; what is bigger is made smaller, since chats show no more."""
MAX_NAME: Final = 60

_POINTER: Final = re.compile(r"^image ([0-9a-f]{64}) (\d{1,5})x(\d{1,5}) (image/(?:png|jpeg|webp))\n?$")
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"|?*/\\#%&;{}\u200b-\u200f\u202a-\u202e\u2066-\u2069]')


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An image ready to be kept: its bytes anew, without anything but the picture."""

    data: bytes
    media_type: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Of the cleaned bytes, in hexadecimal; the name an image is kept under."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def ending(self) -> str:
        """The file name ending of what it really is, with the dot."""
        return SUFFIXES[self.media_type]


def is_image(file: str) -> bool:
    """Whether a content file is an image, by its place and ending."""
    return file.startswith(FOLDER) and PurePosixPath(file).suffix.lower() in ENDINGS and file.count("/") == 2


def pointer(sha256: str, width: int, height: int, media_type: str) -> str:
    """What stands for an image in the files of a release."""
    return f"image {sha256} {width}x{height} {media_type}\n"


def read_pointer(file: str, text: str) -> Image:
    """The image that a line stands for. Raises ValueError for what is no such line."""
    found = _POINTER.match(text)
    if found is None:
        raise ValueError("这不是能打开的图片，请用 PNG、JPG 或 WebP")
    sha256, width, height, media_type = found.groups()
    name = file.removeprefix(FOLDER)
    return Image(name, PurePosixPath(name).stem, sha256, int(width), int(height), SUFFIXES[media_type])


def point_to(data: bytes) -> str:
    """The line for image bytes as they are; a line that says nothing for what is no image or too big."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Picture.DecompressionBombWarning)
            with Picture.open(io.BytesIO(data), formats=tuple(TYPES)) as image:
                (width, height), kind = image.size, TYPES[image.format or ""]
    except (PIL.UnidentifiedImageError, Picture.DecompressionBombError, OSError, ValueError, SyntaxError):
        return "broken\n"
    if len(data) > MAX_BYTES or width * height > MAX_PIXELS:
        return "broken\n"
    return pointer(hashlib.sha256(data).hexdigest(), width, height, kind)


def clean_image(data: bytes) -> Cleaned:
    """The picture in `data` encoded anew as PNG or JPEG: no EXIF, no text, no second image, nothing behind its end.

    Raises BodyTooLarge over 5 MB, InvalidRequest for what is not a whole PNG, JPEG or WebP of at most 25 megapixels.
    """
    if len(data) > MAX_BYTES:
        raise BodyTooLarge("图片太大了，一张最多 5 MB，请压缩后再传")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Picture.DecompressionBombWarning)
            return _clean(data)
    except Picture.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (PIL.UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise InvalidRequest("这不是能打开的图片，请传 PNG、JPG 或 WebP") from error


def _clean(data: bytes) -> Cleaned:
    with Picture.open(io.BytesIO(data), formats=tuple(TYPES)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels()
        clear = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
        lossless = image.format == "PNG" or clear
        upright = ImageOps.exif_transpose(image)
        shown = upright.convert("RGBA" if clear else "RGB")
    shown.thumbnail((MAX_SIDE, MAX_SIDE))
    bare = Picture.new(shown.mode, shown.size)
    bare.paste(shown)
    target = io.BytesIO()
    if lossless:
        bare.save(target, "PNG", optimize=True)
    else:
        bare.save(target, "JPEG", quality=88, optimize=True)
    return Cleaned(target.getvalue(), "image/png" if lossless else "image/jpeg", bare.width, bare.height)


def image_name(name: str, ending: str) -> str:
    """A file name people can read, without folders, with the ending the image has."""
    stem = PurePosixPath(_UNSAFE.sub("", name.replace("\\", "/").rpartition("/")[2])).stem
    return f"{stem[:MAX_NAME].strip(' .') or '图片'}{ending}"


def _too_many_pixels() -> InvalidRequest:
    return InvalidRequest("图片的像素太多了，请缩小后再传")
