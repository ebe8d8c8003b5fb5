"""The adapters there are: every folder of this package with an `adapter.py`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from app.channels.adapter import Adapter
from app.errors import NotFound

_HERE: Final = Path(__file__).parent


@cache
def adapters() -> dict[str, Adapter]:
    """All adapters by kind, in order of their kind."""
    kinds = sorted(found.parent.name for found in _HERE.glob("*/adapter.py"))
    loaded = [import_module(f"app.channels.{kind}.adapter").ADAPTER for kind in kinds]
    return {adapter.kind: adapter for adapter in loaded}


def adapter_for(kind: str) -> Adapter:
    """Raises NotFound for a kind there is no adapter for."""
    found = adapters().get(kind)
    if found is None:
        raise NotFound(f"没有「{kind}」这种渠道，可选：{'、'.join(adapters())}")
    return found
