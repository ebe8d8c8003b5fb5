"""Evidence photos: what they really are is read from their bytes, never from their name."""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import TYPE_CHECKING, Final

from app.cases.fields import clean
from app.errors import BodyTooLarge, InvalidRequest
from app.later import Later
from app.store.cases import NewPhoto

if TYPE_CHECKING:
    import PIL
    from PIL import Image
else:
    PIL, Image = Later("PIL"), Later("PIL.Image")

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
THUMBNAIL: Final = (320, 320)
TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
_GPS: Final = 0x8825
_HEIC: Final = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")


def read_photo(data: bytes, name: str) -> NewPhoto:
    """A photo checked and ready to be stored, its bytes untouched: they are evidence.

    Raises BodyTooLarge over 5 MB, InvalidRequest for what is not a whole PNG, JPEG, WebP or GIF of at most 50 megapixels.
    """
    if len(data) > MAX_BYTES:
        raise BodyTooLarge("照片太大了，一张最多 5 MB，请压缩后再传")
    if not data:
        raise InvalidRequest("这个文件是空的，请重新选一张照片")
    if data[4:12] in _HEIC:
        raise InvalidRequest(
            "HEIC 是苹果手机的格式，这里打不开。请顾客用微信发来（会变成 JPG），或者在电脑上打开后另存为 JPG 再传"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _read(data, name)
    except (PIL.UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise InvalidRequest("这不是能打开的照片，请传 JPG、PNG、WebP 或 GIF") from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error


def _read(data: bytes, name: str) -> NewPhoto:
    with Image.open(io.BytesIO(data), formats=tuple(TYPES)) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise _too_many_pixels()
        media_type = TYPES[image.format or ""]
        has_location = bool(image.getexif().get_ifd(_GPS))
        image.draft("RGB", THUMBNAIL)
        small = image.convert("RGB")
        small.thumbnail(THUMBNAIL)
        target = io.BytesIO()
        small.save(target, "JPEG", quality=80)
    return NewPhoto(
        name=photo_name(name, media_type),
        media_type=media_type,
        width=width,
        height=height,
        sha256=hashlib.sha256(data).hexdigest(),
        has_location=has_location,
        data=data,
        thumbnail=target.getvalue(),
    )


def photo_name(name: str, media_type: str) -> str:
    """A name without folders and without a misleading ending."""
    base = clean(name).replace("\\", "/").rpartition("/")[2].rpartition(".")
    stem = "".join(letter for letter in (base[0] or base[2]) if letter not in '<>:"|?*\n\t')[:80].strip(". ")
    return f"{stem or '照片'}.{ENDINGS[media_type]}"


def _too_many_pixels() -> InvalidRequest:
    return InvalidRequest("照片的像素太多了，请缩小后再传")
