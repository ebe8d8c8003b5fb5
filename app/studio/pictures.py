"""Images of scripts in the studio: uploaded into the draft, listed, shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.background import Repeating
from app.content.entries import Ref
from app.content.images import Cleaned, clean_image, image_name, pointer, read_pointer
from app.errors import InvalidRequest, NotFound
from app.store import audit
from app.store import images as rows
from app.store.database import Database
from app.studio.drafts import Drafts, Snapshot
from app.types import Image

KEPT: Final = timedelta(days=30)
_EVERY: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Pictures:
    """The images of the draft. Their bytes are shared by all releases."""

    database: Database
    drafts: Drafts

    def listing(self) -> list[Image]:
        """Every image of the draft, by name."""
        return sorted(_images(self.drafts.snapshot()), key=lambda image: image.file)

    def add(self, data: bytes, name: str, who: str) -> Image:
        """Put an image into the draft; one that is there already, whatever it is called, is given back.

        Raises BodyTooLarge, InvalidRequest for what is no image.
        """
        cleaned = clean_image(data)
        with self.database.write() as session:
            if rows.count(session) >= rows.MAX_IMAGES:
                raise InvalidRequest(f"图片最多 {rows.MAX_IMAGES} 张，先用已有的")
            rows.add(session, cleaned.data, cleaned.media_type, cleaned.width, cleaned.height)
        snapshot = self.drafts.snapshot()
        known = next((image for image in _images(snapshot) if image.sha256 == cleaned.sha256), None)
        if known is not None:
            return known
        ref = _free(snapshot, cleaned, name)
        line = pointer(cleaned.sha256, cleaned.width, cleaned.height, cleaned.media_type)
        self.drafts.put(ref, line, base="", who=who)
        return read_pointer(ref.id, line)

    def bytes_of(self, sha256: str) -> tuple[str, bytes]:
        """(media type, bytes). Raises NotFound."""
        with self.database.read() as session:
            found = rows.find(session, sha256)
        if found is None:
            raise NotFound("没有这张图片")
        return found


class Tidying:
    """Forgets images that nothing shows and nothing can bring back, `KEPT` after they were last put in; looks once an hour."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._repeating = Repeating("images", _EVERY, self.forget)

    def start(self) -> None:
        """Begin forgetting images that nothing shows, in the background."""
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def forget(self) -> int:
        """One round; returns how many images went. Raises StoreUnavailable."""
        before = datetime.now(UTC) - KEPT
        with self._database.read() as session:
            found = rows.unused(session, before)
        if not found:
            return 0
        with self._database.write() as session:
            count = rows.remove(session, found, before)
            if count:
                audit.record(session, "系统", "images.forgotten", count=count)
        return count


def image_json(image: Image) -> dict[str, Any]:
    """As the API answers it (`StudioImageOut`)."""
    return {
        "file": image.file,
        "url": image.url,
        "alt": image.alt,
        "width": image.width,
        "height": image.height,
    }


def _images(snapshot: Snapshot) -> list[Image]:
    found: list[Image] = []
    for entry in snapshot.now:
        if entry.ref.kind == "image":
            try:
                found.append(read_pointer(entry.ref.id, entry.data))
            except ValueError:
                continue
    return found


def _free(snapshot: Snapshot, cleaned: Cleaned, name: str) -> Ref:
    """A name that no other image of the draft has."""
    wanted = image_name(name, cleaned.ending)
    stem, number = wanted.removesuffix(cleaned.ending), 1
    while snapshot.now.find(Ref("image", wanted)) is not None:
        number += 1
        wanted = f"{stem}-{number}{cleaned.ending}"
    return Ref("image", wanted)
