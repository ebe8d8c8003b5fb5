"""Where commands take their content and model from: content files, or the newest release of a data folder."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from app.commands.data import announced, open_data
from app.config import Settings
from app.content.folder import content_folder
from app.content.load import Files, load, read_folder
from app.content.model import Content
from app.content.packs import restrict
from app.errors import ContentInvalid
from app.nlu.cache import learn, model_for
from app.nlu.engine import Engine
from app.releases import newest


@dataclass(frozen=True)
class Source:
    """The content of the enabled packs with its model; number: the release, 0 when it comes from files."""

    content: Content
    model: bytes
    number: int = 0

    def engine(self) -> Engine:
        """An engine for this content, with the model learnt from it. Raises ValueError when the model is damaged."""
        return Engine(self.content, self.model)


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """--content, --packs and --data for commands that understand messages."""
    parser.add_argument("--content", type=Path, help="内容文件夹；默认是当前目录，没有就用随程序带的")
    parser.add_argument(
        "--packs", default="common,apparel", help="启用的内容包，用逗号隔开（默认 common,apparel）"
    )
    parser.add_argument("--data", type=Path, help="不读文件，用这个数据文件夹里已发布的内容")


def open_source(options: argparse.Namespace) -> Source:
    """What the options of `add_source_options` ask for. Raises ContentInvalid, UsageError, StoreUnavailable."""
    packs = options.packs.split(",")
    if options.data is not None:
        release = newest(open_data(Settings(data=options.data), options.content))
        return Source(restrict(release.content, packs), release.model, release.number)
    content = valid_content(read_folder(content_folder(options.content)))
    return Source(restrict(content, packs), model_for(content, announced(learn)))


def valid_content(files: Files) -> Content:
    """Raises ContentInvalid naming the first problems when the files have errors."""
    loaded = load(files)
    if loaded.content is None:
        shown = "\n".join(str(problem) for problem in loaded.errors[:10])
        raise ContentInvalid(f"内容有 {len(loaded.errors)} 处错误，先用 huashu check 查看。\n{shown}")
    return loaded.content
