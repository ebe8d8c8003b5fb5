"""What customers say back in the middle of a complaint: that they have said it all, that it is wrong again, that it was
said otherwise before, what happens if it is not kept; and that what was asked for has come, so that a decision is due.

These come before what the stage alone would make of the words: a decision, an admission or a date is wanted, not a note.
"""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.reply.agreed import names, remedies
from app.reply.answers import is_mere, is_question, names_trouble, shows
from app.reply.arrivals import MONEY_REMEDIES
from app.reply.bargains import EXTORTION, haggles_over
from app.reply.choices import asks_how, sums
from app.reply.customer_acts import likeliest
from app.reply.move_words import CAME_BUT, CANNOT, OBSTACLE, PLEASED, THANKS, WANTS_TO_KNOW, YES
from app.reply.restate import restated
from app.reply.stage import REACTIONS, REMEDY_ASKS, RUDE
from app.reply.state import ANSWER_SURE, LISTEN_ONLY, OPEN_FACTS, SHOWN, ConversationState
from app.types import IntentMatch
from app.vocabulary import BOOLEAN_FACTS, ELSE, Stage

_SURELY, _HEARD = 0.6, 0.35
_IN_KIND: Final = frozenset({"换货", "补发", "补件", "维修"})
_OF_SIZE: Final = REMEDY_ASKS | {"size_fit"}
_TOLD: Final = frozenset(BOOLEAN_FACTS) | {"签收天数", "问题描述", "原因", "尺码"}
"""Facts that decide what is done, besides what is shown."""

_SAID_BEFORE: Final = re.compile(
    r"还(?:要|得|让)我(?:再|重新|又)?[说讲发拍]|再[说讲](?:一)?[遍次]|不想再[说讲]|[说讲](?:了|过)(?:几|多少|八百|好几|无数|两|三|四|\d)[遍次]|(?:早|都|不是)?(?:就|已经)?(?:[发说讲传拍]过|发给你们?)了?[^，,。]{0,3}(?:还|又)[要问让]|又(?:要我|让我|问我?|得)(?:重新|再)?[^，,。]{0,6}[说讲问拍发]?一?遍|重复[说讲]|(?:每|换)[一次个][^，,。]{0,5}客服[^，,。]{0,4}(?:都|就)?[^，,。]{0,2}问|第[二两三四五六几]个(?:客服|人)了|(?:前面|上面|昨[天晚]|之前|早就)[^，,。]{0,4}(?:都|就)[发说讲传拍](?:过|了|给)"
)
_IF_NOT: Final = re.compile(
    r"(?:不|没|再)[^，,。]{0,10}[，,\s]*(?:我)?(?:就|直接|马上|只能|只好)[^，,。]{0,4}(?:投诉|打?12315|12345|举报|找平台|平台介入|申请介入|介入|曝光|起诉|报警|发网上|差评|找消协)"
)
_LONG_AGO: Final = re.compile(
    r"(?:去年|前年|上次|上回|上个月|以前|那年|之前那|前两?次|前阵子)[^。]{0,24}(?:也|都|就|才|还|补|赔|退|给)|(?:给|补|赔|退)了?(?:我朋友|我同事|我闺蜜|我姐|我妹|别人|人家|其他人|隔壁)|(?:我朋友|同事|闺蜜|别人|人家)[^，,。]{0,12}(?:补|赔|退|给)了?\d"
)
_CHALLENGES: Final = re.compile(
    r"(?:你|您|这|那|啥|几)个?(?:什么|啥)?意思|^(?:啥|什么)意思|意思是?(?:我|让我|怪|说我)|活该|当我(?:是)?(?:傻|好)|(?<!巨)坑(?:我|人|老|顾客|谁)|耍(?:我|人|猴)|(?:你|您)?们?(?:刚|刚才|刚刚|之前|前面|当时|昨天|一开始)[^，,。好]{0,6}(?:说|讲|让|叫|推荐|答应)(?!好)|[你您]们?[^，,。]{0,4}(?:推荐|说)[^，,。]{0,6}(?:正好|合适|没问题|可以)|聊天记录[^，,。]{0,4}(?:有|在|都)"
    r"|(?:凭|为)(?:什么|啥)|也不(?:给|能|让)?[退换赔管修]|怎么(?:到|轮到)我|不给(?:我)?[报退换赔修]|没法证明|又(?:变|改)(?:了|口)|前后(?:不一|矛盾)|两套说法|一会儿?[^，,。]{1,10}一会|(?:你|您)们?(?:每次|老是|总是|一直)[^，,。]{0,8}$|(?:哪|谁)(?:条|家)?规定|霸王|打算怎么赔|要赔\d|不是我(?:弄|洗|穿|搞|造成)[^，,。]{0,3}的|(?:没|不是)(?:我|自己)[^，,。]{0,4}(?:弄|洗坏|穿坏)|早(?:不说|干[嘛吗啥什]|说[啊呀])|多此一举|推(?:卸|脱)|甩锅|哪来的|我这是[^，,。]{1,8}吗|叫[^，,。]{1,4}[?？]|叫合格|不是更|你让我怎么|怎么还(?:是|在)|每次都|老是这|又是这句|怪到?我|逗我|往我身上|叫正常|算正常|明明|没(?:说|写|讲)清楚|(?:什么|法律|哪来的)规定|跟[^，,。]{1,6}什么关系|同不同意|就(?:完|算)了[?？]"
)
_SAID_OTHERWISE: Final = re.compile(r"明明|没(?:说|写|讲)清")
_WORD_LOST: Final = re.compile(
    r"(?:短信|地址|链接|邮件|消息|验证码|图|照片|电话|通知)(?:我)?(?:也|都|还)?(?:没|沒)(?:有)?(?:收到|看到|接到|发)|没(?:有)?(?:收|看|接)到(?:你们?的?)?(?:短信|地址|链接|邮件|通知|验证码)"
)
_MATTERS_TO: Final = re.compile(
    r"(?:直接|这就|马上|现在就)(?:去)?(?:写|发|投诉|举报|打12315|评价|差评|追评|曝光)|截止(?:到)?(?:今|明|\d)|最后一次|再给[你您]们|没[^，,。]{1,4}我?(?:再|就)?来?找[你您]"
)
_WHEN_HERE: Final = re.compile(
    r"(?:收到?货|签收|确认收货|到货|收到)(?:了)?(?:之?后|以后|再)[^，,。]{0,4}(?:联系|找|告诉|跟|和|来|给|帮|打|转|返|申请)"
)
_PAYS: Final = re.compile(r"打款|转账|返|退[款钱差还]|补[款钱差]|红包|到账")
_HERE: Final = re.compile(
    r"(?:货|衣服|东西|快递|裤子|裙子|鞋)?[^，,。]{0,6}(?:收到|签收|到)[了啦]|确认收货了"
)
_NOTHING_SEEN: Final = re.compile(
    r"(?:查|搜|看)(?:了|过|不到|不出)[^，,。]{0,3}[，,\s]*(?:还是)?(?:没有?|无|查无)?[^，,。]{0,3}(?:物流|信息|记录|轨迹|揽收)|(?:单号|物流)[^，,。]{0,4}(?:查不到|没有?信息|没信息|没更新|没记录|是假的|空的|不存在)"
)
_SENT_OFF: Final = re.compile(r"单号|发出|已发|寄出|刚发|[A-Za-z]{0,3}\d{9,}")
_AWAY: Final = re.compile(
    r"在外地|出差|不在家|回老家|旅游|(?:要|得)?[^，,。]{0,8}才(?:回|有空|能去|能寄)|没空(?:去|寄|跑)"
)
_EXPLAINS: Final = re.compile(
    r"就好了|会(?:自然|有一点)|正常|误差|属于|是因为|(?:比较)?容易|可能是|是不是[^，,。]{0,8}(?:刮|洗|蹭|碰|晒|泡|拉|勾)|规则|规定|不参加|不支持|超过|超出|过了|没有?看到|仓库|吊牌上|洗标上|登记的是|说的是|保管|误会|系统|前\d+名|最多|不能|没法|做不到|没办法|有提示|写了|写得|都是|确实是|痕迹"
)
_INTERROGATIVE: Final = re.compile(
    r"怎么|咋|什么|啥|多少|几|哪|谁|吗|(.)[不没]\1|还是|多久|多长|呢|[能可行]以?[^，,。]{0,6}吧"
)
_BILLS: Final = re.compile(r"小票|票据|收据|凭票|付款|付完|支付|转账|收款")
_OBJECTING: Final = frozenset({"doubt", "refuse", "vent", "counter"})
_AGREEING: Final = frozenset({"accept", "ok", "thanks", "done", "later", "obstacle", "chase", "overdue"})
_BY_THE_WAY: Final = re.compile(
    r"另外|还有(?!多久|几|货|没)|顺便|又发现|才发现|还发现|刚发现|而且|不过|但是?|可是"
)


def retort(state: ConversationState, stage: Stage, text: str) -> str:
    """What words do, one of TURN_FACTS["刚才"], that say back something to an agent; "" for none of these.

    text: the latest messages, joined. Only in a talk that is about a trouble.
    """
    if not (state.cases or state.risks or state.handled or state.tabled or state.due or state.held):
        return ""
    if stage == "answer" or "scam_alert" in state.risks:
        return ""
    if _SAID_BEFORE.search(text):
        return "嫌重复"
    if stage == "listen":
        return ""
    latest = state.open.texts[-1]
    return _goes_wrong(state, latest) or _in_dealing(state, stage, text, latest) or _came(state, stage, text)


def first_retort(state: ConversationState, stage: Stage) -> str:
    """What a talk that goes on elsewhere begins with: that it has all been said, "" for anything else."""
    complains = stage in ("listen", "confirm", "apologise")
    return "嫌重复" if complains and _SAID_BEFORE.search("，".join(state.open.texts)) else ""


def _goes_wrong(state: ConversationState, latest: str) -> str:
    """Whether what was sent or mended is wrong again, or something else is wrong besides what is settled."""
    dealt = bool(state.settled or state.due or state.tabled)
    if not dealt or PLEASED.search(latest) or haggles_over(state, latest):
        return ""
    if CAME_BUT.search(latest) and names_trouble(latest) and (state.tabled & _IN_KIND or _sends(state)):
        return "又不对"
    found = _BY_THE_WAY.search(latest)
    new = _tells_new(state)
    if found and (new or (state.open.adds and names_trouble(latest[found.end() :]))):
        return "又有毛病"
    return ""


def _sends(state: ConversationState) -> bool:
    return any(map(_SENT_OFF.search, (*state.sent, state.reply)))


def _tells_new(state: ConversationState) -> bool:
    return any(
        match.kind == "complaint" and match.id not in (*state.cases, *LISTEN_ONLY, *REACTIONS)
        for match in state.open.intents
    )


def _in_dealing(state: ConversationState, stage: Stage, text: str, latest: str) -> str:
    """What words do that are said about what an agent offered, told or promised."""
    if (_IF_NOT.search(latest) or _MATTERS_TO.search(latest)) and EXTORTION not in state.risks:
        return "放话"
    if stage not in ("resolve", "follow_up"):
        return ""
    if _WORD_LOST.search(latest):
        return "信没到"
    if _keeps_word(state) and _HERE.search(latest) and not names_trouble(latest):
        return "兑现"
    if _NOTHING_SEEN.search(latest) and _SENT_OFF.search(state.reply):
        return "查不到"
    if EXTORTION in state.risks:
        return ""
    if remedies(state.offers) and _AWAY.search(latest) and not (is_question(latest) or names(latest)):
        return "会去办"
    if (state.tabled or sums(state.reply)) and _LONG_AGO.search(text):
        return "翻旧账"
    return "不服" if _challenges(state, stage, text, latest) else ""


def _keeps_word(state: ConversationState) -> bool:
    """Whether money was to be paid once the thing is there."""
    pays = sums(state.reply) or not MONEY_REMEDIES.isdisjoint(state.tabled) or _PAYS.search(state.reply)
    return bool(pays) and _WHEN_HERE.search(state.reply) is not None


def _challenges(state: ConversationState, stage: Stage, text: str, latest: str) -> bool:
    """Whether what an agent said is called into question, which wants more than a look into it."""
    if shows(latest) or state.open.broken or THANKS.search(latest) or YES.search(latest):
        return False
    if state.comes_back and state.open.chases and not _SAID_OTHERWISE.search(latest):
        return False
    if stage == "follow_up" and (
        asks_how(state.open.texts) or likeliest(state.latest_acts, _HEARD) == "howto"
    ):
        return False
    if any(match.id in REMEDY_ASKS and match.score >= ANSWER_SURE for match in state.open.intents):
        return False
    if _CHALLENGES.search(text) and not sums(latest):
        return True
    doubts = likeliest(state.latest_acts, _SURELY) == "doubt"
    return doubts and is_question(latest) and _echoes(state)


def _echoes(state: ConversationState) -> bool:
    """Whether the trouble that words sound like only takes up what the agent has just said (香水味 … 味道能拍照？)."""
    new = [
        match
        for match in state.open.intents
        if match.kind == "complaint" and match.id not in state.cases and match.score >= ANSWER_SURE
    ]
    return bool(new) and all(
        any(_said_first(state, span.text) for span in match.evidence) for match in new if match.evidence
    )


def _said_first(state: ConversationState, word: str) -> bool:
    """Whether an agent has spoken of what a word is about."""
    return any(word[:1] in text for text in (state.reply, *state.sent))


def _came(state: ConversationState, stage: Stage, text: str) -> str:
    """Whether what an agent asked for has come, and how to settle it is to be said now."""
    turn = state.open
    if remedies(state.offers) or set(state.missing) - OPEN_FACTS:
        return ""
    if stage not in ("resolve", "apologise") and not (stage == "follow_up" and _was_to_show(state)):
        return ""
    if _BILLS.search(state.reply) and state.tabled:
        return ""
    if turn.refuses or turn.doubts or turn.chases or CANNOT.search(text) or EXTORTION in state.risks:
        return ""
    shown = any(map(shows, turn.texts)) and (not SHOWN.isdisjoint(turn.answered) or not _tells_new(state))
    if shown:
        return "看过了"
    told = _TOLD & set(turn.answered)
    if stage == "apologise" or WANTS_TO_KNOW.search(text) or not told or told <= OPEN_FACTS:
        return ""
    return "说清了" if state.cases and state.cases[0] not in _OF_SIZE and not state.settled else ""


def read_again(state: ConversationState, does: str) -> str:
    """What words do beyond what their wording tells, when an agent deals with the matter. does: what the wording tells."""
    if does == ELSE:
        return otherwise(state)
    if does == "问方案" and only_sounds_asked(state):
        return "不服"
    if does == "给资料" and argues(state) and not (state.did or state.open.answered):
        return "不服"
    return (
        "不服" if does == "走不通" and argues(state) and not OBSTACLE.search(state.open.texts[-1]) else does
    )


def otherwise(state: ConversationState) -> str:
    """What words do that no wording tells of, once somebody deals with the matter: they ask, object to what an agent said
    of whose fault it is, or tell what was asked. Scripts of the matter alone would say again what is past.
    """
    if (
        {EXTORTION, "scam_alert"} & {*state.risks}
        or state.open.has(*RUDE)
        or not (state.cases or state.handled)
    ):
        return ELSE
    latest = state.open.texts[-1]
    if restated(latest) and remedies(state.offers):
        return "问方案"
    if any(_has_scripts(state, match) for match in state.open.intents):
        return ELSE
    if is_mere(latest) or shows(latest) or state.open.chases:
        return ELSE
    ear = likeliest(state.latest_acts, _HEARD)
    if argues(state) and ear not in _AGREEING and not (restated(latest) or _INTERROGATIVE.search(latest)):
        return "不服"
    if restated(latest) or WANTS_TO_KNOW.search(latest):
        return ELSE if ear == "gives" else "问方案"
    if ear in _OBJECTING:
        return "不服"
    return "给资料" if ear == "gives" and any(act.name == "asked" for act in state.did) else ELSE


def only_sounds_asked(state: ConversationState) -> bool:
    """Whether a question asks for nothing, put to an agent who has explained the matter away (全新的会有头发？)."""
    latest = state.open.texts[-1]
    return argues(state) and not _INTERROGATIVE.search(latest) and not restated(latest)


def _has_scripts(state: ConversationState, match: IntentMatch) -> bool:
    """Whether something is surely told or wanted that no answer to an agent is."""
    if match.kind not in ("complaint", "enquiry", "risk") or match.score < ANSWER_SURE:
        return False
    return match.id not in REACTIONS and (match.id not in state.cases or match.id in REMEDY_ASKS)


def _was_to_show(state: ConversationState) -> bool:
    """Whether an agent's latest words ask for a picture of something."""
    return any(act.name == "asked" and act.about in SHOWN for act in state.did)


def argues(state: ConversationState) -> bool:
    """Whether an agent's latest words explain the matter away, and offer nothing."""
    offers = any(act.name == "offered" for act in state.did)
    return not offers and (
        _EXPLAINS.search(state.reply) is not None or any(act.name == "refused" for act in state.did)
    )
