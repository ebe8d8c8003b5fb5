"""The JSON of the API, version 1: what is checked when it comes in, and what the OpenAPI document says goes out."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.content.fields import Tone
from app.errors import MessageTooLong
from app.vocabulary import ASKABLE, FACTS, NO, NUMBER_FACTS, SLOT_NAMES, YES, Stage

MESSAGE_LIMIT: Final = 4000
TURN_LIMIT: Final = 200
SLOT_NAME_LIMIT: Final = 20
MAX_DAYS: Final = 9999

Short = Annotated[str, Field(max_length=200)]


def check_length(text: str) -> None:
    """Raises MessageTooLong above MESSAGE_LIMIT characters: a problem of its own, which validation would not give."""
    if len(text) > MESSAGE_LIMIT:
        raise MessageTooLong(f"一条消息最多 {MESSAGE_LIMIT} 个字，现在是 {len(text)} 个字")


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
    """At most 50 values, else ValueError."""
    if len(value) > 50:
        raise ValueError("slots 最多 50 个")
    return value


Slots = Annotated[
    dict[str, Short],
    BeforeValidator(filled_slots),
    AfterValidator(few),
    Field(description='客服填好的值，如 {"时限": "今天 18:00 前"}'),
]
Facts = Annotated[
    dict[str, str | int],
    BeforeValidator(known_facts),
    Field(description='已知的事实，如 {"洗过": "是", "责任": "店铺"}'),
]


class Incoming(BaseModel):
    """Fields nobody knows are ignored, so that newer clients can talk to an older service."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def shown_as(**example: Any) -> ConfigDict:
    """The settings of a model that comes in, with a request that the OpenAPI document shows for it."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class TurnIn(Incoming):
    """Something said before, by one side."""

    role: Literal["customer", "agent"] = Field(description="customer 顾客，agent 客服")
    text: Annotated[str, Field(max_length=MESSAGE_LIMIT, description="原话，最多 4000 字")]


class SuggestIn(Incoming):
    """One customer message, and what the agent's side knows about it."""

    model_config = shown_as(
        message="上次买的毛衣缩水了还起球，那么贵",
        slots={"时限": "今天 18:00"},
        facts={"洗过": "是"},
        limit=5,
    )

    message: Annotated[
        str,
        Field(
            description="顾客这一条消息，最多 4000 字",
            examples=["上次买的毛衣缩水了还起球，那么贵"],
            json_schema_extra={"maxLength": MESSAGE_LIMIT},
        ),
    ]
    conversation_id: Annotated[Short | None, Field(description="只用来读上下文，不写入")] = None
    channel: Annotated[Short | None, Field(description="从哪里来的，只作记号")] = "panel"
    shop: Annotated[Short | None, Field(description="店铺 id；空为第一个店铺")] = None
    tone: Annotated[Tone | None, Field(description="空为店铺的语气")] = None
    slots: Slots = {}
    facts: Facts = {}
    limit: Annotated[int, Field(ge=1, le=20, description="最多几条话术")] = 5
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
        """The turn that the context ends before, as a number."""
        return int(self.turn_id) if self.turn_id is not None else None


class SpanOut(BaseModel):
    """A place in a text, counted in Unicode code points from 0; `end` is not part of it."""

    start: int = Field(description="在收到的文字里的位置，按 Unicode 字符从 0 数")
    end: int = Field(description="不含这一位")
    text: str = Field(description="这一段原文")


class IntentOut(BaseModel):
    """Something the customer wants or complains of, with the words that led to it."""

    id: str = Field(description="意图 id，例如 shrinkage")
    name: str = Field(description="中文名")
    kind: str = Field(description="complaint、enquiry、question、dialogue 或 risk")
    score: float = Field(description="把握，0 到 1")
    evidence: list[SpanOut] = Field(description="凭哪几个字")


class EmotionOut(BaseModel):
    """How upset the customer sounds; by tone only, whatever the matter."""

    level: int = Field(description="0 平静到 3 激烈，只看语气")
    name: str = Field(description="这一级的叫法")
    trend: Literal["rising", "flat", "falling"] = Field(description="会话里的走势：上升、平稳、回落")
    evidence: list[SpanOut] = Field(description="凭哪几个字")


class RiskOut(BaseModel):
    """An intent that somebody must see to, and how."""

    id: str = Field(description="风险意图的 id")
    name: str = Field(description="中文名")
    banner: bool = Field(description="要不要亮红条")
    advice: list[str] = Field(description="该做什么")
    evidence: list[SpanOut] = Field(description="凭哪几个字")


class SlotOut(BaseModel):
    """A value found in the message or known from elsewhere."""

    name: str = Field(description="填空的名字，例如 订单号")
    value: str = Field(description="填的值")
    start: int = Field(description="在消息里的位置；不在这条消息里的为 -1")
    end: int = Field(description="不含这一位")
    origin: Literal["message", "conversation", "channel", "typed"] = Field(
        description="来自这条消息、之前的会话、渠道或客服填的"
    )


class StageOut(BaseModel):
    """Where the agent's next reply stands in handling a complaint."""

    id: Stage = Field(description="阶段")
    name: str = Field(description="中文名")
    reason: str = Field(description="为什么是这一步")
    done: list[Stage] = Field(description="客服已经做过的阶段")


class BlankOut(BaseModel):
    """A value we promise that is still to be filled in: bubbles[bubble][start:end] shows 〔name〕."""

    name: str = Field(description="空的名字，例如 时限")
    bubble: int = Field(description="第几条气泡，从 0 数")
    start: int = Field(description="在这条气泡里的位置")
    end: int = Field(description="不含这一位")


class ImageOut(BaseModel):
    """A picture that goes with the script, such as a size chart."""

    url: str = Field(description="在这个服务里的地址，要登录或带令牌")
    alt: str = Field(description="图上是什么")
    width: int = Field(description="像素")
    height: int = Field(description="像素")


class SuggestionOut(BaseModel):
    """A script that fits, filled in as far as values are known."""

    script_id: str = Field(description="话术的 id，反馈时带上")
    intent: str = Field(description="为哪个意图")
    stage: Stage = Field(description="在哪个阶段用")
    title: str = Field(description="话术的标题")
    tone: Tone = Field(description="语气")
    bubbles: list[str] = Field(description="一条一条发出去的话，填好了空")
    text: str = Field(description="几条气泡用换行连起来")
    blanks: list[BlankOut] = Field(description="还没填的空在哪里")
    missing: list[str] = Field(description="还没填的空的名字；不空时不要直接发")
    score: float = Field(description="排序用的分数，越大越靠前")
    reason: str = Field(description="为什么推这一条")
    source: list[str] = Field(description="依据：种子文档编号、法条，或 practice")
    images: list[ImageOut] = Field(description="一起发的图片")
    trial: Annotated[
        int | None, Field(description="在试两种说法时，这一条是那个试验让排在前面的；没有试验就没有这一项")
    ] = None


class AskOut(BaseModel):
    """Something to be asked of the customer."""

    fact: str = Field(description="事实或填空的名字")
    text: str = Field(description="问顾客的话")


class CardRefOut(BaseModel):
    """A card worth reading now; its text is at `/api/v1/cards/{id}`."""

    id: str = Field(description="知识卡 id，取全文用")
    title: str = Field(description="标题")


class RuleOut(BaseModel):
    """A rule of handling that holds here, with the facts it rests on."""

    id: str = Field(description="处理规则 id")
    title: str = Field(description="标题")
    outcome: list[str] = Field(description="怎么处理，一条一句")
    reason: str = Field(description="凭哪些事实")
    source: list[str] = Field(description="依据")


class DeadlineOut(BaseModel):
    """Until when something is to be done."""

    text: str = Field(description="什么事的期限")
    due_at: str | None = Field(description="到什么时候，带时区；算不出时为空")


class GuidanceOut(BaseModel):
    """What an agent should know besides the scripts."""

    ask: list[AskOut] = Field(description="还要问清的")
    do: list[str] = Field(description="该做的")
    dont: list[str] = Field(description="不要做、不要说的")
    cards: list[CardRefOut] = Field(description="相关的知识卡")
    rules: list[RuleOut] = Field(description="用得上的处理规则")
    deadlines: list[DeadlineOut] = Field(description="期限")


class ProductBriefOut(BaseModel):
    """A product by code and name."""

    code: str = Field(description="款号")
    name: str = Field(description="商品名")


class ProductFactsOut(ProductBriefOut):
    """What the shop's list says of a product."""

    short: Annotated[str, Field(description="对顾客怎么称呼这款")]
    category: str = Field(description="品类")
    fabric: str = Field(description="面料")
    care: str = Field(description="洗护")
    colours: str = Field(description="颜色")
    notes: str = Field(description="备注")
    sizes: list[str] = Field(description="有哪些尺码")


class ProductOut(BaseModel):
    """Which product of the shop's list it is about; `known` is null when several may be meant."""

    known: ProductFactsOut | None = Field(description="就是这一款；可能是几款时为 null")
    how: Annotated[str, Field(description="链接、款号、名称或客服选的")]
    candidates: list[ProductBriefOut] = Field(description="可能是哪几款")


class SizeOptionOut(BaseModel):
    """A size for a way of wearing it."""

    wish: str = Field(description="想怎么穿，例如 宽松")
    size: str = Field(description="那样穿拍哪个码")


class SizeOut(BaseModel):
    """The size for one person, from the product's own table."""

    who: str = Field(description="给谁穿")
    verdict: Literal["合适", "两可", "超出", "缺数", "没有表"] = Field(description="和尺码表对下来怎样")
    size: Annotated[str | None, Field(description="两可、超出、缺数时为空，不猜")]
    body: str = Field(description="身高体重这些，写成一句")
    options: list[SizeOptionOut] = Field(description="按穿法可选的码")
    reason: str = Field(description="凭表里哪一行")
    ask: list[AskOut] = Field(description="还缺什么")


class EvidenceItemOut(BaseModel):
    """A piece of evidence that the case takes, and whether it is there."""

    id: str = Field(description="这一项的 id，打勾用")
    text: str = Field(description="要什么")
    why: str = Field(description="为什么要")
    status: Annotated[
        Literal["have", "look", "missing"], Field(description="look：图片来了，要客服看过再打勾")
    ]
    value: str = Field(description="对话里读到的值")
    photo: bool = Field(description="是不是照片")
    source: list[str] = Field(description="依据")
    by: Annotated[str, Field(description="谁打的勾；空为从对话里读到")]


class ShrinkageOut(BaseModel):
    """How much one measure has shrunk, in per cent of what it was; no verdict on that."""

    dimension: str = Field(description="量的是哪里，例如 衣长")
    before: Annotated[float, Field(description="厘米")]
    now: Annotated[float, Field(description="厘米")]
    percent: Annotated[float, Field(description="（原−现）/原，正数是缩；不作是否超标的判断")]
    origin: Literal["尺码表", "顾客说的"] = Field(description="原来的尺寸从哪里来")
    within_error: bool = Field(description="在测量误差之内")
    text: str = Field(description="写成一句")


class EvidenceOut(BaseModel):
    """What it takes to judge a garment, and what the measures told say."""

    kit: str = Field(description="证据单 id")
    title: str = Field(description="标题")
    missing: int = Field(description="还缺几样")
    items: list[EvidenceItemOut] = Field(description="一样一样")
    shrinkage: list[ShrinkageOut] = Field(description="缩了多少，每处一条")
    note: str = Field(description="提醒")
    lacking: str = Field(description="还差什么才算得出缩了多少")


class OrderOut(BaseModel):
    """pending: asked for in the background, there at the next look."""

    state: Literal["known", "unknown", "pending", "failed"] = Field(
        description="查到了、没有这个单、正在查、没查成"
    )


class SuggestOut(BaseModel):
    """Everything about a message: what it means, where the talk stands, what can be sent."""

    release: int = Field(description="用的是第几版内容")
    conversation_id: str | None = Field(description="会话编号；没有会话时为空")
    turn_id: str | None = Field(description="存成了会话里的哪一句；没存时为空")
    intents: list[IntentOut] = Field(description="认定的意图，最要紧的在前")
    candidates: list[IntentOut] = Field(description="其次的可能，最多三个")
    abstained: bool = Field(description="一个意图都没认定")
    reason: Literal["nothing_found", "too_low", "ambiguous"] | None = Field(
        description="没认定的原因：没找到、把握不够、分不清"
    )
    emotion: EmotionOut = Field(description="情绪")
    risks: list[RiskOut] = Field(description="风险")
    slots: list[SlotOut] = Field(description="认出来和填好的值")
    facts: dict[str, str | int] = Field(description="已知的事实")
    stage: StageOut = Field(description="客服下一句该走到哪一步")
    suggestions: list[SuggestionOut] = Field(description="话术，最合适的在前")
    guidance: GuidanceOut = Field(description="要问的、该做的、知识卡、规则、期限")
    product: ProductOut | None = Field(description="说的是哪一款；没有商品表或没提到时为空")
    sizes: Annotated[list[SizeOut], Field(description="问尺码时，每个要穿的人一条")]
    evidence: Annotated[EvidenceOut | None, Field(description="衣服出问题时要的证据")]
    order: Annotated[OrderOut | None, Field(description="没接订单系统，或者没有订单可查时为空")]
