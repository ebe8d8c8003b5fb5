"""Releases: making, publishing and exporting them, and serving the newest one.

A release is stored whole or not at all. `Live` keeps the newest in memory and swaps it when a newer one appears.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from app.background import Repeating
from app.content import prepared
from app.content.folder import content_folder, write_folder
from app.content.images import FOLDER, clean_image, is_image, pointer, read_pointer
from app.content.load import Loaded, load, read_bytes, read_folder
from app.content.model import Content
from app.errors import AppError, Conflict, ContentInvalid, NotFound, NotReady, StoreUnavailable, UsageError
from app.heap import undisturbed
from app.models import learnt, model_of
from app.store import audit, images, models
from app.store import releases as rows
from app.store.database import Database, Transaction
from app.store.releases import Release
from app.training import Trainer, train_outside

_log = logging.getLogger(__name__)

_ATTEMPTS: Final = 20
_SYSTEM: Final = "系统"


class _Moved(Exception):
    """The newest release is another one than the files were made from."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing or exporting did; `changed` is False when there was nothing to do."""

    number: int
    digest: str
    changed: bool


@dataclass(frozen=True, slots=True)
class LoadedRelease:
    """A release as it was read from the database. model: as `train` made it, for Engine."""

    number: int
    digest: str
    content: Content
    model: bytes


def publish(
    database: Database,
    files: dict[str, str],
    *,
    author: str,
    note: str = "",
    trainer: Trainer = train_outside,
    upon: int | None = None,
    cache: Path | None = None,
) -> Published:
    """Make `files` the newest release, unless they say what the newest release says.

    upon: the release they were made from, 0 for none. cache: see `newest`; a service with the same folder need not read the YAML
    again. Raises ContentInvalid with every problem, StoreUnavailable, Conflict when `upon` is not the newest any more.
    """
    loaded = load(files)
    content = _valid(loaded)
    _check_images(database, content)
    if cache is not None:
        prepared.write(cache, loaded, files)
    del loaded
    for _ in range(_ATTEMPTS):
        learnt(database, content, trainer)
        try:
            return _store(database, content, files, author=author, note=note, upon=upon)
        except _Moved as moved:
            raise Conflict("刚刚有人发布了新的一版，请重新检查再发布") from moved
        except Conflict:
            continue
    raise Conflict("同时发布的人太多，请稍后再试")


def republish(
    database: Database,
    number: int,
    *,
    author: str,
    trainer: Trainer = train_outside,
    cache: Path | None = None,
) -> Published:
    """Roll back: publish what release `number` said as the newest release. Its examples are learnt again if the model
    was forgotten. Raises NotFound and what `publish` does."""
    with database.read() as session:
        if rows.find(session, number) is None:
            raise NotFound(f"没有第 {number} 版")
        files = rows.files(session, number)
    return publish(database, files, author=author, note=f"回到第 {number} 版", trainer=trainer, cache=cache)


def keep_images(database: Database, folder: Path, files: dict[str, str]) -> dict[str, str]:
    """Store the images that lie in a content folder; returns the files with what was kept of each in its place.

    What is stored already is left as it is, so that publishing an export changes nothing. Raises ContentInvalid for what is no
    image, UsageError for what cannot be read.
    """
    kept = dict(files)
    for file in filter(is_image, files):
        data = read_bytes(folder / file)
        with database.write() as session:
            known = images.touch(session, [hashlib.sha256(data).hexdigest()])
        if known:
            continue
        try:
            cleaned = clean_image(data)
        except AppError as error:
            raise ContentInvalid(
                f"{file}：{error.detail}，没有发布", problems=[(file, 0, error.detail)]
            ) from error
        with database.write() as session:
            images.add(session, cleaned.data, cleaned.media_type, cleaned.width, cleaned.height)
        kept[file] = pointer(cleaned.sha256, cleaned.width, cleaned.height, cleaned.media_type)
    return kept


def is_empty(database: Database) -> bool:
    """Whether nothing was ever published."""
    with database.read() as session:
        return rows.newest_number(session) is None


def seed(
    database: Database,
    folder: Path | None = None,
    trainer: Trainer = train_outside,
    cache: Path | None = None,
) -> Published | None:
    """Store release 1 from `folder` (by default: see `content_folder`) if there is no release yet, else None.

    cache: see `publish`; the first start then reads the YAML once.
    """
    if not is_empty(database):
        return None
    source = content_folder(folder)
    files = keep_images(database, source, read_folder(source))
    try:
        return publish(database, files, author=_SYSTEM, note="初始内容", trainer=trainer, upon=0, cache=cache)
    except Conflict:
        if is_empty(database):
            raise
        return None  # another process was first


def newest(database: Database, trainer: Trainer = train_outside, cache: Path | None = None) -> LoadedRelease:
    """The newest release, ready for an engine.

    cache: a folder for content that is quick to read; with one the release is as a service needs it, see `prepared.served`.
    Raises NotReady when there is none, ContentInvalid, StoreUnavailable.
    """
    with database.read() as session:
        release = _newest(session)
    return _ready(database, release, trainer, cache)


def _ready(database: Database, release: Release, trainer: Trainer, cache: Path | None) -> LoadedRelease:
    content = prepared.read(cache, release.digest) if cache is not None else None
    model = model_of(database, content.nlu_digest) if content is not None else None
    if content is None or model is None:
        with database.read() as session:
            files = rows.files(session, release.number)
        loaded = load(files)
        content = _valid(loaded)
        model = learnt(database, content, trainer)
        if content.nlu_digest != release.nlu_digest:
            with database.write() as session:
                rows.name_model(session, release.number, content.nlu_digest)
        if cache is not None:
            prepared.write(cache, loaded, files)
            content = prepared.served(content)
    return LoadedRelease(release.number, release.digest, content, model)


def newest_files(database: Database) -> dict[str, str]:
    """The content files of the newest release. Raises NotReady when there is none."""
    with database.read() as session:
        return rows.files(session, _newest(session).number)


def export(database: Database, target: Path) -> Published:
    """Write the newest release's files to `target/intents` and `target/scripts_zh`, leaving other files there alone.

    Raises UsageError when the target cannot be written, NotReady when there is no release.
    """
    pictures: dict[str, bytes] = {}
    with database.read() as session:
        release = _newest(session)
        files = rows.files(session, release.number)
        for file in filter(is_image, files):
            found = images.find(session, read_pointer(file, files[file]).sha256)
            if found is not None:
                pictures[file] = found[1]
    return Published(release.number, release.digest, write_folder(target, files, pictures))


def _newest(session: Transaction) -> Release:
    release = rows.newest(session)
    if release is None:
        raise NotReady("还没有发布过内容")
    return release


def _check_images(database: Database, content: Content) -> None:
    """Every image that the files name is stored."""
    named = {image.sha256: image.file for image in content.images.values()}
    with database.read() as session:
        missing = [named[one] for one in named.keys() - images.known(session, named)]
    if missing:
        text = f"图片没有传上来：{'、'.join(sorted(missing))}"
        raise ContentInvalid(text, problems=[(FOLDER + name, 0, "图片没有传上来") for name in missing])


def _valid(loaded: Loaded) -> Content:
    if loaded.content is None:
        problems = [(problem.file, problem.line, problem.text) for problem in loaded.errors]
        lines = "\n".join(str(problem) for problem in loaded.errors)
        raise ContentInvalid(f"内容有 {len(problems)} 处错误，没有发布：\n{lines}", problems=problems)
    return loaded.content


def _store(
    database: Database,
    content: Content,
    files: dict[str, str],
    *,
    author: str,
    note: str,
    upon: int | None,
) -> Published:
    with database.write() as session:
        before = rows.newest(session)
        if upon is not None and before is not None and before.number != upon:
            raise _Moved
        if before is not None and before.digest == content.digest:
            return Published(before.number, before.digest, changed=False)
        if not models.hold(session, content.nlu_digest):
            raise Conflict("存着的模型刚刚清掉了，请再试一次")
        release = rows.add(
            session,
            digest=content.digest,
            nlu_digest=content.nlu_digest,
            note=note,
            author=author,
            files=files,
        )
        audit.record(session, author, "release.published", number=release.number, note=note)
    return Published(release.number, release.digest, changed=True)


Served = TypeVar("Served")


class Live(Generic[Served]):
    """The release being served. Reading `current` never waits; a thread looks for newer releases.

    build: makes what is served from a release. cache: see `newest`. A release that cannot be built is logged and passed
    over; while the database is away the last one stays.
    """

    def __init__(
        self,
        database: Database,
        build: Callable[[LoadedRelease], Served],
        *,
        trainer: Trainer = train_outside,
        every: float = 0.25,
        cache: Path | None = None,
    ) -> None:
        self._database = database
        self._build = build
        self._trainer = trainer
        self._cache = cache
        self._current: tuple[int, Served] | None = None
        self._refused: int | None = None
        self._database_away = False
        self._repeating = Repeating("live", every, self.refresh)

    @property
    def current(self) -> Served | None:
        """What is served now; None before the first release is loaded."""
        return None if self._current is None else self._current[1]

    @property
    def number(self) -> int | None:
        """Its number; None before the first release is loaded."""
        return None if self._current is None else self._current[0]

    def start(self) -> None:
        """Load the newest release that can be built and begin to watch.

        Raises whatever keeps the newest from loading when no older one loads either.
        """
        try:
            self._load()
        except (StoreUnavailable, NotReady, UsageError):
            raise
        except Exception as error:
            if not self._load_older(error):
                raise
        self._repeating.start()

    def stop(self) -> None:
        """Look for newer releases no more; the one that is served stays."""
        self._repeating.stop()

    def refresh(self) -> None:
        """Serve the newest release if it is not the one being served."""
        newest_number: int | None = None
        try:
            with self._database.read() as session:
                newest_number = rows.newest_number(session)
            if newest_number in (None, self.number, self._refused):
                self._note_database(away=False)
                return
            self._load()
            self._note_database(away=False)
        except StoreUnavailable:
            self._note_database(away=True)
        except Exception as error:
            self._refused = newest_number
            _log.error(
                "release %s is refused, keeping %s: %s", newest_number, self.number, type(error).__name__
            )

    def _load(self) -> None:
        release = newest(self._database, self._trainer, self._cache)
        with undisturbed():
            self._current = (release.number, self._build(release))
        _log.info("serving release %s", release.number)

    def _load_older(self, error: Exception) -> bool:
        """Serve the newest release before the newest one, which failed with `error`; False when there is none."""
        with self._database.read() as session:
            refused, *older = rows.latest(session)
        self._refused = refused.number
        _log.error("release %s cannot be served: %s", refused.number, type(error).__name__)
        for release in older:
            try:
                ready = _ready(self._database, release, self._trainer, self._cache)
                self._current = (ready.number, self._build(ready))
            except StoreUnavailable:
                raise
            except Exception as failure:
                _log.error("release %s cannot be served: %s", release.number, type(failure).__name__)
            else:
                _log.warning("serving the older release %s", release.number)
                return True
        return False

    def _note_database(self, *, away: bool) -> None:
        if away != self._database_away:
            _log.warning("database %s", "gone, serving from memory" if away else "is back")
        self._database_away = away
