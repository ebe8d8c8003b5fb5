"""A pasted piece of a chat, as 千牛, 飞鸽, 京麦 and 微信 copy it, taken apart into the turns of both sides.

A line with a name and a time, or with a name and a colon, begins a message; the lines after it belong to it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from re import Match
from typing import Final

from app import regex as re
from app.reply.received import is_recall
from app.types import Role

MAX_TURNS: Final = 400
MAX_NAME: Final = 40
_HEAD: Final = 300
"""How far into a line a name and a time are looked for."""
_SPACES: Final = re.compile(r"\s{4,}")
"""Long runs of spaces are shortened for reading, or the patterns below would try every way of sharing them out."""

_DATE: Final = r"(?:[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{1,2}[-/月][0-9]{1,2}日?|今天|昨天|前天|(?:星期|周)[一二三四五六日天])"
_CLOCK: Final = r"(?:上午|下午|凌晨|早上|中午|晚上)?\s?[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?(?:\.[0-9]{1,3})?(?:\s?[AaPp][Mm])?"
_TIME: Final = rf"(?P<time>(?:{_DATE}[\sT]{{0,3}})?{_CLOCK}|[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}\s{_CLOCK})"
_READ: Final = r"(?:\s*[\[(（]?(?:已读|未读|送达)[\])）]?)?"
_NAME_TIME: Final = re.compile(
    rf"^\s*(?P<name>\S.{{0,{MAX_NAME - 1}}}?)\s*[\[(（【]?\s*{_TIME}\s*[\])）】]?{_READ}\s*(?P<colon>[:：]?)\s*(?P<said>.*)$"
)
_TIME_NAME: Final = re.compile(
    rf"^\s*[\[(（【]?\s*{_TIME}\s*[\])）】]?\s*[,，-]?\s*(?P<name>[^\s:：].{{0,{MAX_NAME - 1}}}?)\s*(?:(?P<colon>[:：])\s*(?P<said>.*))?$"
)
_ONLY_TIME: Final = re.compile(rf"^[\s—–\-=·*]*[\[(（【]?\s*{_TIME}\s*[\])）】]?[\s—–\-=·*]*$")
_NAME_COLON: Final = re.compile(
    rf"^\s*(?P<name>[^\s:：，。！？!?,][^:：，。！？!?\n]{{0,{MAX_NAME - 1}}}?(?::[^\s:：]{{1,20}})?)\s*[:：]\s*(?P<said>.*)$"
)
_NOISE: Final = re.compile(
    rf"^[\s—–\-=·*]*(?:{_DATE}|以[上下](?:是|为)?(?:历史|新|最新)?(?:消息|聊天记录)|历史消息|聊天记录|已读|未读|送达|消息已送达|查看更多消息?|以下为?新消息|会话(?:开始|结束|已结束)|顾客进入会话|.{{0,20}}(?:接入|加入|进入|转接)了?(?:会话|服务).{{0,10}}|系统消息[:：].*|系统提示[:：].*)[\s—–\-=·*]*$"
)
# what stands before a colon in a form or an order, not in a chat
_FIELD: Final = re.compile(
    r"^(?:.{0,6}(?:订单|单号|编号|时间|日期|尺码|颜色|款式|身高|体重|地址|电话|手机|姓名|收件人|收货人|问题|备注|原因|商品|宝贝|数量|价格|金额|实付|合计|规格|物流|快递|状态|型号|面料|材质|成分|尺寸|胸围|腰围|臀围|衣长|肩宽|袖长|邮编|链接|说明|注意|提示|优惠|材料|货号|联系人|方式|平台|店名|品牌|图片|附|答|问|ps|https?|www))$",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(
    "[，。！？!?,;；、~～]|了$|吗$|呢$|的$|^(?:我|你|您)(?:的|说|在|们|是|要|想|买|收)|是(?:昨天|今天)?$|到$|于$"
)
_SHOP_WORDS: Final = re.compile(
    "客服|旗舰店|专营店|专卖店|官方|店铺|店长|掌柜|售后|售前|小二|机器人|智能助手|商家|卖家|主账号|企业店|服饰店|女装店|男装店|服装店|工作室$"
)
_CUSTOMER_WORDS: Final = re.compile(
    "^(?:买家|顾客|客户|客人|对方|消费者)|^tb[0-9_]{3,}|^t[0-9]{6,}|^jd_|^用户[0-9a-z]+|^dy[0-9a-z]{5,}|\\*{2,}|^\\d{3}\\*+\\d*$|^微信用户",
)
_OURSELVES: Final = frozenset({"我", "我方", "自己", "本店", "me"})
_RECALLER: Final = re.compile(r"^[\[【(（「“\"]?\s*(?P<who>.{0,30}?)[」”\"]?\s*撤回了?一条消息")
_FULL: Final = re.compile(
    r"(?P<y>[0-9]{4})[-/.年](?P<m>[0-9]{1,2})[-/.月](?P<d>[0-9]{1,2})日?[\sT]*(?P<half>上午|下午|凌晨|早上|中午|晚上)?\s?(?P<h>[0-9]{1,2})[:：](?P<n>[0-9]{2})(?:[:：](?P<s>[0-9]{2}))?\s?(?P<pm>[AaPp][Mm])?"
)


@dataclass(frozen=True, slots=True)
class ExcerptTurn:
    """role is None while nobody knows whose side the name is on. message_id: the same for the same paste."""

    role: Role | None
    name: str
    text: str
    sent_at: datetime | None
    message_id: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """turns is empty when the text is no excerpt but a message. needs_side: names to ask about."""

    turns: tuple[ExcerptTurn, ...] = ()
    needs_side: tuple[str, ...] = ()


@dataclass(slots=True)
class _Piece:
    name: str
    time: str
    lines: list[str]
    timed: bool


def parse_excerpt(
    text: str,
    *,
    shop_names: Iterable[str] = (),
    customer_names: Iterable[str] = (),
    sides: Mapping[str, Role] | None = None,
    zone: tzinfo | None = None,
) -> Excerpt:
    """Take a pasted text apart. Never raises.

    shop_names, customer_names: names known to be on one side; sides: what a person said of a name. zone: of the times.
    """
    pieces = [piece for piece in _pieces(text) if any(line.strip() for line in piece.lines)]
    if not _is_chat(pieces):
        return Excerpt()
    known = _sides(pieces, frozenset(shop_names), frozenset(customer_names), sides or {})
    turns = tuple(_numbered(_turn(piece, known, zone) for piece in pieces[:MAX_TURNS]))
    asked = dict.fromkeys(turn.name for turn in turns if turn.role is None and turn.name)
    return Excerpt(turns, tuple(asked))


def _pieces(text: str) -> list[_Piece]:
    written = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").split("\n")
    lines = [_SPACES.sub("   ", line) for line in written]
    callers = _callers(lines)
    pieces: list[_Piece] = []
    moment = ""
    for number, line in enumerate(written):
        plain = lines[number]
        if is_recall(plain):
            pieces.append(_Piece(_recaller(plain), moment, [plain.strip()], False))
            continue
        if len(plain) <= _HEAD and (alone := _ONLY_TIME.match(plain)) is not None:
            moment = alone["time"]
            if pieces and not pieces[-1].time and not any(pieces[-1].lines):
                pieces[-1].time, pieces[-1].timed = moment, True
            continue
        if len(plain) <= _HEAD and _NOISE.match(plain):
            continue
        head = _head(plain, callers, _next(lines, number))
        if head is not None:
            name, time, said = head
            pieces.append(_Piece(name, time or moment, [said] if said else [], bool(time)))
            moment = ""
        elif pieces:
            pieces[-1].lines.append(line)
        elif line.strip():
            pieces.append(_Piece("", "", [line], False))
    return pieces


def _head(line: str, callers: frozenset[str], following: str) -> tuple[str, str, str] | None:
    """The name, the time and the first words of a message, if this line begins one."""
    line, rest = line[:_HEAD], line[_HEAD:]
    for pattern in (_NAME_TIME, _TIME_NAME):
        found = pattern.match(line)
        if found is not None and _is_name(found["name"]) and (found["colon"] or not (found["said"] or "")):
            return _clean(found["name"]), found["time"], f"{found['said'] or ''}{rest}".strip()
    found = _NAME_COLON.match(line)
    if found is not None and _clean(found["name"]) in callers:
        return _clean(found["name"]), "", f"{found['said']}{rest}".strip()
    if not rest and len(following) <= _HEAD and _ONLY_TIME.match(following) and _is_name(line.strip()):
        return _clean(line), "", ""
    return None


def _callers(lines: list[str]) -> frozenset[str]:
    """Names before a colon that are a chat's rather than a form's: they come back, alternate, or say who they are."""
    found = [
        match for line in lines if (match := _NAME_COLON.match(line[:_HEAD])) and _is_name(match["name"])
    ]
    counts = Counter(_clean(match["name"]) for match in found)
    telling = {
        name
        for name in counts
        if _SHOP_WORDS.search(name) or _CUSTOMER_WORDS.search(name) or name in _OURSELVES
    }
    repeated = {name for name, count in counts.items() if count > 1}
    alone = {_clean(match["name"]) for match in found if not match["said"].strip()}
    if (
        telling
        or len(repeated) > 1
        or len(alone) > 1
        or (repeated and len(counts) > 1)
        or (repeated and alone)
    ):
        return frozenset(counts)
    return frozenset()


def _is_name(name: str) -> bool:
    name = _clean(name)
    return (
        0 < len(name) <= MAX_NAME
        and not _FIELD.match(name)
        and not _SENTENCE.search(name)
        and not name.isdigit()
    )


def _clean(name: str) -> str:
    return name.strip().strip("[]【】()（）<>「」:： ").removesuffix("说").strip()


def _next(lines: list[str], number: int) -> str:
    return next((line for line in lines[number + 1 : number + 2]), "")


def _is_chat(pieces: list[_Piece]) -> bool:
    named = [piece for piece in pieces if piece.name]
    return any(piece.timed for piece in named) or len({piece.name for piece in named}) > 1 or len(named) > 1


def _recaller(line: str) -> str:
    found: Match[str] | None = _RECALLER.match(line)
    return _clean(found["who"]) if found is not None else ""


def _sides(
    pieces: list[_Piece], ours: frozenset[str], theirs: frozenset[str], told: Mapping[str, Role]
) -> dict[str, Role | None]:
    """Whose side each name is on; None where nobody knows."""
    known: dict[str, Role | None] = {piece.name: _side(piece.name, ours, theirs, told) for piece in pieces}
    people = {name: role for name, role in known.items() if name and name not in _SELF_RECALL}
    unknown = [name for name, role in people.items() if role is None]
    roles = {role for role in people.values() if role is not None}
    if len(unknown) == 1 and len(roles) == 1:
        known[unknown[0]] = "customer" if "agent" in roles else "agent"
    return known


_SELF_RECALL: Final[dict[str, Role]] = {
    "你": "agent",
    "您": "agent",
    "对方": "customer",
    "": "customer",
}


def _side(name: str, ours: frozenset[str], theirs: frozenset[str], told: Mapping[str, Role]) -> Role | None:
    if name in told:
        return told[name]
    if name in theirs:
        return "customer"
    if name in ours or name.lower() in _OURSELVES:
        return "agent"
    if any(len(own) > 1 and name.startswith(own) for own in ours):
        return "agent"
    if name in _SELF_RECALL:
        return _SELF_RECALL[name]
    if _CUSTOMER_WORDS.search(name):
        return "customer"
    if _SHOP_WORDS.search(name):
        return "agent"
    return None


def _turn(piece: _Piece, known: Mapping[str, Role | None], zone: tzinfo | None) -> ExcerptTurn:
    text = "\n".join(line.rstrip() for line in piece.lines).strip()
    digest = hashlib.sha256(f"{piece.name}\n{piece.time}\n{text}".encode(errors="replace")).hexdigest()
    return ExcerptTurn(
        known.get(piece.name), piece.name, text, _moment(piece.time, zone), f"paste-{digest[:24]}"
    )


def _numbered(turns: Iterable[ExcerptTurn]) -> Iterator[ExcerptTurn]:
    """The same words said twice are two messages."""
    seen: Counter[str] = Counter()
    for turn in turns:
        seen[turn.message_id] += 1
        times = seen[turn.message_id]
        yield turn if times == 1 else replace(turn, message_id=f"{turn.message_id}-{times}")


def _moment(time: str, zone: tzinfo | None) -> datetime | None:
    """A full date and time; anything less is left open."""
    found = _FULL.search(time)
    if found is None or zone is None:
        return None
    hour = int(found["h"])
    late = found["half"] in ("下午", "晚上") or (found["pm"] or "").lower() == "pm"
    if late and hour < 12:
        hour += 12
    try:
        return datetime(
            int(found["y"]), int(found["m"]), int(found["d"]), hour, int(found["n"]), int(found["s"] or 0), tzinfo=zone
        )  # fmt: skip
    except ValueError:
        return None
