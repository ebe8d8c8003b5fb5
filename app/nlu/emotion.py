"""How upset a message sounds, from 0 calm to 3 fierce, by tone alone: what it demands or threatens does not count."""

from __future__ import annotations

import re
from typing import Final

from app.content.model import Emotions
from app.content.pattern import Item, Pattern, plain
from app.nlu.match import PatternSet
from app.nlu.scope import sarcastic
from app.nlu.text import Normalised
from app.types import Emotion

_SHOUTING: Final = re.compile(r"[!]{2,}|[?]{2,}|!.*!|\?!|!\?")
_ACCUSING: Final = re.compile(
    r"居然|竟然?(?!是我)|难道|凭[啥什]|算(?:什么|怎么回)事|好意思|到底(?:有|要|是|还|能|管)|(?:当|把)(?:我|顾客)[^,。!?]{0,3}(?:傻|猴|是|回收|摆设)|佩服|没谁了|打水漂|别赖|冤枉|一口咬定|空口|往我身上|抹布|擦亮|劝(?:大家|各位|你们)"
    r"|登天|再推|拖再拖|明日复|要不到|死哪|咋不去|是不是不识|你们?(?:自己)?(?:试试|穿穿|怎么穿)|让老板|(?:早|倒是|还)[^,。!?]{0,4}(?:说啊|补啊|把赠)|黄花菜|什么操作|几个意思|一样不少|占全了|三连差|差评送上|没商量|零分|负分|白花钱|给差评都|谁干|够干|乞丐|怀疑人生|狗都|冻成狗|(?:合着|敢情)"
    r"|再[拖不][^,。!?]{0,6}(?:我?就|我)[^,。!?]{0,6}(?:12315|投诉|举报|告|消协|消基会|法院|小二|报警|曝光|平台)|不给说法|法院见|不然(?:起诉|告)|否则[^,。!?]{0,4}投诉|要么[^,。!?]{0,6}要么[^,。!?]{0,4}(?:差评|投诉)|你们(?:讲|说)是|跟(?:我|他)没关系|良心|骗(?!子电话)|上当|坑老|很扯|太夸张|鬼火"
)
_RHETORICAL: Final = re.compile(
    r"(?:怎么就|怎么会这样|怎么这么|谁(?:还|会|敢)|这叫|这也|哪里?(?:是|有|值)|还要我|让我怎么|我还|我怎么|就是你们|你们(?:自己|家|是|会|怎么))[^。!]{0,20}[?]|合理吗|还没[^,。!?]{0,4}完[?]|[?][^?]{1,20}[?]$"
)
_REQUEST: Final = re.compile(
    r"(?:能|可以|可不可以|想|要)(?:不能|帮我|给我)?(?:换|退|改|补|问|查|催|修)|(?:吗|呢|么|不|没)[?]?$|是不是|请问|麻烦|帮我|谢"
)
_MANY: Final = 4
_LEVELS: Final = ("fierce", "strong", "mild", "calm")


class EmotionReader:
    """Built once per release from the word lists of intents/_emotion.yaml."""

    def __init__(self, words: Emotions) -> None:
        self._levels: list[str] = []
        patterns: list[Pattern] = []
        for level in _LEVELS:
            for word in getattr(words, level):
                if plain(word):
                    self._levels.append(level)
                    patterns.append(Pattern(word, (Item(frozenset({plain(word)})),)))
        self._patterns = PatternSet(patterns)

    def read(self, message: Normalised, *, complains: int) -> Emotion:
        """complains: how many complaints were recognised; one already is restrained dissatisfaction."""
        found: dict[str, list[tuple[int, int]]] = {}
        for hit in self._patterns.find(message.text):
            found.setdefault(self._levels[hit.number], []).append((hit.start, hit.end))
        level = self._level(found, message.text, complains)
        places = {3: found.get("fierce", []), 2: found.get("strong", []), 1: found.get("mild", [])}.get(
            level, []
        )
        return Emotion(level, tuple(message.span(start, end) for start, end in sorted(set(places))[:3]))

    def _level(self, found: dict[str, list[tuple[int, int]]], text: str, complains: int) -> int:
        if "fierce" in found:
            return 3
        upset = bool(complains) or "mild" in found
        if "strong" in found or (upset and _is_angry(text, complains)):
            return 2
        if sarcastic(text) and (upset or "calm" not in found):
            return 2
        if not upset or ("calm" in found and not complains):
            return 0
        calm = complains < 2 and "mild" not in found and _REQUEST.search(text) is not None  # noqa: PLR2004
        return 0 if calm and "一直" not in text else 1


def _is_angry(text: str, complains: int) -> bool:
    """Shouting, accusing, a rhetorical question, or complaint upon complaint."""
    if complains >= _MANY or _SHOUTING.search(text) or _ACCUSING.search(text):
        return True
    return _RHETORICAL.search(text) is not None
