"""Everything that learning makes of a release's intents and lexicon, as stored with the release."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.nlu.model import LinearModel, as_bytes, as_text
from app.nlu.taught import Lessons
from app.nlu.text import Dictionary


@dataclass(frozen=True)
class Learnt:
    """of: the `nlu_digest` of the content it was learnt from."""

    of: str
    linear: LinearModel
    dictionary: Dictionary
    lessons: Lessons

    def to_bytes(self) -> bytes:
        """An archive of plain arrays without pickled objects; packing it would save a third and cost a tenth of a start."""
        target = io.BytesIO()
        words, lessons = self.dictionary, self.lessons
        np.savez(
            target,
            allow_pickle=False,
            of=as_bytes(self.of),
            words=as_bytes("\n".join(words.words)),
            words_counts=words.counts,
            words_total=np.array([words.total]),
            words_own=as_bytes("\n".join(sorted(words.own))),
            lessons_sentences=lessons.sentences,
            lessons_which=lessons.which,
            lessons_kinds=as_bytes(json.dumps(lessons.kinds)),
            **self.linear.to_arrays(),
        )
        return target.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes) -> Learnt:
        """Raises ValueError when the archive is damaged or of another shape."""
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
                return cls(
                    as_text(archive["of"]),
                    LinearModel.from_arrays(archive),
                    _dictionary(archive),
                    _lessons(archive),
                )
        except (KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError("模型文件坏了") from error


def _dictionary(archive: Mapping[str, NDArray[Any]]) -> Dictionary:
    words, counts = as_text(archive["words"]).split("\n"), archive["words_counts"]
    if counts.shape != (len(words),):
        raise ValueError("模型文件坏了")
    own = frozenset(as_text(archive["words_own"]).split("\n"))
    return Dictionary(words, counts, int(archive["words_total"][0]), own)


def _lessons(archive: Mapping[str, NDArray[Any]]) -> Lessons:
    kinds = tuple((owner, tuple(names)) for owner, names in json.loads(as_text(archive["lessons_kinds"])))
    sentences, which = archive["lessons_sentences"], archive["lessons_which"]
    if sentences.shape != which.shape or int(which.max(initial=0)) >= max(1, len(kinds)):
        raise ValueError("模型文件坏了")
    return Lessons(sentences, which, kinds)
