"""Content folders on disk: finding the one to read, and writing a release back into one."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final

from app.content.images import is_image
from app.content.load import Problem, read_folder
from app.errors import UsageError

FOLDERS: Final = ("intents", "scripts_zh")
_FIXED: Final = frozenset(
    {
        "intents/_groups.yaml",
        "intents/_words.yaml",
        "intents/_concepts.yaml",
        "intents/_emotion.yaml",
        "scripts_zh/shop.yaml",
        "scripts_zh/clocks.yaml",
        "scripts_zh/lexicon.txt",
    }
)
_FRESH: Final = ".huashu-export"
"""Where an export is written before it is moved into place; there only while one goes on, or after one was killed."""
_NEW: Final = ".new"
UNFINISHED: Final = f"tmp*{_NEW}"
"""What `put_file` leaves behind when it is killed."""
_PACKAGE: Final = Path(__file__).parent.parent


def content_folder(given: Path | None = None) -> Path:
    """Where content files are read from: `given`, else the working directory, else the copy in the package.

    Raises UsageError when `given` holds no content or there is none anywhere.
    """
    if given is not None:
        if not _holds_content(given):
            raise UsageError(f"{given} 里没有 intents/ 和 scripts_zh/ 两个文件夹")
        return given
    for folder in (Path.cwd(), _PACKAGE / "_content", _PACKAGE.parent):
        if _holds_content(folder):
            return folder
    raise UsageError("找不到话术内容，请用 --content 指出 intents/ 和 scripts_zh/ 所在的文件夹")


def unexpected(folder: Path) -> list[Problem]:
    """What looks like content in the content folders but is not read as such, because of its name, place or kind."""
    problems: list[Problem] = []
    if (folder / _FRESH).exists():
        problems.append(Problem(_FRESH, 0, "导出到这里时断了，新旧内容可能混着：请再导出一次"))
    for top in FOLDERS:
        for path in sorted((folder / top).rglob("*")):
            name = path.relative_to(folder).as_posix()
            complaint = "" if path.name.startswith(".") else _complaint(path, name)
            if complaint:
                problems.append(Problem(name, 0, complaint))
    return problems


def _complaint(path: Path, name: str) -> str:
    if is_image(name):
        return ""
    if path.suffix.lower() not in (".yaml", ".yml") and name.lower() not in _FIXED:
        return "" if path.is_file() or path.is_dir() else "不是普通文件，请移走"
    if not path.is_file():
        return "不是普通文件，读不了"
    if path.suffix not in (".yaml", ".txt"):
        return "文件名要以小写的 .yaml 结尾，否则不会被读到"
    if name in _FIXED or _is_place(PurePosixPath(name).parts):
        return ""
    return "放错了地方，不会被读到：意图放在 intents/包/，话术放在 scripts_zh/包/，卡片、规则、证据单放在其中的 cards/、rules/、evidence/"


def _is_place(parts: tuple[str, ...]) -> bool:
    return len(parts) == 3 or (
        len(parts) == 4 and parts[0] == "scripts_zh" and parts[2] in ("cards", "rules", "evidence")
    )


def put_file(target: Path, data: bytes) -> None:
    """Put `data` into a file, in place of what it held, whole or not at all. Raises OSError and leaves nothing half-written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=_NEW, delete=False) as file:
        new = Path(file.name)
    try:
        new.write_bytes(data)
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def write_folder(
    target: Path, files: dict[str, str], images: Mapping[str, bytes] = MappingProxyType({})
) -> bool:
    """Make the content files below `target` exactly `files`; other files stay. False when they were so already.

    images: the bytes of those that are images.

    Everything is written into a folder of its own first, where a full disk harms nothing, then moved file by file. Raises UsageError.
    """
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} 不是文件夹")
    try:
        if target.is_dir() and read_folder(target) == files:
            shutil.rmtree(target / _FRESH, ignore_errors=True)
            return False
        target.mkdir(parents=True, exist_ok=True)
        _move_in(target, files, images)
    except OSError as error:
        raise UsageError(f"写不了 {target}：{error.strerror}") from error
    return True


def _holds_content(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in FOLDERS)


def _move_in(target: Path, files: dict[str, str], images: Mapping[str, bytes]) -> None:
    """One that is killed in the midst leaves whole files, new and old, and `_FRESH`, by which they are known to be mixed."""
    fresh = target / _FRESH
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for path, text in files.items():
            place = fresh / _inside(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(images[path] if path in images else text.encode("utf-8"))
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    gone = read_folder(target).keys() - files.keys()
    for folder in FOLDERS:
        (target / folder).mkdir(exist_ok=True)
    for path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (fresh / path).replace(target / path)
    for path in gone:
        (target / path).unlink()
        with contextlib.suppress(OSError):
            (target / path).parent.rmdir()
    shutil.rmtree(fresh, ignore_errors=True)


def _inside(path: str) -> PurePosixPath:
    pure = PurePosixPath(path)
    if "\\" in path or ".." in pure.parts or "".join(pure.parts[:1]) not in FOLDERS:
        raise UsageError(f"版本里有不该有的文件：{path}")
    return pure
