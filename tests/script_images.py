"""Images made for tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image as Picture


def drawn(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    target = io.BytesIO()
    Picture.new(mode, size, (255, 0, 0, 128) if mode == "RGBA" else "red").save(target, kind, **options)
    return target.getvalue()
