"""Which question words ask about what was offered or agreed on."""

from __future__ import annotations

from app.reply.move_words import (
    BACK_TO,
    CLICK,
    DISTRUST,
    FREIGHT,
    LASTING,
    TO_ACCOUNT,
    WANTS_TO_KNOW,
    WHEN,
    WHERE_TO,
)


def which_question(text: str) -> str:
    """What of an offer is asked about; 问方案 for anything that is none of the others."""
    for name, words in (("问运费", FREIGHT), ("不放心", DISTRUST), ("怕再坏", LASTING), ("问时间", WHEN)):
        if words.search(text):
            return name
    return "问方案"


def which_step(text: str) -> str:
    """Which part of what was agreed a customer asks about, "" for none."""
    asks = WANTS_TO_KNOW.search(text) is not None or "还是我" in text
    if asks and BACK_TO.search(text):
        return "问到账"
    for name, words in (
        ("问运费", FREIGHT),
        ("问到账", TO_ACCOUNT),
        ("问寄法", WHERE_TO),
        ("问操作", CLICK),
        ("问时间", WHEN),
    ):
        if words.search(text) and (asks or name == "问寄法"):
            return name
    return ""
