"""Training a release's model in a process of its own, so that the one that serves stays small and goes on answering."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Final

from app.content.model import Content

Trainer = Callable[[Content], bytes]

_log = logging.getLogger(__name__)
_MODULE: Final = "app.nlu.train"
_GIVES_WAY: Final = 10
"""How much the process gives way to others, in steps of `nice`: who waits for a suggestion goes first."""


class TrainingFailed(RuntimeError):
    """The training process ended without a model; what it said is on stderr."""


def train_outside(content: Content) -> bytes:
    """The model of this content, as `app.nlu.train.train` makes it. Raises TrainingFailed."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_train_and_send, args=(_taught_by(content), sender), name="huashu-train", daemon=True
    )
    process.start()
    sender.close()
    try:
        model: bytes = receiver.recv_bytes()
    except EOFError as error:
        process.join()
        raise TrainingFailed(f"training ended with exit code {process.exitcode}") from error
    finally:
        receiver.close()
    process.join()
    return model


def _taught_by(content: Content) -> Content:
    """What is learnt from: without the answers, which would take as long to hand over as to read."""
    return replace(content, scripts={}, guides={}, cards={}, rules={}, guard={}, evidence={}, images={})


def _train_and_send(content: Content, sender: Connection) -> None:
    if hasattr(os, "nice"):
        os.nice(_GIVES_WAY)
    model: bytes = importlib.import_module(_MODULE).train(content)
    try:
        sender.send_bytes(model)
    except OSError:
        _log.warning("nobody waits for the model any more")
