"""Writes app/pinyin.txt: the commonest toneless reading of every GB2312 character.

Run by hand after a new pypinyin (a development dependency only): `python tools/pinyin_table.py`.
One line per syllable: the syllable, a space, all its characters; ü is written v, as on a keyboard.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin

TABLE = Path(__file__).resolve().parent.parent / "app" / "pinyin.txt"
# pypinyin's first reading is the dictionary's; in a shop's chat these are read otherwise
CHAT_READINGS = {"了": "le", "着": "zhe", "地": "de", "得": "de", "还": "hai", "都": "dou", "长": "chang", "重": "zhong",
                 "便": "bian", "大": "da", "色": "se", "没": "mei", "行": "xing", "差": "cha", "单": "dan", "系": "xi",
                 "给": "gei", "只": "zhi", "调": "diao", "发": "fa", "会": "hui", "呢": "ne", "吗": "ma", "么": "me",
                 "哪": "na", "那": "na", "这": "zhe", "谁": "shei", "吓": "xia", "起": "qi"}  # fmt: skip


def gb2312() -> list[str]:
    """All 6,763 Chinese characters of GB2312, in its order."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    decoded = (code.decode("gb2312", errors="ignore") for code in rows)
    return [char for char in decoded if char]


def main() -> None:
    table: defaultdict[str, list[str]] = defaultdict(list)
    for char in gb2312():
        reading = CHAT_READINGS.get(char) or pinyin(char, style=Style.NORMAL)[0][0].replace("ü", "v")
        table[reading].append(char)
    lines = (f"{syllable} {''.join(chars)}\n" for syllable, chars in sorted(table.items()))
    TABLE.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
