"""What an agent's words commit the shop to: what, by when, how much, on which condition, and where in the text.

Read sentence by sentence and clause by clause. A promise is an action of the shop with a time, an amount or a pledge
(马上, 保证); questions, denials (不能保证今天发), hedges (尽量), general remarks (一般 3 天到), what is done already and what
the customer is to do are none. A length of time after an event (收到退货后 48 小时内) runs only from that event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from app import regex as re
from app.nlu.slot_base import NUMBER, number
from app.nlu.text import Normalised
from app.reply.acts import MAX_READ, recognise, sentences
from app.reply.guard_numbers import amounts
from app.reply.guard_scope import is_denied
from app.reply.when import Term, times

Kind = Literal["dispatch", "refund", "compensate", "reply", "resend", "exchange", "pickup", "other"]
KINDS: Final[dict[Kind, str]] = {
    "dispatch": "发货",
    "refund": "退款",
    "compensate": "补偿",
    "reply": "回话",
    "resend": "补发",
    "exchange": "换货",
    "pickup": "上门取件",
    "other": "其他",
}
MONEY: Final[frozenset[Kind]] = frozenset({"refund", "compensate"})

_SHIPS: Final = "(?:发|寄)(?![现票我来图照给消微过链往生展布布烧条短送一个张表言])"
_WORDS: Final[tuple[tuple[str, Kind, str], ...]] = (
    ("退运费", "refund", "(?:退|补|报销|返还)[^，,]{0,8}(?:运费|邮费|快递费)|(?:运费|邮费|快递费)[^，,]{0,12}(?:退|补|报销|返还|打给|转给)"),
    ("补差价", "refund", "(?:退|补|返还)[^，,]{0,8}差价|差价[^，,]{0,12}(?:退|补|返还|打给)"),
    ("补发", "resend", "补发|重发|补寄|重新(?:给您|帮您)?(?:发|寄)|再(?:给您|帮您)?(?:发|寄)一?件"),
    ("换货", "exchange", "换货|换新|换一件|换发|调换|(?:给您|帮您)换"),
    ("补偿", "compensate", rf"补偿|赔付|赔偿|赔您|赔给|红包|代金券|优惠券|现金券|(?:补|返|送)(?:给)?(?:您|亲)|补贴|(?:补|返|赔){NUMBER}\s?(?:元|块)"),
    ("退款", "refund", rf"退款|退给|退到|退回(?!来)(?:给您|您|原|账)|退您|退还|返还|到账|打款|[到进]您账|原路[退返]|(?:给您|帮您|为您)(?:全额|原路)?退(?!货|换|回来)|退{NUMBER}\s?(?:元|块)"),
    ("上门取件", "pickup", "上门|取件|揽收|来取"),
    ("发货", "dispatch", f"发货|发出|寄出|发走|出库|发快递|(?:给您|帮您|为您|就|能|会|一定|准时|保证|马上|立刻|安排|可以){_SHIPS}|(?:[天晚午早内前号日]|小时){_SHIPS}"),
    ("维修", "other", "维修|修补|修好"),
    ("回话", "reply", "回复|答复|回话|回电|回您|回给您|回亲|回音|联系您|联系亲|(?:给|跟|和)您(?:打|去|回)?个?(?:电话|结果|消息|说法|交代|准信|反馈|同步|说|讲|确认)|打给您|致电|告诉您|通知您|答您|找您|出结果|有结果|告知|通报|书面|发(?:给)?您|发来|报给您|报码|同您|(?:给|把)[^，,]{0,12}(?:办法|说法|方案|意见|结论|数|图|款)(?:给|发|报)?您?"),
    ("开票", "other", "开票|开好?发票|发票"),
    ("核实", "other", "核实|查|问|确认|核对|看一下|跟进|反馈|催"),
    ("处理", "other", "处理|办理|解决|办好|办妥|办完|完成|到位|补办|搞定|弄好|改好|备注|安排|提交|申请"),
)  # fmt: skip
_ACTIONS: Final = tuple((what, kind, re.compile(words)) for what, kind, words in _WORDS)
_TELLING: Final = 9
"""The first so many actions say what was done; the rest (核实, 处理) would fit anything."""
_CLAUSE: Final = re.compile(r"(?:[^，,、：:]|[：:](?=[0-9]))+")
_QUESTION: Final = re.compile(
    r"[?？]\s*$|(?:吗|(?<!什)么|不|呢)[?？~～。]?\s*$|[您亲]看(?:这样)?(?:行|可以|好|怎么样|成)|(?:行|好|可以)不?(?:行|好|可以)?(?:吗|么)|哪[种个样件天]"
)
_DONE: Final = re.compile(
    r"已经?(?!收到|到|经?超)|(?<!刚)刚(?!好)|昨[天日晚]|前天|[发寄退补换赔回办]?(?:出|走|给您|好|完|到|款|货|您)了(?:[，,。！!~～ 哈哦的]|$)|过了"
)
_HEDGED: Final = re.compile(
    "尽量|争取|要不要|能不能|可不可以|努力|试试|看能不能|看看能|不一定|不确定|不敢|说不准|没法|无法|不保证|不能保证|保证不了|发不了|发不出|退不了|换不了|来不及|做不到|到不了|没办法|没[^，,]{0,4}(?:到|发|退|补|回|动静|消息)|暂时不|运费险|不[^，,]{0,2}(?:发货|退款|补发)"
)
_GENERAL: Final = re.compile(
    "一般|正常(?:情况|来说|都|是)?|通常|平时|往常|普遍|大多|按规定|规则|最长|最多|工作时间|营业"
)
_GUESSED: Final = re.compile("预计|大概|大约|应该|估计|左右|差不多|可能")
_THEIRS: Final = re.compile(
    "(?:麻烦|请|辛苦|需要|还?得|劳烦)[您亲]|请(?:告知|提供|随时|回复|尽快)|(?<![给为帮替跟和让])(?:您|亲)(?:这边|那边|先|可以|要|得|只要|直接|自己|方便|记得|再|也|在|于|需|把|收到|签收|[^，,给帮为退补赔回打换]{0,4}(?:寄回|申请|提交|上传|填|拍|选|点|确认))"
)
_FOR_THEM: Final = re.compile(
    "(?:给|回|答|跟|和|向|与|帮|为|替|联系|通知|告诉|退|补|赔|送|换)(?:到|给)?[您你亲]"
)
_PLEDGE: Final = re.compile(
    "保证|一定|肯定|承诺|答应|说好|包在|放心|马上|立刻|立即|这就|现在就|尽快|尽早|第一时间|优先"
)
_IF: Final = re.compile(
    "^\\s*(?:那|那么|但|但是)?(?:如果|要是|若|若是|假如|万一|一旦|只要|除非|的话)|的话$|^\\s*(?:等|待)"
)
_AFTER: Final = re.compile(
    "(?:(?:等|待)\\s?)?[^，,、。；;0-9]{0,10}?(?:收到|签收|收货|寄回|退回|寄出|回来|申请|审核|通过|确认|质检|检测|检查|付款|支付|下单|拍下|到货|入库|核实|同意|提交|填好|填写|揽收|完成|成功|拆包|验货|退货)"
    "[^，,、。；;0-9]{0,8}?(?:之后|以后|后(?!天|续|面|台|期)|的话|(?=当[天日])|起)"
)
_REFUND: Final = re.compile(
    rf"(?:退|补|返|赔)(?:款|给|还|您|亲|到)*[^，,0-9]{{0,6}}(?P<sum>{NUMBER})\s?(?:元|块)"
)
_PAID_BACK: Final = re.compile(rf"(?P<sum>{NUMBER})\s?(?:元|块)[^，,0-9]{{0,10}}(?:退|补|返|打)(?!货)")
_ALLOWS: Final = re.compile("可以?|支持|能|随时|都|包|享受?")
_MAX: Final = 60
_BARE: Final = 3
"""A clause with so few characters besides a time says nothing but the time."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment at text[start:end] of the text as received.

    what: in the words of the trade; kind: for counting. by: the time as said; amount: in yuan; condition: the event it
    waits for. term: the time understood. guessed: said as an estimate (预计).
    """

    what: str
    kind: Kind
    by: str | None
    amount: float | None
    condition: str | None
    start: int
    end: int
    text: str
    term: Term | None
    guessed: bool = False

    @property
    def waits(self) -> bool:
        """Whether the time begins to run with an event that is still to come."""
        if self.condition is None or self.term is None:
            return self.condition is not None
        return self.term.length is not None or self.term.found["end"] in ("当天", "当日")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one clause says, at normalised text[start:end]."""

    start: int
    end: int
    action: tuple[str, Kind] | None
    term: Term | None
    amount: float | None
    condition: str | None
    for_them: bool
    pledged: bool
    arrives: bool
    allows: bool
    bare: bool
    guessed: bool


def find_promises(message: Normalised) -> tuple[Promise, ...]:
    """The promises of an agent's message, in order; at most as many as it has clauses."""
    text, found, offset = message.text[:MAX_READ], [], 0
    for sentence in sentences(text):
        at = text.index(sentence, offset)
        offset = at + len(sentence)
        if _QUESTION.search(sentence.rstrip()):
            continue
        found += [_located(message, piece) for piece in _joined(list(_pieces(text, sentence, at)), sentence)]
    return tuple(found)


def find_kept(message: Normalised) -> frozenset[Kind]:
    """The kinds of promises that an agent's message says are done (已经给您退了)."""
    kinds: set[Kind] = set()
    for sentence in sentences(message.text[:MAX_READ]):
        if _QUESTION.search(sentence.rstrip()):
            continue
        for clause in _CLAUSE.finditer(sentence):
            if _DONE.search(clause[0]) and not _HEDGED.search(clause[0]) and not _THEIRS.search(clause[0]):
                kinds.update(kind for _, kind, words in _ACTIONS[:_TELLING] if words.search(clause[0]))
    return frozenset(kinds)


def _located(message: Normalised, piece: _Piece) -> Promise:
    assert piece.action is not None, "only pieces with an action are promises"
    place = message.span(piece.start, piece.end)
    by = piece.term.words if piece.term is not None else None
    what, kind = piece.action
    return Promise(
        what, kind, by, piece.amount, piece.condition, place.start, place.end, place.text, piece.term, piece.guessed
    )  # fmt: skip


def _pieces(text: str, sentence: str, at: int) -> Iterator[_Piece]:
    """What each clause of a sentence says. An if-clause is the condition of those after it."""
    condition: str | None = None
    for clause in _CLAUSE.finditer(sentence):
        words, start = clause[0], at + clause.start()
        stripped = words.strip()
        if _IF.search(stripped) and len(stripped) > 2:
            after = _AFTER.search(words)
            condition = (after[0] if after else stripped).strip()[:_MAX]
            if after is None or after.end() >= len(words.rstrip("。！!；;~～ ")):
                continue
        own = _AFTER.search(words)
        if own is not None:
            condition = own[0].strip()[:_MAX]
        rest = words[own.end() :] if own is not None else words
        piece = _piece(text, start + (own.end() if own is not None else 0), rest, condition)
        if piece is not None:
            yield replace(piece, start=start if own is not None else piece.start)


def _piece(text: str, start: int, words: str, condition: str | None) -> _Piece | None:
    if _DONE.search(words) or _HEDGED.search(words) or _THEIRS.search(words):
        return None
    if _GENERAL.search(words) and not _FOR_THEM.search(words):
        return None
    action = next(((what, kind) for what, kind, pattern in _ACTIONS if pattern.search(words)), None)
    terms = times(words)
    if action is None and _FOR_THEM.search(words) and any(term.ends and not term.soon for term in terms):
        action = ("回话", "reply")
    money = next(amounts(words), None) or _refunded(words)
    body = words.rstrip("。！!；;~～ \n")
    if action is not None and is_denied(text, start + len(body) // 2, start + len(body)):
        return None
    lead = len(body) - len(body.lstrip())
    return _Piece(
        start=start + lead,
        end=start + len(body),
        action=action,
        term=next((term for term in terms if not term.soon), terms[0] if terms else None),
        amount=money if isinstance(money, float) else money.value if money else None,
        condition=condition,
        for_them=_FOR_THEM.search(words) is not None,
        pledged=_PLEDGE.search(words) is not None,
        arrives="到账" in words and not re.search("退款|退给|退到|退您", words),
        allows=_ALLOWS.search(words) is not None,
        bare=len(words) - sum(term.end - term.start for term in terms) <= _BARE,
        guessed=_GUESSED.search(words) is not None,
    )


def _refunded(words: str) -> float | None:
    """The amount a clause pays back, which is no gift."""
    found = _REFUND.search(words) or _PAID_BACK.search(words)
    return number(found["sum"]) if found is not None else None


def _joined(pieces: list[_Piece], sentence: str) -> list[_Piece]:
    """The promises among a sentence's clauses: a time said on its own belongs to its neighbour, an arrival to the money."""
    acts = {act.name for act in recognise(sentence)}
    found: list[_Piece] = []
    waiting: _Piece | None = None
    for piece in pieces:
        last = found[-1] if found else None
        if piece.action is None:
            if piece.term is not None and not piece.term.soon and piece.bare:
                if last is not None and _open_ended(last):
                    found[-1] = replace(last, term=piece.term, end=piece.end)
                else:
                    waiting = piece
            continue
        if piece.term is None and waiting is not None:
            piece, waiting = replace(piece, term=waiting.term, start=waiting.start), None
        if last is not None and _continues(last, piece):
            found[-1] = _merged(last, piece)
        else:
            found.append(piece)
    return [piece for piece in found if _commits(piece, acts)]


def _continues(last: _Piece, piece: _Piece) -> bool:
    assert last.action is not None, "kept pieces have an action"
    assert piece.action is not None, "kept pieces have an action"
    if piece.arrives and last.action[1] in MONEY and _open_ended(last):
        return True
    if last.action[0] in ("核实", "处理") and _open_ended(last):
        return True
    if piece.action[0] in ("核实", "处理") and piece.term is None:
        return True
    return last.action[0] == piece.action[0] and (_open_ended(last) or _open_ended(piece))


def _open_ended(piece: _Piece) -> bool:
    """Whether it names no time, or only an early one (马上)."""
    return piece.term is None or piece.term.soon


def _merged(last: _Piece, piece: _Piece) -> _Piece:
    """Two clauses about one thing: the more telling action, the time and amount of either."""
    assert last.action is not None, "kept pieces have an action"
    weak = last.action[0] in ("核实", "处理")
    return replace(
        last,
        end=piece.end,
        action=piece.action if weak else last.action,
        term=piece.term if _open_ended(last) and piece.term is not None else last.term,
        amount=last.amount or piece.amount,
        condition=last.condition or piece.condition,
        for_them=last.for_them or piece.for_them,
        pledged=last.pledged or piece.pledged,
        guessed=last.guessed or piece.guessed,
    )


def _commits(piece: _Piece, acts: set[str]) -> bool:
    assert piece.action is not None, "kept pieces have an action"
    if piece.action[0] in ("核实", "处理"):
        if piece.term is None or piece.term.soon:
            return False
        return (piece.term.ends and not piece.allows) or piece.for_them or bool(acts & {"held", "promised"})
    if piece.action[0] == "开票" and not piece.term:
        return False
    if piece.action[1] == "exchange" and piece.allows and not piece.for_them:
        return False
    if piece.term is not None:
        return True
    gives = piece.amount is not None and piece.action[1] in MONEY and (piece.for_them or "offered" in acts)
    return gives or (piece.pledged and piece.for_them) or (piece.condition is not None and piece.for_them)
