"""100,000 messages nobody means well with, through the API: no 5xx, every answer whole, none that takes long.

Usage: python benchmarks/hostile.py [--count 100000] [--seed 1] [--seconds 5]
Exit code 1 when an answer was a 5xx, broke off, named a place outside its message, or took longer than --seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from asking import Answer, Connection, at, resident
from service import Service, running

ROOT = Path(__file__).parent.parent
LIMIT = 4000
CONNECTIONS = 4

with (ROOT / "tests" / "golden" / "messages.jsonl").open(encoding="utf-8") as lines:
    REAL = [json.loads(line)["text"] for line in lines]
BIDI = "\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069\u200e\u200f"
HIDDEN = "\u200b\u200c\u200d\ufeff\u00ad\u2060\u180e\u034f\ufe0f\U000e0041"
COMBINING = [chr(code) for code in range(0x300, 0x370)] + ["\u20e3", "\u0e34", "\u0f71", "\u1ab0"]
SCRIPTS = (
    "абвгд αβγδ אבגד عربي हिन्दी ไทย 한국어 日本語カナ தமிழ் ქართული ᠮᠣᠩ 𝔸𝕓𝒸 🄰🅱 ①②③ ㍿㌀ ﷽ ꙮ ᚠᚢ 𠮷𡃁 ﬁ Ǆ ẞ İı"
)
EMOJI = [
    "👨\u200d👩\u200d👧\u200d👦",
    "👩🏽\u200d🚀",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇨🇳",
    "🇨",
    "1️⃣",
    "❤️\u200d🔥",
    "🧑🏻\u200d🤝\u200d🧑🏿",
    "👁️\u200d🗨️",
    "🏳️\u200d🌈",
    "😡",
    "🤬",
    "\u200d\u200d",
    "️",
]
MARKS = "，。！？、；：“”‘’（）《》…—～·!?.,;:'\"()[]{}<>/\\|@#$%^&*-_=+~`　 \t\n"
TRAPS = (
    "{{ 7*7 }}", "{% for i in range(9**9) %}x{% endfor %}", "{{ ''.__class__.__mro__ }}", "${7*7}", "#{7*7}", "{{称呼}}", "〔时限〕",
    "'; DROP TABLE turns; --", "1' OR '1'='1", "\\'; SELECT pg_sleep(9); --", "%' AND 1=1 --", "${jndi:ldap://x/a}", "$(reboot)", "`id`",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea><svg/onload=alert(1)>", "<!--", "]]>", "&lt;b&gt;", "javascript:alert(1)",
    "\u2028alert(1)", "(a+)+$", "(.*)*x", "a" * 60 + "!", "[[[[[[[[[[", "((((((((((((((((((((", "\\" * 40, "%s%s%n", "%00", "../../etc/passwd", "\r\nSet-Cookie: a=b",
    "NaN", "Infinity", "1e999", "-0", "null", "undefined", "0x41414141", "99999999999999999999999999999999", "12:99:99", "2026-02-30", "13月45号", "零百零万亿",
)  # fmt: skip
Kind = Callable[[random.Random], object]


def sprinkled(letters: str | list[str], rounds: int) -> Kind:
    """A real message with such letters put in anywhere."""

    def make(chance: random.Random) -> str:
        text = list(chance.choice(REAL))
        for _ in range(chance.randint(1, rounds)):
            text.insert(chance.randint(0, len(text)), chance.choice(letters))
        return "".join(text)

    return make


def heaped(letters: str | list[str] | tuple[str, ...], most: int) -> Kind:
    """Nothing but such pieces."""
    return lambda chance: "".join(chance.choice(letters) for _ in range(chance.randint(1, most)))


def zalgo(chance: random.Random) -> str:
    return "".join(
        letter + "".join(chance.choices(COMBINING, k=chance.randint(0, 12))) for letter in chance.choice(REAL)
    )


def mutated(chance: random.Random) -> str:
    text = list(chance.choice(REAL))
    for _ in range(chance.randint(1, 12)):
        place = chance.randint(0, len(text))
        match chance.randint(0, 4):
            case 0 if place < len(text):
                del text[place]
            case 1:
                text[place:place] = text[place : place + chance.randint(1, 9)]
            case 2:
                text.insert(
                    place, chr(chance.choice((chance.randint(0x4E00, 0x9FFF), chance.randint(32, 126))))
                )
            case 3:
                text[place:place] = list(chance.choice(REAL))[: chance.randint(1, 20)]
            case _:
                chance.shuffle(text)
    return "".join(text)


def huge(chance: random.Random) -> str:
    piece = chance.choice(
        (chance.choice(REAL), chance.choice(TRAPS), chance.choice(EMOJI), chance.choice(SCRIPTS), "1", "起球")
    )
    return (piece * (LIMIT // max(1, len(piece)) + 1))[
        : chance.choice((LIMIT, LIMIT - 1, LIMIT + 1, 1500, 60_000))
    ]


def any_letters(chance: random.Random) -> str:
    """Any code points there are, also halves of surrogate pairs and those that mean nothing."""
    return "".join(chr(chance.randint(0, 0x10FFFF)) for _ in range(chance.randint(1, 200)))


def decomposed(chance: random.Random) -> str:
    form = chance.choice(("NFD", "NFKD", "NFC"))
    return unicodedata.normalize(form, chance.choice(REAL) + chance.choice(SCRIPTS.split()) * 5)


def no_text(chance: random.Random) -> object:
    """What is no message at all."""
    deep: object = "x"
    for _ in range(chance.randint(1, 300)):
        deep = [deep] if chance.random() < 0.5 else {"a": deep}
    return chance.choice((None, True, 0, -1, 1e300, 10**400, [], {}, ["x"], deep, "", " ", "\x00"))


KINDS: dict[str, Kind] = {
    "控制字符": sprinkled([chr(code) for code in (*range(32), *range(127, 160))], 20),
    "半个字符": sprinkled([chr(code) for code in range(0xD800, 0xE000, 37)], 8),
    "双向文字": sprinkled(list(BIDI), 20),
    "隐藏字符": sprinkled(list(HIDDEN), 40),
    "叠加符号": zalgo,
    "改过的真话": mutated,
    "超长": huge,
    "注入": sprinkled(list(TRAPS), 4),
    "只有注入": heaped(TRAPS, 12),
    "表情": heaped(EMOJI, 60),
    "夹着表情": sprinkled(EMOJI, 12),
    "各种文字": heaped(SCRIPTS, 120),
    "夹着各种文字": sprinkled(SCRIPTS, 20),
    "只有标点": heaped(MARKS, 200),
    "只有数字": heaped("0123456789-+.,：:/年月日号元块斤cm厘米零一二三百千万亿", 80),
    "任意字符": any_letters,
    "拆开的字": decomposed,
    "不是文字": no_text,
}


def calls(chance: random.Random) -> tuple[str, str, str, bytes]:
    """One call: the kind of message in it, method, path and body."""
    kind = chance.choice(list(KINDS))
    message = KINDS[kind](chance)
    where = chance.random()
    if where < 0.08 and isinstance(message, str):
        text = message[:200].encode("utf-8", errors="surrogatepass")
        return kind, "GET", f"/api/v1/scripts?q={quote(text)[:6000]}", b""
    if where < 0.2:
        body: dict[str, object] = {"text": message, "facts": {}}
        return kind, "POST", "/api/v1/check-draft", written(body, chance)
    if where < 0.3:
        body = {
            "role": chance.choice(("customer", "agent")),
            "text": message,
            "message_id": f"{chance.random()}",
        }
        return kind, "POST", f"/api/v1/conversations/h{chance.randint(1, 4000)}/turns", written(body, chance)
    if where < 0.33:
        return kind, "POST", "/api/v1/excerpts", written({"text": message}, chance)
    body = {"message": message}
    if where < 0.45:
        body["turns"] = [{"role": chance.choice(("customer", "agent")), "text": chance.choice(REAL)}] * 3
        body["slots"] = {chance.choice(("称呼", "商品", "时限", "x")): message}
    return kind, "POST", "/api/v1/suggest", written(body, chance)


def written(body: object, chance: random.Random) -> bytes:
    """As JSON in plain escapes, in UTF-8, or broken in the middle."""
    escaped = json.dumps(body).encode()
    how = chance.random()
    if how < 0.5:
        return escaped
    plain = json.dumps(body, ensure_ascii=False).encode("utf-8", errors="surrogatepass")
    if how < 0.97:
        return plain
    cut = chance.randint(0, len(plain))
    return plain[:cut] + bytes(chance.randint(0, 255) for _ in range(chance.randint(0, 4)))


def spans(found: object) -> Iterator[tuple[int, int]]:
    if isinstance(found, dict):
        if {"start", "end", "text"} <= found.keys() and isinstance(found["start"], int):
            yield found["start"], found["end"]
        for value in found.values():
            yield from spans(value)
    elif isinstance(found, list):
        for value in found:
            yield from spans(value)


def wrong_with(answer: Answer, path: str, patience: float) -> str:
    """What must not be, in a word; empty when all is well."""
    if answer.status == 0:
        return "broken off"
    if answer.status >= 500:
        return str(answer.status)
    if answer.seconds > patience:
        return f"{answer.seconds:.1f} s"
    try:
        read = json.loads(answer.body)
    except ValueError:
        return "no JSON"
    if answer.status >= 400:
        return "" if read.get("code") and read.get("detail") else "no problem document"
    if path.endswith("/suggest"):
        outside = [span for span in spans(read["intents"]) if not 0 <= span[0] < span[1] <= LIMIT]
        return "a place outside the message" if outside else ""
    return ""


async def attack(service: Service, count: int, seed: int, patience: float) -> int:
    statuses: dict[str, Counter[int]] = defaultdict(Counter)
    took: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []

    async def one(number: int) -> None:
        chance = random.Random(seed * 1000 + number)
        connection = Connection(service.address)
        for _ in range(count // CONNECTIONS):
            kind, method, path, body = calls(chance)
            answer = await connection.ask(method, path, body)
            statuses[kind][answer.status] += 1
            took[kind].append(answer.seconds)
            why = wrong_with(answer, path, patience)
            if why:
                wrong.append(f"{kind} {method} {path[:60]}: {why}: {body[:300]!r}")
        connection.close()

    before = resident(service.process.pid)
    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    print("| 消息 | 条 | 2xx | 4xx | p99 (ms) | 最慢 (ms) |\n|---|---|---|---|---|---|")
    for kind, times in took.items():
        good = sum(number for status, number in statuses[kind].items() if status < 300)
        print(
            f"| {kind} | {len(times)} | {good} | {len(times) - good} | {at(times, 0.99):.0f} | {max(times) * 1000:.0f} |"
        )
    print(f"memory {before:.0f} MB before, {resident(service.process.pid):.0f} MB after")
    print(f"{sum(map(len, took.values()))} calls, {len(wrong)} wrong")
    print("\n".join(wrong[:40]))
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0, help="no answer may take longer")
    options = parser.parse_args()
    with running() as service:
        return asyncio.run(attack(service, options.count, options.seed, options.seconds))


if __name__ == "__main__":
    sys.exit(main())
