"""What the customer's words have just done, and which remedy was agreed on: the conditions 刚才 and 说定 of scripts.

The stage says what kind of reply is due; within it the words say what they answer to (a page that refuses, a sum that
is named, a parcel that has come), so that the first script speaks of that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from app import regex as re
from app.reply.answers import is_mere, is_question
from app.reply.choices import sums
from app.reply.facts import Facts
from app.reply.remedies import ADVICE, EXTRAS
from app.reply.state import ConversationState
from app.vocabulary import BOOLEAN_FACTS, ELSE, Stage

MAX_READ: Final = 600
_LATEST: Final = 3
# facts that decide what is done, besides those that only find the order or the parcel
_TO_JUDGE: Final = frozenset(BOOLEAN_FACTS) | {
    "照片",
    "签收天数",
    "问题描述",
    "原因",
    "期望方案",
    "订单号",
    "尺码",
}
_BRIEF: Final = 25
_TERSE: Final = 6

_OBSTACLE: Final = re.compile(
    r"(?:显示|提示|弹出?来?|弹窗|系统|平台|页面|链接|驿站|小哥|银行|菜鸟|邮局|门卫|柜台|自助柜|她?那边|[它她他](?:又|还)?)(?:只)?(?:说|写|话|是|说是)?[^，。]{0,8}(?:不(?:支持|符合|在|能|让|允许|可以|给|收|用)|已(?:下架|使|失|过|达|关)|超(?:过|出|时)|没(?:有|法|签)|无|失败|过[咗了]?期|仅限|只有|拒|空白|下架)"
    r"|(?:没有?|找不到|没看到|看不到|只有)[^，。]{0,8}(?:按钮|按键|选项|入口|这一?项|字样|个字)|[选点填进付提][^，。]{0,2}不了|点不(?:动|开)|是?灰的|空白|失效|打不开|登不[上进]|退信|被?驳回|查无|拒收到付|注销|挂失"
)
# what was tried with the thing or out of doors, where no page can be shown
_FAILED: Final = re.compile(
    r"(?:试|喷|涂|洗|泡|晾|晒|刮|蒸|熨|翻|找|问|打|压|擦|剃|粘|看)(?:了|过|完|遍)(?![^。]{0,4}谢).{0,14}(?:还是|还在|没用|不行|没有|反而|不掉|没变|都是|依然|照样|更|俩|没人接|不接)|空的|空空如也|卖光|关门|搬走|拉黑|(?:收|拿|放|寄)不(?:了|到|去)(?!货)|不让(?:用|选|点|退|换|寄|放)|拒收"
)
_CONDITION: Final = re.compile(
    r"(?<!不)但(?:是|我|你|您|要|别|得|她|他|寄|发|三)|不过|只要|前提|(?:你|您)们?(?:可)?(?:得|要|必须|别)|得(?:给我|先|把)|先发|之前(?:给|拍|先)|别(?:拖|忘|再|换成|放|又)|先(?:发|给)我|另外|顺便|可以是可以|除非|要没|检查|就是我|还有|再(?:送|加|给)"
)
_NOT_YET: Final = re.compile(
    r"没(?:有)?(?:收|到|看|人|退|见|寄)|还没|未(?:收|到)|到哪|怎么还|什么时候|到了?(?:没|吗)|等[^，。]{0,4}到了?再"
)
_ARRIVED: Final = re.compile(
    r"(?:收|拿|攞|领|取|换|看|找)到|(?<![周遇达等提感迟拖])到(?:了|账|帐|手|喇)|进来了|退了|收(?:了|咗|下了)|入[账帐]|签收|看[见到]了|^\s*收到"
)
_MONEY: Final = re.compile(
    r"钱|款|账|帐|红包|\d+(?:\.\d+)?(?:元|块)?(?:收|到|进)|零钱|余额|差价|运费|返现|券|卡里|积分"
)
_GOODS: Final = re.compile(
    r"衣|裤|裙|衫|鞋|袜|帽|包裹|快递|件|扣|货|东西|外套|毛|[lmsxLMSX]|袋|领|新的|长度|正好|刚好|合适|合身|收(?:到)?咗"
)
_OF_MONEY: Final = frozenset(
    {
        "refund_progress",
        "compensation",
        "price_drop",
        "return_freight",
        "coupon_payment",
        "refund_only",
        "return_refund",
    }
)
_MONEY_REMEDIES: Final = frozenset({"部分退款", "仅退款", "补差价", "退运费", "代金券", "退货退款"})
_GOODS_REMEDIES: Final = frozenset({"换货", "补发", "补件", "维修", "赠品", "催物流"})
_NOTHING_TO_RETURN: Final = frozenset(
    {"dispatch_delay", "delivery_delay", "delivery_failed", "out_of_stock", "intercept", "order_change"}
)
# remedies asked for by name have scripts of their own
_OWN_SCRIPTS: Final = ("return_refund", "refund_only", "exchange", "repair_parts", "authority_complaint")
_SAID_MONEY: Final = re.compile(
    r"打款|到账|转给|退到|退回|转账|红包|已退|打给|补打|原路|入账|零钱|余额|已转|转了"
)
_SAID_GOODS: Final = re.compile(r"寄|发货|快递|派送|顺丰|送到|驿站|补发|单号|取件|送上门")
_DID: Final = re.compile(
    r"寄(?:了|出|走|咗|好|过去|起走)|(?:取|拿|收)走|提交|点了|交了|填(?:好|了)|申请(?:了|好|完)|[弄办搞]好|付了|付好|传了|发过去|给快递|单号(?=[\w\s:：]*\d)|尾号\d|删了|锁了|打了|报了|确认了|改(?:好|完)了|垫了"
)
_SOLVED: Final = re.compile(
    r"找到|(?:修|缝|弄|洗|补)(?:好|上|干净)了?|没事了|解决了|错怪|验过.{0,3}真|说是真的|不用(?:打|等|找|查|催)了|散了|成了|好使|能用了|误会|瞎折腾|虚惊|没事没事|打扰了|开了开了|有用"
)
_THANKS: Final = re.compile(
    r"谢|辛苦|感恩|麻烦你|唔该|费心|靠谱|给力|爽快|利索|贴心|良心|敞亮|爱了|爱你|会说话|救命|救了|服务.{0,2}好|不错|满意|五颗星|省心"
)
_WHERE_TO: Final = re.compile(
    r"地址(?:发|给|呢|甩|是|写|$|[?？，])|寄(?:到|回|去|给|往)?哪|寄回[^，。]{1,6}还是|收件(?:人)?写|谁来?[拿取收]|怎么[寄退](?!款)|上门取件|退给你|到付|哪个快递|什么快递|要?打?面单|贴单"
)
_CLICK: Final = re.compile(
    r"点哪|哪个原因|选(?:哪|什么|其他|“|「)|怎么(?:操作|申请|弄|点|选|填|开|改)|在哪(?:里|儿)?(?:点|申请|看|找|弄)|二维码|入口|哪里(?:点|申请|看)|找谁"
)
_TO_ACCOUNT: Final = re.compile(
    r"(?:多久|几天|什么时候|啥时候|几时|多长时间)[^，。]{0,6}(?:到账|退|到我|收到钱|返)|退(?:到|去)?哪|退(?:到|回)[^，。]{0,6}(?:吗|还是|？|\?)|手续费|手續費|银行要多久|返到"
)
_WHEN: Final = re.compile(r"几点|什么时候|啥时候|多久|哪天|几号|几时|几天|多长时间|几耐|等几|来得及")
_LASTING: Final = re.compile(
    r"(?:还|再|又|会不会|万一|别又|不会|保不齐)[^，。]{0,10}(?:又开|塌|垮|一个样|坏|裂|开线|开了|掉|缩|起球|一样|这样|这味|断|破|错|跑|脱|褪|勒|扎)|别又|同一批|口误|也这|洗不掉呢"
)
_FREIGHT: Final = re.compile(r"[运邮]费|来回[^，。]{0,4}(?:谁|出|钱)|谁(?:出|掏|付)|邮寄费|加钱吗|要钱吗")
_DISTRUST: Final = re.compile(
    r"真的(?:给|会|假|能|吗)|骗|推来推去|忽悠|糊弄|凭(?:什么|啥)|口说无凭|说话算|算(?:话|数)吗|上次(?:也|说)|石沉|靠谱吗|谁信|信你|换个说法|又(?:反悔|变)|保证"
)
_IF: Final = re.compile(
    r"算谁的|(?:不了|不到|没有|不掉|不行)[^，。]{0,8}(?:怎么办|咋办|咋整|个说法)|(?:要是|万一|如果|假如)[^。]{1,20}(?:呢|咋办|怎么办|咋整|[?？]|怎么算|算谁)"
)
_PRESSES: Final = re.compile(
    r"(?:怎么|咋)(?:还|又)(?:在|没|不)|人呢|在吗|有人吗|回话|(?:好|行|查|问|弄)了?(?:没|吗)[?？]?$|什么情况|没动静|没响|没人来|影子|快点|赶紧|[快现在马上]退(?:$|[，！!])|都[^，。]{1,4}[天时周月]了|催|(?:[今明后昨]天|[上下中]午|晚上|\d[点天]|[一二两三四五六七八九十]点)[^，。]{0,6}了(?!就|再)|还没|都几"
)
_COUNTERS: Final = re.compile(
    r"(?:至少|起码|最少|得给|加到?|凑|报|出)[^，。]{0,4}\d|\d{1,5}(?:块|元)?[^，。\d]{0,6}(?:报全|你们?出|得了|我就|差不多|行不行|不行吗)|^\D{0,2}\d{1,4}(?:块|元)?$"
)
_PRICED: Final = re.compile(r"块|元|钱|退|赔|补|给我|报|出")
_OBJECTS: Final = re.compile(
    r"谁(?:看|信|要|知道|稀罕|注意|会看)|凭(?:什么|啥)|(?:怪|赖)我|我怎么知道|有[什啥]么?用|又不是我|(?:缝|弄|做|搞|修)不(?:来|好|动)|不会(?:弄|缝|用|搞)|[穿用]不(?:了|着|上)|不划算|不值|太晚|来不及"
)
_URGENT: Final = re.compile(
    r"急用|急着|赶时间|等着(?:穿|用)|(?:婚礼|出差|面试|演出|比赛|聚会|典礼|飞机|高铁|旅游|满月|年会|开学|运动会)|最晚|之前(?:要|得)|赶得[上及]|办酒|结婚|婚期|周[一二三四五六日天]就?(?:要|得)?(?:用|穿|办)|赌不起"
)
_PONDERS: Final = re.compile(
    r"^[^，。]{0,4}(?:想想|想一想|考虑|商量|合计|寻思)|问问?(?:我)?(?:老公|老婆|家里|我妈|对象)"
)
_RESCHEDULES: Final = re.compile(
    r"(?:能|可以|帮我|给我)[^，。]{0,3}改(?:到|成|个|期|约|明|后|下|早|晚|周)|换个时间|改约|改天(?:取|来|送)"
)
_NEEDED: Final = re.compile(r"(?:也要|要不要|需不需要|还要|用不用)[^，。]{0,12}(?:[?？]|吗|$)")
_NAMES_REMEDY: Final = re.compile(
    r"退|换|修|补[发寄差]|重新?[发寄]|寄(?:新|根|个|颗)|折(?:成|现|钱)|现金|到付|先发|你们(?:出|寄|来|改)|自己(?:拿|改|找)|改成|直接"
)
_LATER: Final = re.compile(
    r"等哈|^在?(?:上班|忙|开会|开车|地铁)|^(?:等|晚)[^，。]{0,6}(?:吧|家|下班|会儿?)$|饭后|忙完|(?:晚上|晚点|晚些|等(?:会|下|我|到|一)|明天|明早|下午|下班|回(?:家|去)|到家|一会|待会|醒来?|起来|过会|周[一二三四五六日末])[^，。]{0,8}(?:拍|发|给你|问|找|叫|量|传|弄|寄|再说)|(?:问问|问一下|去看|去找|我找|我去|让我)"
)
_CANNOT: Final = re.compile(
    r"(?:没|冇)(?:有|给我|存|留)?(?:录|截|拍|留|单号|小票|发票|截图|记录|照片|视频|书面|盒|箱|袋|保存|单据)|(?:拍|截|发|找|开)不(?:了|到|出|上|来)|早?(?:丢|扔|删|卖)了|不(?:知道|记得|清楚|太?懂|会拍|会弄|好意思)|忘了|谁[^，。]{0,8}(?:截图|录像|留)|口头"
)
_BUYS: Final = re.compile(
    r"(?:拍|下|买|付|订|定)(?:好|完|单)?(?:了|啦|喇)|已拍|付款成功|[LMSX]来一[条件]|我?(?:要|拿|来)[^，。]{1,5}(?:那条|那件|的)$"
)
_CAME: Final = re.compile(
    r"(?<![看他她它])(?<!等收)(?:(?:收|拿|攞|找)到|到(?:了|账|帐|手)|进来了|收咗)(?!货?(?:再|后|就|给))"
)
_YES: Final = re.compile(
    r"^(?:那|嗯+|哦|就|也|我){0,3}(?:好|行|可以|换|退|成|中|要得|寄|修|补|送|留|拦|就这|同意|没问题|选|要|安排)|就这么[办定]|就这样|听[你您]们?的|成交|一言为定"
)
_SENDS: Final = re.compile(r"^[^，。换]{0,8}[寄发送][吧呗来过]")
_SETTLES: Final = re.compile(r"^(?:那|就|还是|行|嗯|，|\s)*([^，。吧呗]{2,8})[吧呗]")
_PLAIN: Final = re.compile(r"这样|这么|办|定|可以|行|好|成|中")
_GO_ON: Final = re.compile(r"^(?:[嗯好行哦，\s]*(?:我?等着|我等|等[你您]们?)|.{1,3}[吧呗])$")
_WANTS_TO_KNOW: Final = re.compile(
    r"[?？]|吗|呢$|不$|没$|咋|怎么|多少|几|哪|能不能|可不可以|可以.{0,6}吗|有没有|是不是|会不会|要不要|谁|是否"
)
_DETAIL: Final = re.compile(
    r"\d{1,4}(?:号|栋|幢|楼|室|单元)|地址|电话|手机|尾号|收件|改到|代收|[区路街]\w|大厦|小区|账号|户名|开户|我姓|名字|抬头|税号|[LMSX]{1,3}码|\d{2,3}码|(?:要|换)[^，。]{0,4}色|送到|放(?:门口|驿站|前台)|周[一二三四五六日天]|上午|下午|[明后]天"
)

_STORE: Final = re.compile(
    r"(?:在|去|到|从|来)[^，。]{0,6}(?:店里|门店|专柜|柜台|实体店|奥莱|你们店|那个店|你这|你们这)[^，。]{0,4}(?:买|拿|试|挑|的)|(?:柜台|专柜|门店)买|导购|店员|柜姐"
)
_COME_BY: Final = re.compile(r"带过来|拿过来|拎过来|来店里?|到店|送过来|来柜台|您过来|你过来")

# remedy -> how a customer names it; the first that fits
_NAMED: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (remedy, re.compile(words))
    for remedy, words in (
        ("换货", r"(?<![不别没])换(?!个说法|不了|过来还)|拿新的|新的(?:吧|那件)|同款新"),
        ("代金券", r"(?<!不要)券(?!不要)|红包"),
        ("退运费", r"[运邮]费"),
        ("补差价", r"差价|保价|价保"),
        ("补发", r"补发|重新?[发寄]|再[发寄]|先发|寄新"),
        ("补件", r"寄?(?:扣子|配件|拉链头|腰带)|补(?:一?[颗条个件根双]|个)"),
        ("维修", r"修|缝|去亮光|换里衬|改(?:短|长|小|一下)|补(?:一下|洞)"),
        ("检测", r"检测|送检|鉴定|验(?:一下|吧)"),
        ("拦截", r"拦"),
        ("取消", r"取消"),
        ("改单", r"改地址|改(?:成|到)"),
        ("开票", r"开(?:个)?(?:票|发票)"),
        ("退货退款", r"(?<![不别没])(?:退(?!券|运费|差|一部分|一半|\d|了(?![吧算得]))|寄回)"),
        (
            "部分退款",
            r"补(?:我|点)?(?:差额|差额|钱)|\d+(?:块|元)?(?:吧|行|就|可以|那|，|$)|补偿|退一?半|退\d+|自己留|留着|折钱",
        ),
        ("赠品", r"(?<![闪配派直外])送(?!到|过|去|来)|赠|礼物"),
    )
)


def turn_facts(state: ConversationState, stage: Stage) -> Facts:
    """刚才, what the open turn does given the stage of the reply, and 说定, the remedy agreed on, when there is one."""
    facts = {"刚才": move(state, stage)}
    remedy = agreed(state)
    if remedy:
        facts["说定"] = remedy
    return facts


def speaks_of_store(state: ConversationState) -> bool:
    """Whether the customer bought in a store: they say so (在你们店里拿的), or agents told them to come by."""
    return any(map(_STORE.search, state.said)) or any(map(_COME_BY.search, state.sent))


def move(state: ConversationState, stage: Stage) -> str:
    """What the open turn does, one of TURN_FACTS["刚才"]; the first words to a shop do nothing yet."""
    text = "，".join(state.open.texts[-_LATEST:])[-MAX_READ:]
    reader = _READERS.get(stage)
    if not text.strip() or reader is None or not (state.agent_turns or stage == "answer"):
        return ELSE
    return reader(state, text)


def agreed(state: ConversationState) -> str:
    """The remedy the customer has chosen of those on the table, "" when nobody can tell.

    Who has nothing to send back yet and wants the money cancels.
    """
    remedy = _chosen(state)
    unsent = bool(state.cases) and state.cases[0] in _NOTHING_TO_RETURN
    return "取消" if unsent and remedy in ("退货退款", "仅退款") else remedy


def _chosen(state: ConversationState) -> str:
    tabled = _remedies(state.offers or state.tabled)
    said = state.open.texts or state.said
    if len(tabled) == 1:
        only = next(iter(tabled))
        if any(map(_another, said)):
            return ""
        # what the customer asked for instead, when the agent only said 可以 to that
        asked = (text for text in reversed(state.said[-2:]) if _NAMES_REMEDY.search(text))
        wished = next(filter(None, map(_named, asked)), only)
        return "" if only == "换货" and any(map(_SENDS.search, said)) else wished
    earlier = () if state.offers else tuple(reversed(state.said[: -len(said) or None]))
    for text in (*reversed(said), *earlier):
        found = _named(text)
        if found and (not tabled or found in tabled):
            return found
    return ""


def _another(text: str) -> bool:
    """Whether somebody settles on something no remedy is named in (闪送吧, 那周六去吧)."""
    found = _SETTLES.match(text)
    return found is not None and not _named(text) and not _PLAIN.search(found[1])


def _named(text: str) -> str:
    return next((remedy for remedy, words in _NAMED if words.search(text)), "")


def _remedies(offers: Collection[str]) -> set[str]:
    """What of the offers is a remedy to take, not mere advice or what comes on top."""
    found = set(offers) - ADVICE - {"举证维权", "上报"}
    return found - EXTRAS or found


def _follow_up(state: ConversationState, text: str) -> str:
    if _OBSTACLE.search(text) and not _CAME.search(text):
        return "受阻"
    tabled = bool(_remedies(state.offers))
    asked = _how(text)
    if not (_NOT_YET.search(text) or asked or state.open.has(*_OWN_SCRIPTS)):
        came = _come(state, state.open.texts[-1])
        sure = came in ("办好了", "解决了") or _CAME.search(text) is not None
        if came and (not tabled or (sure and not _YES.search(text))):
            return came
    if asked:
        return asked
    if _RESCHEDULES.search(text):
        return "改约"
    if tabled and _THANKS.search(text) and not (_YES.search(text) or _named(text)):
        return "道谢"
    if state.settled and _YES.search(text) and _CONDITION.search(text):
        return "附条件"
    if tabled or (_YES.search(text) and not state.settled and not is_mere(text)):
        return "附条件" if _CONDITION.search(text) else "接受"
    if state.open.has(*_OWN_SCRIPTS) and not state.open.accepts:
        return ELSE
    if _THANKS.search(text):
        return "道谢"
    if _DETAIL.search(text) and not is_mere(text):
        return "给资料"
    if (state.open.accepts or state.open.took) and not (state.settled or is_mere(text)):
        return "附条件" if _CONDITION.search(text) else "接受"
    return "应声"


def _come(state: ConversationState, text: str) -> str:
    """What has come about, "" for nothing: money, a thing, the customer's part, or all of it."""
    if _SOLVED.search(text):
        return "解决了"
    if _ARRIVED.search(text):
        return "钱到了" if _about_money(state, text) else "货到了"
    return "办好了" if _DID.search(text) else ""


def _resolve(state: ConversationState, text: str) -> str:
    """Only words that come after something an agent has said or asked."""
    if state.comes_back:
        return "过点"
    for name, words in (("受阻", _OBSTACLE), ("没办成", _FAILED)):
        if words.search(text):
            return name
    dealt = bool(state.offers or state.tabled or state.resolution or state.held)
    if _IF.search(text):
        return "万一"
    if dealt and _NEEDED.search(text):
        return "问方案"
    if state.open.has("invoice") or (state.open.has("order_change", "coupon_payment") and is_question(text)):
        return ELSE
    if _PONDERS.search(text):
        return "考虑"
    if _RESCHEDULES.search(text):
        return "改约"
    if dealt and not state.open.refuses and (state.open.chases or _PRESSES.search(text)):
        return "催问"
    if dealt and _DISTRUST.search(text):
        return "不放心"
    if state.open.refuses or (dealt and (_bargains(state, text) or _OBJECTS.search(text))):
        if _bargains(state, text):
            return "还价"
        if _NAMES_REMEDY.search(text) and not is_question(text):
            return ELSE if state.open.has(*_OWN_SCRIPTS) else "换方案"
        return "又不接受" if state.refusals else "不接受"
    return _neither(state, text, dealt)


def _bargains(state: ConversationState, text: str) -> bool:
    """Whether a sum of money is asked for: named as money, or alone where money was offered."""
    if not (sums(text) or _COUNTERS.search(text)):
        return False
    if len(text) <= _TERSE or _PRICED.search(text) is not None:
        return True
    return not _MONEY_REMEDIES.isdisjoint(state.tabled)


def _neither(state: ConversationState, text: str, dealt: bool) -> str:
    """What words do that neither take nor refuse anything."""
    if _CANNOT.search(text):
        return "给不了"
    if dealt and (state.open.doubts or _WANTS_TO_KNOW.search(text)):
        return _question(text)
    if is_mere(text) or _GO_ON.match(text):
        return "应声"
    if "scam_alert" in state.risks:
        return "办好了" if _DID.search(text) else ELSE
    if _URGENT.search(text):
        return "赶时间"
    latest = state.open.texts[-1]
    if _LATER.search(latest) and len(latest) < _BRIEF:
        return "晚点给"
    return "给资料" if _merely_tells(state, dealt) else ELSE


def _merely_tells(state: ConversationState, dealt: bool) -> bool:
    """Whether words only add to what is being looked into: no new matter, nor the facts that a remedy waited for."""
    if state.open.ids("complaint", "enquiry", "risk"):
        return False
    if _TO_JUDGE & set(state.open.answered) and not _remedies(state.tabled):
        return not state.cases
    return dealt or bool(state.open.answered) or not (state.cases or state.risks)


def _question(text: str) -> str:
    for name, words in (("问运费", _FREIGHT), ("怕再坏", _LASTING), ("不放心", _DISTRUST), ("问时间", _WHEN)):
        if words.search(text):
            return name
    return "问方案"


def _confirm(state: ConversationState, text: str) -> str:
    if state.missing and (is_mere(text) or _LATER.search(text)):
        return "晚点给"
    if state.missing and _CANNOT.search(text):
        return "给不了"
    return "给资料" if state.open.answered else ELSE


def _answer(state: ConversationState, text: str) -> str:
    asks = is_question(text) or _WANTS_TO_KNOW.search(text) is not None
    if state.agent_turns and _BUYS.search(text) and not asks:
        return "下单了"
    if asks and (state.cases or state.handled):
        return "插问"
    known = ("question", "enquiry", "complaint", "risk", *(() if state.agent_turns else ("dialogue",)))
    if asks and len(text) > 3 and not state.open.ids(*known):
        return "问别的"
    if state.agent_turns and _THANKS.search(text):
        return "道谢"
    if state.open.answered and not asks and not state.open.ids(*known):
        return "给资料"
    return "应声" if is_mere(text) else ELSE


_READERS: Final[dict[Stage, Callable[[ConversationState, str], str]]] = {
    "confirm": _confirm,
    "resolve": _resolve,
    "follow_up": _follow_up,
    "answer": _answer,
}


def _asks_how(text: str) -> bool:
    return bool(_how(text)) and (is_question(text) or "怎么" in text)


def _how(text: str) -> str:
    """Which part of what was agreed a customer asks about, "" for none."""
    asks = _WANTS_TO_KNOW.search(text) is not None
    for name, words in (
        ("问到账", _TO_ACCOUNT),
        ("问操作", _CLICK),
        ("问寄法", _WHERE_TO),
        ("问时间", _WHEN),
    ):
        if words.search(text) and (asks or name == "问寄法"):
            return name
    return ""


def _about_money(state: ConversationState, text: str) -> bool:
    """Whether what has come is money: by the words, else by what agents said, else by what the matter is."""
    if _MONEY.search(text):
        return True
    if _GOODS.search(text):
        return False
    money = any(map(_SAID_MONEY.search, state.sent))
    goods = any(map(_SAID_GOODS.search, state.sent))
    if money != goods:
        return money
    matters = state.tabled & (_MONEY_REMEDIES | _GOODS_REMEDIES)
    if matters:
        return matters <= _MONEY_REMEDIES
    return bool(state.cases) and state.cases[0] in _OF_MONEY
