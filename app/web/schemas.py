"""The JSON of the API, version 1: what is checked when it comes in, and what the OpenAPI document says goes out."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.vocabulary import ASKABLE, FACTS, NO, NUMBER_FACTS, SLOT_NAMES, YES, Stage

MESSAGE_LIMIT: Final = 4000
TURN_LIMIT: Final = 200
SLOT_NAME_LIMIT: Final = 20
MAX_DAYS: Final = 9999

Tone = Literal["亲切", "正式", "门店"]
Short = Annotated[str, Field(max_length=200)]


def _fact_value(fact: str, value: Any) -> str | int:
    if fact not in FACTS:
        raise ValueError(f"没有「{fact}」这个事实")
    if isinstance(value, bool):
        value = YES if value else NO
    if fact in NUMBER_FACTS:
        return _whole(fact, value)
    allowed = FACTS[fact]
    if not isinstance(value, str) or len(value) > 200 or (allowed and value not in allowed):
        raise ValueError(f"「{fact}」只能是{'、'.join(allowed)}" if allowed else f"「{fact}」要是文字")
    return value


def _whole(fact: str, value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise ValueError(f"「{fact}」要是 0 到 {MAX_DAYS} 的整数")
    return int(text)


def known_facts(value: Any) -> Any:
    """Facts against the vocabulary; null means unknown."""
    if not isinstance(value, dict):
        return value
    return {fact: _fact_value(str(fact), given) for fact, given in value.items() if given is not None}


def told_facts(value: Any) -> Any:
    """Like `known_facts`; null takes a fact back, and what can only be asked for may be 是."""
    if not isinstance(value, dict):
        return value
    told: dict[str, Any] = {}
    for fact, given in value.items():
        if given is None or (fact in ASKABLE and fact not in FACTS and given == YES):
            if fact not in ASKABLE:
                raise ValueError(f"没有「{str(fact)[:20]}」这个事实")
            told[fact] = given
        else:
            told[fact] = _fact_value(str(fact), given)
    return told


def told_slots(value: Any) -> Any:
    """Slots as text against the vocabulary; null and empty ones are taken back."""
    if not isinstance(value, dict):
        return value
    for name in value:
        if name not in SLOT_NAMES:
            raise ValueError(f"里没有「{str(name)[:20]}」这个值，可选：{'、'.join(sorted(SLOT_NAMES))}")
    return {name: None if given in (None, "") else _slot_text(name, given) for name, given in value.items()}


def filled_slots(value: Any) -> Any:
    """Slots as text, without empty ones."""
    if not isinstance(value, dict):
        return value
    return {
        _slot_name(name): _slot_text(name, given) for name, given in value.items() if given not in (None, "")
    }


def _slot_name(name: str) -> str:
    if len(name) > SLOT_NAME_LIMIT:
        raise ValueError(f"里的名字太长，最多 {SLOT_NAME_LIMIT} 个字")
    return name


def _slot_text(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"里的「{name}」要是文字或数字")
    return str(value)


def few(value: dict[str, str]) -> dict[str, str]:
    if len(value) > 50:
        raise ValueError("slots 最多 50 个")
    return value


class Incoming(BaseModel):
    """Fields nobody knows are ignored, so that newer clients can talk to an older service."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TurnIn(Incoming):
    role: Literal["customer", "agent"]
    text: Annotated[str, Field(max_length=MESSAGE_LIMIT)]


class SuggestIn(Incoming):
    """One customer message, and what the agent's side knows about it."""

    message: Annotated[
        str,
        Field(
            description="顾客这一条消息，最多 4000 字",
            examples=["上次买的毛衣缩水了还起球，那么贵"],
            json_schema_extra={"maxLength": MESSAGE_LIMIT},
        ),
    ]
    conversation_id: Annotated[Short | None, Field(description="只用来读上下文，不写入")] = None
    channel: Short | None = "panel"
    shop: Annotated[Short | None, Field(description="店铺 id；空为第一个店铺")] = None
    tone: Annotated[Tone | None, Field(description="空为店铺的语气")] = None
    slots: Annotated[
        dict[str, Short],
        BeforeValidator(filled_slots),
        AfterValidator(few),
        Field(description='客服填好的值，如 {"时限": "今天 18:00 前"}'),
    ] = {}
    facts: Annotated[
        dict[str, str | int], BeforeValidator(known_facts), Field(description='已知的事实，如 {"洗过": "是"}')
    ] = {}
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    turns: Annotated[
        tuple[TurnIn, ...], Field(max_length=TURN_LIMIT, description="这条消息之前的聊天，从早到晚")
    ] = ()
    stage: Annotated[Stage | None, Field(description="客服改选的阶段")] = None
    intents: Annotated[
        tuple[Short, ...] | None, Field(max_length=20, description="客服改选的意图，先回应的在前")
    ] = None
    agent: Annotated[Short, Field(description="客服自称")] = ""
    turn_id: Annotated[
        str | None,
        Field(pattern=r"^[0-9]{1,9}$", description="这条消息已经存成会话里的这一句：只看它之前的上下文"),
    ] = None

    def before_turn(self) -> int | None:
        return int(self.turn_id) if self.turn_id is not None else None


class SpanOut(BaseModel):
    start: int
    end: int
    text: str


class IntentOut(BaseModel):
    id: str
    name: str
    kind: str
    score: float
    evidence: list[SpanOut]


class EmotionOut(BaseModel):
    level: int
    name: str
    trend: Literal["rising", "flat", "falling"]
    evidence: list[SpanOut]


class RiskOut(BaseModel):
    id: str
    name: str
    banner: bool
    advice: list[str]
    evidence: list[SpanOut]


class SlotOut(BaseModel):
    name: str
    value: str
    start: int
    end: int
    origin: Literal["message", "conversation", "channel", "typed"]


class StageOut(BaseModel):
    id: Stage
    name: str
    reason: str
    done: list[Stage]


class BlankOut(BaseModel):
    """A value we promise that is still to be filled in: bubbles[bubble][start:end] shows 〔name〕."""

    name: str
    bubble: int
    start: int
    end: int


class ImageOut(BaseModel):
    """A picture that goes with the script, such as a size chart."""

    url: str = Field(description="在这个服务里的地址，要登录或带令牌")
    alt: str = Field(description="图上是什么")
    width: int
    height: int


class SuggestionOut(BaseModel):
    script_id: str
    intent: str
    stage: Stage
    title: str
    tone: Tone
    bubbles: list[str]
    text: str
    blanks: list[BlankOut]
    missing: list[str]
    score: float
    reason: str
    source: list[str]
    images: list[ImageOut]
    trial: Annotated[
        int | None, Field(description="在试两种说法时，这一条是那个试验让排在前面的；没有试验就没有这一项")
    ] = None


class AskOut(BaseModel):
    fact: str
    text: str


class CardRefOut(BaseModel):
    id: str
    title: str


class RuleOut(BaseModel):
    id: str
    title: str
    outcome: list[str]
    reason: str
    source: list[str]


class DeadlineOut(BaseModel):
    text: str
    due_at: str | None


class GuidanceOut(BaseModel):
    ask: list[AskOut]
    do: list[str]
    dont: list[str]
    cards: list[CardRefOut]
    rules: list[RuleOut]
    deadlines: list[DeadlineOut]


class ProductBriefOut(BaseModel):
    code: str
    name: str


class ProductFactsOut(ProductBriefOut):
    short: Annotated[str, Field(description="对顾客怎么称呼这款")]
    category: str
    fabric: str
    care: str
    colours: str
    notes: str
    sizes: list[str]


class ProductOut(BaseModel):
    """Which product of the shop's list it is about; `known` is null when several may be meant."""

    known: ProductFactsOut | None
    how: Annotated[str, Field(description="链接、款号、名称或客服选的")]
    candidates: list[ProductBriefOut]


class SizeOptionOut(BaseModel):
    wish: str
    size: str


class SizeOut(BaseModel):
    """The size for one person, from the product's own table."""

    who: str
    verdict: Literal["合适", "两可", "超出", "缺数", "没有表"]
    size: Annotated[str | None, Field(description="两可、超出、缺数时为空，不猜")]
    body: str
    options: list[SizeOptionOut]
    reason: str
    ask: list[AskOut]


class EvidenceItemOut(BaseModel):
    id: str
    text: str
    why: str
    status: Annotated[
        Literal["have", "look", "missing"], Field(description="look：图片来了，要客服看过再打勾")
    ]
    value: str
    photo: bool
    source: list[str]
    by: Annotated[str, Field(description="谁打的勾；空为从对话里读到")]


class ShrinkageOut(BaseModel):
    dimension: str
    before: Annotated[float, Field(description="厘米")]
    now: Annotated[float, Field(description="厘米")]
    percent: Annotated[float, Field(description="（原−现）/原，正数是缩；不作是否超标的判断")]
    origin: Literal["尺码表", "顾客说的"]
    within_error: bool
    text: str


class EvidenceOut(BaseModel):
    kit: str
    title: str
    missing: int
    items: list[EvidenceItemOut]
    shrinkage: list[ShrinkageOut]
    note: str
    lacking: str


class OrderOut(BaseModel):
    """pending: asked for in the background, there at the next look."""

    state: Literal["known", "unknown", "pending", "failed"]


class SuggestOut(BaseModel):
    release: int
    conversation_id: str | None
    turn_id: str | None
    intents: list[IntentOut]
    candidates: list[IntentOut]
    abstained: bool
    reason: Literal["nothing_found", "too_low", "ambiguous"] | None
    emotion: EmotionOut
    risks: list[RiskOut]
    slots: list[SlotOut]
    facts: dict[str, str | int]
    stage: StageOut
    suggestions: list[SuggestionOut]
    guidance: GuidanceOut
    product: ProductOut | None
    sizes: Annotated[list[SizeOut], Field(description="问尺码时，每个要穿的人一条")]
    evidence: Annotated[EvidenceOut | None, Field(description="衣服出问题时要的证据")]
    order: Annotated[OrderOut | None, Field(description="没接订单系统，或者没有订单可查时为空")]


class MarkOut(BaseModel):
    """Where a search word was found: in the title, or in the text (bubbles joined by newlines)."""

    field: Literal["title", "text"]
    start: int
    end: int


class FoundOut(SuggestionOut):
    intent_name: str
    marks: list[MarkOut]


class FoundListOut(BaseModel):
    items: list[FoundOut]


class IntentInfoOut(BaseModel):
    id: str
    name: str
    group: str
    kind: str
    pinyin: str
    initials: str


class IntentListOut(BaseModel):
    items: list[IntentInfoOut]


class CardOut(BaseModel):
    id: str
    title: str
    kind: str
    text: str
    source: list[str]
    checked: str | None
    regions: list[str]
