"""Where commands take their content from: a folder, the working directory, the packaged copy, or a data folder."""

from __future__ import annotations

from pathlib import Path

from app.content.load import Files, load, read_folder
from app.content.model import Content
from app.content.packs import restrict
from app.errors import ContentInvalid, UsageError
from app.nlu.cache import model_for
from app.nlu.engine import Engine

PACKAGED = Path(__file__).parent / "_content"


def content_folder(given: Path | None) -> Path:
    """`given`, else the working directory if it holds content, else the copy in the package.

    Raises UsageError when there is none.
    """
    for folder in (given,) if given is not None else (Path.cwd(), PACKAGED, Path(__file__).parent.parent):
        if (folder / "intents").is_dir() and (folder / "scripts_zh").is_dir():
            return folder
    raise UsageError(f"{given or '这里'}没有内容：要有 intents 和 scripts_zh 两个文件夹")


def valid_content(files: Files) -> Content:
    """Raises ContentInvalid naming the first problems when the files have errors."""
    loaded = load(files)
    if loaded.content is None:
        shown = "；".join(str(problem) for problem in loaded.errors[:5])
        raise ContentInvalid(f"内容有 {len(loaded.errors)} 处错误，先用 huashu check 查看。{shown}")
    return loaded.content


def open_content(folder: Path | None, packs: str) -> tuple[Content, bytes]:
    """The content of the enabled packs and its model, from files alone."""
    content = valid_content(read_folder(content_folder(folder)))
    return restrict(content, packs.split(",")), model_for(content)


def engine_for(source: tuple[Content, bytes]) -> Engine:
    return Engine(*source)
