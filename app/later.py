"""Libraries that a start does not need: each is loaded when something of it is first used.

Where one is used, the type checker sees the import and the program a stand-in:

    if TYPE_CHECKING:
        import openpyxl
    else:
        openpyxl = Later("openpyxl")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """A module by its name. Several threads may be the first: importing waits for importing."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found
