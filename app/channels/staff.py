"""What bots for the staff have in common: the customer's words in a question, and the answer as a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

SCRIPTS: Final = 3
HELP: Final = "把顾客的话发给我，例如：客户说毛衣洗一次就缩水了，怎么回"
_DIGITS: Final = "①②③④⑤"
_INTRODUCTION: Final = re.compile(
    r"^(?:请问|帮我看下|帮忙看下|帮我看看)?[，,\s]*(?:有(?:个|位))?(?:客户|顾客|客人|买家|亲)\s*(?:刚才|刚刚|现在)?\s*"
    r"(?:说|问|讲|反馈|投诉)(?:道|了|我)?\s*[:：，,]?\s*"
)
_REQUEST: Final = re.compile(
    r"[，,。;；\s]*(?:我|咱们?|这个|这种|这句|这条|该|要|应该|得)*\s*(?:怎么|咋|如何|怎样)(?:回复?|答复?|说)(?:他|她|一下|比较?好|才好|呢|啊|呀)*\s*[?？。!！~]*$"
)
_QUOTES: Final = {"「": "」", "“": "”", '"': '"', "『": "』", "‘": "’", "'": "'"}


def customer_words(text: str) -> str:
    """The customer's words in 「客户说……怎么回」; the whole text when it is asked in no such way; "" when there are none."""
    words = _REQUEST.sub("", text.strip())
    words = _INTRODUCTION.sub("", words).strip()
    if len(words) > 1 and _QUOTES.get(words[0]) == words[-1]:
        words = words[1:-1].strip()
    return words


def note_of(answer: Mapping[str, Any]) -> str:
    """A note to copy from: what was heard, risks, what the shop's data say, the best scripts; "" when there is nothing."""
    scripts, known = answer.get("suggestions", ())[:SCRIPTS], advice(answer)
    if not scripts and not known:
        return ""
    lines = [heard(answer)]
    lines += [f"⚠ {words}" for words in risks(answer)]
    lines += known
    for digit, script in zip(_DIGITS, scripts, strict=False):
        missing = f"（先填：{'、'.join(script['missing'])}）" if script["missing"] else ""
        lines += ["", f"{digit} {script['title']}{missing}", *script["bubbles"]]
    return "\n".join(lines)


def heard(answer: Mapping[str, Any]) -> str:
    """The first line of an answer to the staff: what was understood and how upset it sounds. answer: as `/suggest`
    gives it.
    """
    names = "、".join(intent["name"] for intent in answer.get("intents", ()))
    return f"话术助手：{names or '没认出具体问题'} · {answer['emotion']['name']}"


def advice(answer: Mapping[str, Any]) -> list[str]:
    """Which product it is about, and the size for each person, from the shop's own tables."""
    found = (answer.get("product") or {}).get("known")
    lines = [f"商品：{found['name']}（{found['code']}）"] if found else []
    for size in answer.get("sizes") or ():
        fits = size["size"] or size["verdict"]
        lines.append("，".join(part for part in (f"尺码：{size['body']}", fits, size["reason"]) if part))
    return lines


def risks(answer: Mapping[str, Any]) -> list[str]:
    """One line for each risk that raises the banner."""
    return [
        f"{risk['name']}：{(risk['advice'] or ['请告诉主管'])[0]}"
        for risk in answer.get("risks", ())
        if risk["banner"]
    ]
