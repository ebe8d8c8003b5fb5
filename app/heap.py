"""Memory while much is made that stays, and afterwards."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_BIG_PAGE: Final = 2 << 20
_COLLAPSE: Final = 25
"""MADV_COLLAPSE of linux/mman.h; Linux has it since 6.1."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for no reference cycles in here: what is being made stays, and looking through it again and again takes longer than
    making it. Several threads may be in here; whoever came in first while collecting was on switches it on again.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def on_big_pages() -> None:
    """Move what is in memory by now onto pages of 2 MB, of which the processor finds all where of 4 KB it finds a few.

    A message is looked up in dictionaries of many megabytes, a word here and a word there. Some 0.4 s of processor time
    outside Python's lock; where the system cannot do it, nothing happens.
    """
    with suppress(OSError, AttributeError, TypeError):
        advise = ctypes.CDLL(None).madvise
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
            addresses, access, _, _, _, *name = line.split(maxsplit=5)
            if access == "rw-p" and (not name or name[0] == "[heap]"):
                first, last = (int(address, 16) for address in addresses.split("-"))
                first += -first % _BIG_PAGE
                last -= last % _BIG_PAGE
                if first < last:
                    advise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _COLLAPSE)
