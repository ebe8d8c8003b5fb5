"""What a customer's words tell an agent who asked: which facts they answer, and what these facts are.

Also the small signals that no intent carries: a mere 好的, a wait, a chase after something promised, a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from re import Pattern
from typing import Final

from app import regex as re
from app.vocabulary import BOOLEAN_FACTS, NO, YES

MAX_READ: Final = 1000
_NUMBER: Final = "[一二两三四五六七八九十几半\\d]"
_SPAN: Final = rf"{_NUMBER}{{1,3}}个?多?(?:天|周|月|星期|礼拜|年)"
# a picture that is there, not one that will be
_SENT_PICTURE: Final = (
    r"[\[【<(（](?:图片?|照片|视频|图像|文件|image|img|photo)\d*[\]】>)）]|\.(?:jpe?g|png|mp4|heic|pdf)"
    r"|(?:发|传|拍)(?:给)?(?:你|您)?(?:们)?(?:过?了|过去|好了)|往上[翻看]|[上前]面[^，,。]{0,2}发"
)
_PICTURE: Final = (
    rf"{_SENT_PICTURE}|(?:图|照片|视频|截图|凭证)[^，,。]{{0,6}}(?:发|在|来|如下|你看|给)|看图|见图|如图"
)
# an order's or a parcel's number, whole or its end, in groups or not
_CODE: Final = r"[a-z]{0,4}\d(?:[ -]?\d){4,}|尾号\D{0,3}\d{3,}|(?:订单|单)号\D{0,3}\d{3,}"
# an order by the short number that a shop or its system gives it
_SHORT_ORDER: Final = (
    r"(?:订单|单[子据号])号?[\s,:：]{0,2}[a-z]{0,3}-?\d{4,}|\d{6,}[\s,]?[这那](?:个|一|笔)?单"
)
# how an order that is sent as a card reads
_ORDER_CARD: Final = "订单(?:卡片|信息|消息)"
_SHOWN: Final = re.compile(r"[\[【](?:图片?|照片|视频|图像|文件|image|img|photo)\d*", re.IGNORECASE)
_HAS_CARD: Final = re.compile(r"[\[【]?\s*(?:订单|查看订单|我的订单)(?:卡片|信息|消息)")
_PRINTED: Final = re.compile(
    r"[¥￥]|[共数][^,，。]{0,3}\d+件?|实付|合计|总价|待(?:付款|发货|收货|评价)|已(?:发货|签收|完成|付款)|交易(?:成功|关闭)|运输中|下单时间"
)
_NAMES_ORDER: Final = re.compile(_SHORT_ORDER, re.IGNORECASE)
_BARE_PICTURE: Final = re.compile(r"[\[【<(（][^\]】>)）]{1,8}[\]】>)）]|[\s，,。！!~～]")
_NO_PICTURE: Final = r"(?:自己|你们?)(?:去)?[搜查找翻](?:去|啊|呗)|^没有?(?=[\s，,。！!])|(?:没有?|没法|不想|不愿意?|懒得|不(?=拍)|不方便|不能|拍不|没空)[^，,。]{0,4}(?:拍|照|图|视频|凭证|证据|记录)|拍不[了到清出]|(?:已经)?(?:扔|丢|送人)了"

# fact -> how a customer answers it
_ANSWERS: Final[dict[str, Pattern[str]]] = {
    fact: re.compile(words, re.IGNORECASE)
    for fact, words in {
        "照片": f"{_PICTURE}|{_NO_PICTURE}",
        "有凭证": f"{_PICTURE}|{_NO_PICTURE}",
        "截图": f"{_PICTURE}|{_NO_PICTURE}",
        "洗过": rf"机洗|手洗|干洗|水洗|洗衣[机店液]|滚筒|波轮|送洗|甩干|烘干|搓|洗涤|没?泡|洗了|洗过|没有?洗|未洗|没下水|下水|过水|[冷温热凉]水|常温|\d{{2}}度|[轻搓]洗|洗的|[翻反正]面|{_NUMBER}[次遍水]",
        "穿过": rf"穿|上身|试了|试过|{_NUMBER}[次天回]|{_SPAN}|没多久|刚[买到]",
        "签收天数": rf"今[天早晚]|昨[天晚]|前[天晚]|刚[刚才]?|{_NUMBER}{{1,3}}个?[天号日周月]|上个?(?:周|星期|月)|(?:周|星期|礼拜)[一二三四五六日天]|(?:这|上)?个?(?:月|周|星期)|\d[./-]\d|收到|才买|才到",
        "吊牌在": r"吊牌|标签|标[还都]|牌子?[还都]|剪了|拆了|摘了|没[剪拆摘]",
        "订单号": rf"{_CODE}|{_SHORT_ORDER}|(?<!\d)\d{{4}}(?!\d)|{_ORDER_CARD}|[那这](?:个|件|条|双|套)?单|(?:那|这|哪)[个件条双套款]|刚[拍买下付]|最近(?:的|那|一)|就[一1]?[个]?单|(?:只有|就)(?:买|拍)?(?:了)?[一1](?:单|件|个)|最新",
        "快递单号": _CODE,
        "尺码": r"(?<![a-z])[smlx]{1,4}(?![a-z])|\d{2,3}码?|[大中小加均]码|[大中小]号|合适|正好|码数|偏[大小]",
        "身高": r"1\d{2}|一米|1\.\d|\d{3}\s?cm",
        "体重": r"\d{2,3}\s?(?:斤|公斤|kg)|[一两]百[零一二三四五六七八九十]{0,3}|[五六七八九]十[一二三四五六七八九]?(?:斤|公斤)|(?<!\d)1[4-9]\d\D{1,6}\d{2,3}(?!\d)|(?<!\d)(?:[3-9]\d|1[0-3]\d|2\d\d)(?!\d|码|[公厘]分|cm)",
        "电话": r"1[3-9x*][\dx*]{8,9}|\d{3,4}-?\d{7,8}|尾号\D{0,3}\d{3,}|后四位\D{0,3}\d{4}|(?:下单|收货|原来|同|那)[^，,。]{0,4}(?:电话|号码?|手机)",
        "地址": r"[省市区县镇乡村路街弄号楼栋]|小区",
        "抬头": r"公司|个人|[厂店所院校部局会]$|抬头",
        "税号": r"(?<![0-9a-z])[0-9a-z]{13,20}(?![0-9a-z])|个人",
        "邮箱": r"[\w.-]+@[\w-]+\.|邮箱",
        "期望方案": r"退|换|赔|补|修|重新?发|寄|处理|解决|道歉|说法|随便|看着办|都行|都可以",
        "承诺内容": rf"{_PICTURE}|客服|你们|说|答应|记录|活动|卡片|直播|页面|券|返|送",
        "颜色": r"[黑白红蓝灰绿黄粉紫米咖棕青]|色",
        "订单状态": r"收到|签收|没到|在路上|没发|还没",
        "急用日期": rf"{_NUMBER}{{1,3}}[天号日月]|明天|后天|周[一二三四五六日天末]|不急|尽快|国庆|春节|过年|婚礼|生日",
        "数量": rf"{_NUMBER}{{1,3}}[件条双套个]",
        "金额": r"\d+|块|元|钱",
        "客服推荐尺码": r"客服|你们|推荐|自己|我选|没问",
        "坚持换货": r"换|退",
    }.items()
}
_PICTURES: Final = frozenset({"照片", "有凭证", "截图"})
# only what looks like one is one
_SHAPED: Final = frozenset({"订单号", "快递单号", "电话", "税号", "邮箱", "身高", "体重"})
_FIGURES: Final = re.compile(r"\d{4}")
_BRIEF: Final = 12
TERSE: Final = 8
# what is true of a thing that was never worn
_NEW: Final = ("穿过", "洗过", "吊牌在")
_UNWORN: Final = re.compile(r"(?:没|未|沒)(?:有|还)?(?:穿|上身|动|用|拆)过?|全新|^新的|刚拆|刚打开|还没穿")
_PARTS: Final = re.compile(r"[\s，,。；;、:：]+")
# asks how to do what the agent asked for (怎么拍, 发到哪)
_HOW_TO_GIVE: Final = re.compile(
    r"(?:怎么|咋|如何)(?:拍|量|发|传|看|测|上传|弄|提供)|(?:拍|量)(?:哪|什么|啥|几)|发(?:到|给)?(?:哪|谁)|在?哪[里儿]?(?:看|找|有写)|[拍发]到?哪"
)
# that something has been sent, which answers nothing but that
_SENT_NOTE: Final = re.compile(
    r"^(?:照片|图片?|视频|截图|都|已经?|我)*(?:发|传|拍)(?:给)?(?:你|您)?(?:们)?(?:好|完|过去|过)?了[吧呀啊哦~～。]*$|^(?:你|您)?(?:看|瞧)(?:下|一下|看|到了?[吗没])?[吧呀~。？?]*$|^(?:收|看)到(?:了)?[吗没么][？?]*$"
)
_NO_ANSWER: Final = re.compile(r"[?？吗呢]|家了|来了|在的|不急|客服")
_OPEN_QUESTIONS: Final = frozenset(
    {"问题描述", "原因", "身体状况", "姓名", "商品", "承诺内容", "期望方案", "日期"}
)
_ADDS: Final = re.compile(r"还有|另外|其实|而且|顺便|对了|也(?!许)|再说|以及|不光|不止|又(?!没)")
_TROUBLE: Final = re.compile(
    r"破|洞|坏|裂|脱|脏|渍|色差|颜色|味|歪|线头|抽[了出]?[线丝]|线[^，,。]{0,3}(?:抽|开|掉)|起球|缩|变形|少了?一|漏|发错|污|霉|掉|没了|开[了胶裂]|断|[紧松短硬皱]"
)
_BROKEN_THING: Final = re.compile(
    r"(?:衣|裤|裙|衫|袖|领|扣|链|鞋|靴|袜|帽|包|线|绒|毛|面料|里衬)[^，,。]{0,8}(?:破|洞|坏|裂|脱|断|缺|掉|少了|丢|烂|歪|皱|脏|臭|硬|透|[紧松大小]|不一样)"
)
_WANTS_OUT: Final = re.compile(r"(?:不想要|想退|要退|给我退|退了吧|帮我取消|不要)了?[吧啊呀。！~]*$")
_WISHES: Final = re.compile(
    r"(?:想|要|打算|准备|需要|得)(?:给|帮|替|为)?[^，,。]{0,8}?(?:买|订|定做|定制|采购|挑|入手|做(?=一批|几|[一两二三四五六七八九十\d]))(?![的了错到贵])|(?:给|帮|替)(?:我|我家|家里)?[^，,。]{1,6}?(?:挑|选|买|看)(?:[一两个双件条套顶]|几)|(?:有没有|有)[^，,。]{1,14}(?:穿|用|送|配)的[^，,。]{0,8}(?:吗|没|么|不|[?？]|$)"
)
_WISHES_MORE: Final = re.compile(
    r"(?<!不)(?<!敢)(?<!会)(?:想|要|打算|准备|还想)再(?:买|拍(?![照视图录给下清][频片像]?|[一两几]?[张段])|入|定|订|挑|选)[\u4e00-\u9fff\d]"
)
_HAS: Final = re.compile(
    r"不想|不要|(?<![特区级性])别|退(?!休)|换[货成]|投诉|差评|(?:买|订|定|拍)(?:的|了|回)|收到|上次|之前|订单|为[什啥]|怎么|到手|洗[了过完]|穿[了过]|坏|破"
)
_COLOUR_TROUBLE: Final = re.compile(
    r"[掉褪染蹭串浮花]|色差|不一|不同|差(?!不多)|偏|发[黄白灰红黑]|[黄白灰红黑暗淡旧浅深没]了|洗|变|像|图|照片|页面|视频|直播|主播|根本|实物|收到|怎么|完全|明明|灰的还是"
    r"|太[深浅暗亮淡旧艳丑]|[深浅暗亮淡旧艳](?:[好很]多|[一两几]个度)|没有?[^，,。]{0,6}那么|不是[^，,。]{0,4}色|不对"
)
_LIKE: Final = re.compile(
    r"(?:是不是|会不会|会)(?:很|太|特别|老|比较|容易|蛮)?(?:皱|起球|掉毛|掉色|褪色|缩水|变形|透|扎|厚|薄|闷|热|硬|软|沉|重|勒|卷边)"
)
_ARRIVED: Final = re.compile(
    r"(?:^|[\s，,。！])(?:终于|总算)?(?:拿到|取到|找到|送到|送来|收到|到账|到)了(?![吗没么?？])"
)
_AT_HAND: Final = re.compile(
    r"收到|到货|拿到|拆开|签收|[穿洗买发]了|穿着|上身|洗完|买的|发来|寄来|发的|你们?[发寄]"
)
_YES_NO: Final = re.compile(
    r"^(?:都|全|还|两个|一样)?(?:是的?|对的?|嗯+|有的?|在的?|还在|没有?|不是|没呢|有啊|都在|没[穿洗剪拆动])[呀啊哦呢的了~～。！!,，. ]*$"
)
_CANNOT: Final = re.compile(r"不记得|忘了|忘记|不知道|不清楚|找不到|^没有了?$|没留|记不[得清]|丢了|扔了")
_MERE: Final = re.compile(
    r"^(?:(?:好[的勒嘞哒滴]?|行|可以|嗯++|哦++|噢|喔|o?kk?|okk?|收到|知道了|明白|了解|没问题|谢谢你?|辛苦了?|稍等(?:一?下|会儿?|片刻)?|等(?:一下|一会儿?|会儿?|下|我)"
    r"|我?(?:找|拍|看|去找|去拍|去看)(?:一下|一?找|一?拍|下|看)?|马上|这就[拍找去发]|晚点(?:拍|发|给)?(?:你|您)?|回去(?:拍|发|给)?(?:你|您)?|下班(?:回家?)?(?:拍|发)?(?:给)?(?:你|您)?|在拍了?|正在[拍找])"
    r"[呀啊吧哦的了呢哈~～。！!,，. 、]*){1,4}$",
    re.IGNORECASE,
)
_LATER: Final = re.compile(
    r"稍[等后]|等阵|返到|返屋企|等(?:一下|一会|会|下|我)|后面?再?[发给补找]|晚[点些]|晚上(?:再|回|拍|发|给)|回[去家头]|到家(?!了)|下班|在?上班|在外面?|不在家|忙完|有空|明天(?:再)?(?:拍|发|给)|一会儿?|[待过]会|马上(?:拍|发|找)"
    r"|(?:去|先|再|我|得)(?:问|找|看|量|翻|查|拍)(?:问|找|看|量|翻|查|一下|下|我)|[发传拍]不了"
)
_CHASE: Final = re.compile(
    r"(?:昨[天晚]|上次|上回|前天|之前|那天|早上|上午)[^，,。]{0,4}(?:说|答应|讲|反映|问)的?[^，,。]{0,6}(?:怎么样|咋样|怎样了|如何|结果|怎么说)|到底[^，,。]{1,4}没[^，,。]{1,3}(?:[啊呀吗?？]|$)|"
    r"(?:怎么|咋|为[啥什]么?)还(?:没|未|不)|(?:怎么|咋|为什么|还是|都|到现在|至今|现在)?[还仍](?:是)?(?:没|未)(?:有)?[^，,。？?]{0,8}(?:退|发|到|收|处理|解决|回|消息|结果|动静|单号|影|信|人|补|换|寄|联系|给)"
    r"|说好(?:的|了)?|不是说|答应(?:的|过|了|我|给)|承诺(?:的|过|了)|(?:等|过)了(?:都)?[一二两三四五六七八九十几半\d]{1,4}个?(?:天|小时|周|星期|月)"
    r"|[一二两三四五六七八九十几半\d]{1,4}个?(?:天|小时|周|星期|月)到?了|都过了|过了(?:点|时间)|影子|(?:都|已经)[^，,。]{0,4}(?:[点号天周月]|晚上|中午|下午|傍晚|半夜)了|[一二两三四五六七八九十几\d][点:：](?:半|多|[一二三四五\d]{1,2}?十?[一二三四五六七八九\d]?分?)?(?:了|都?过)|了(?:人|东西|货|钱|衣服|单号|快递|结果)呢|没[拦截追]住|没看[到见]$|[上中下]午过了|(?:没|沒)人(?:打|联系|理|回|管|来|送|接|处理)|没有?(?:收到|到)[！!。]*$"
    r"|(?:^|[\s，,。！])[^\s，,。！呢]{0,3}(?:钱|货|东西|单号|人|结果|消息|回复|退款|快递|衣服|信|说法|交代|答复|电话)呢|到现在|又(?:没|过)|又是(?:下班|今[天晚]|明[天早]|[上中下]午|晚上)|骗(?:我|人)|收到[^，。]{0,3}还是|还是(?:老|那个?|原)样|没(?:有)?(?:见|等|接)到|没(?:有)?看到[^，,。]{0,4}(?:钱|货|退款|单号|短信|邮件|款)"
    r"|没(?:有)?(?:人)?(?:联系|回复?|理|打|送|寄|发|退|补)(?:我|来|给我|电话)?[！!。]*$"
    # nothing but the time it is by now
    r"|^[^，,。？?]{0,6}(?:[一二两三四五六七八九十几半\d]个?[点分天周]|小时|(?:周|星期)[一二三四五六日天]|下班|天黑|早上|上午|中午|下午|晚上)[^，,。？?]{0,4}了[！!。…~]*(?:$|[\s，,](?!.{0,8}(?:明天|再|[拍发])))"
)
_TIME: Final = rf"次日|当[天晚日]|[今明昨后][天晚日]|{_NUMBER}{{1,3}}个?(?:天|日|号|小时|分钟|周|点|月|工作日)|(?:周|星期|礼拜)[一二三四五六日天]|月底|年前"
_BROKEN: Final = re.compile(
    r"(?:昨[天晚]|前天|上次|之前|上周|那天|天前|早)[^，,。？?]{0,2}就?(?:说|答应)[^。？?]{0,12}(?:还[是]?没|到现在|没有?动)|"
    rf"(?:都|明明|不是)说(?:了|好了?|过)?[^，,。？?]{{0,4}}(?:{_TIME})[^，,。？?]{{0,6}}(?:到|退|发|回|给|寄|补|打|联系)|"
    r"(?:你们?|客服|店长|主管|[他她]|之前|上次|当时|上周|那边)[^，,。？?]{0,8}(?:说|答应|承诺|保证|讲)(?:好|过|了|是|的)?"
    rf"[^。？?]{{0,6}}(?:{_TIME})[^。？?]{{0,10}}(?:退|发|打|到|回|给|补|寄|电话|联系|处理|解决|赔)[^。？?]{{0,10}}"
    r"(?:呢|还[是]?没|没(?:有?人|有?收|到|退|见|影|动|消|给|发|打|回)|[天时周月]了|影子|过了|到现在|今天都?(?:周|星期|\d))"
)
_CODE_ALONE: Final = re.compile(r"[A-Za-z]{0,4}\d{8,20}")
_NO_PROMISE: Final = re.compile(
    r"(?:^|[\s，,])(?:电话)?打(?:过)?来了|联系(?:过)?我了|回我了|(?:没有?|沒有?)(?:谁|人)?(?:跟我|和我|给我)?(?:答应|承诺|许诺)"
)
_ORDERED: Final = re.compile(
    r"还[没不]|怎么|咋|催|[拍买订付下][^，,。]{0,4}了|订单|单号|都|到现在|没发|[几\d]天了"
)
_SATISFIED: Final = re.compile(
    r"谢谢|感谢|多谢|满意|辛苦|么么|mua|爱你|比心|靠谱|给力|大气|贴心|效率|太好了|nice|没问题了|解决了|收到了|看到了|^(?:钱|款|已)?到(?:了|账了?)"
)
_ASKS: Final = re.compile(r"[?？吗呢么]|多[久少大]|什么|怎么|(?<!天)哪|几")
_BUT: Final = re.compile(r"但|可是|不过|又|还[是没]|没|不满")


def is_mere(text: str) -> bool:
    """Nothing but 好的, 稍等, 我去拍."""
    return _MERE.match(text.strip()) is not None


def shows(text: str) -> bool:
    """Whether a picture, a film or a file comes with a text."""
    return _SHOWN.search(text[:MAX_READ]) is not None


def holds_order(text: str) -> bool:
    """Whether an order sent as a card is in a text."""
    return _HAS_CARD.search(text[:MAX_READ]) is not None


def names_order(text: str) -> bool:
    """Whether a text names an order by a number, be it a short one (订单9920)."""
    return _NAMES_ORDER.search(text[:MAX_READ]) is not None


def is_order_card(text: str) -> bool:
    """Whether a text is a card of an order or a product and nothing else (one line, no question, no trouble).

    A garment may be called 起球 on a card: where more is printed, words of trouble are the garment's name.
    """
    if _HAS_CARD.match(text[:MAX_READ].strip()) is None or "\n" in text.strip() or is_question(text):
        return False
    return is_printed(text) or not names_trouble(text)


def is_printed(text: str) -> bool:
    """Whether a card goes on with what is printed on cards: price, count, where the order stands."""
    return _PRINTED.search(text[:MAX_READ]) is not None


def is_question(text: str) -> bool:
    """Whether a message asks something."""
    return _ASKS.search(text[:MAX_READ]) is not None


def adds_trouble(text: str) -> bool:
    """Whether the customer goes on to another problem (还有…, 其实…也…)."""
    text = text[:MAX_READ]
    found = _ADDS.search(text)
    return found is not None and _TROUBLE.search(text, found.end()) is not None


def names_trouble(text: str) -> bool:
    """Whether words say that something is wrong with a thing, as far as words can tell."""
    return _TROUBLE.search(text[:MAX_READ]) is not None


def has_arrived(text: str) -> bool:
    """Whether what was awaited is there at last (拿到了, 找到了), without a but."""
    text = text[:MAX_READ]
    return _ARRIVED.search(text) is not None and _BUT.search(text) is None


def speaks_of_use(text: str) -> bool:
    """Whether a customer speaks of a thing at hand: received, worn, washed or in trouble."""
    return _AT_HAND.search(text[:MAX_READ]) is not None or names_trouble(text)


def tells_trouble(text: str) -> bool:
    """Whether words that are no question plainly say that something of a thing is missing or broken."""
    text = text[:MAX_READ]
    return (_BROKEN_THING.search(text) or _WANTS_OUT.search(text)) is not None and not is_question(text)


def wishes_to_buy(text: str) -> bool:
    """Whether a customer says what they would like to buy or have made, and nothing of what they have."""
    text = text[:MAX_READ]
    return _WISHES_MORE.search(text) is not None or (
        _WISHES.search(text) is not None and _HAS.search(text) is None
    )


def only_names_colour(text: str) -> bool:
    """Whether words say nothing of a colour that runs, fades or is another than it should be."""
    return _COLOUR_TROUBLE.search(text[:MAX_READ]) is None


def asks_what_it_is_like(text: str) -> bool:
    """Whether somebody who has nothing yet asks what a thing is like (你家亚麻的是不是很皱)."""
    text = text[:MAX_READ]
    return _LIKE.search(text) is not None and _AT_HAND.search(text) is None and _HAS.search(text) is None


def breaks_promise(text: str) -> bool:
    """Whether the customer tells of a promise whose time has passed (你们说次日打的运费呢 都三天了)."""
    return _BROKEN.search(text[:MAX_READ]) is not None


def has_ordered(text: str) -> bool:
    """Whether the customer speaks of an order that is made, or complains that it takes long."""
    return _ORDERED.search(text[:MAX_READ]) is not None


def denies_promise(text: str) -> bool:
    """Whether the customer says that nobody promised anything."""
    return _NO_PROMISE.search(text[:MAX_READ]) is not None


def is_satisfied(text: str) -> bool:
    """Thanks or good news without a but."""
    text = text[:MAX_READ]
    return _SATISFIED.search(text) is not None and _BUT.search(text) is None


def chases(text: str) -> bool:
    """Whether the customer complains that something promised or due has not been done."""
    return _CHASE.search(text[:MAX_READ]) is not None


def answered(
    text: str, awaited: Iterable[str], slots: frozenset[str] = frozenset(), *, plain: bool = True
) -> tuple[str, ...]:
    """Which of the awaited facts a customer's message answers. plain: it brings up nothing else.

    A message that fits none of them, but says something, answers an open question (what happened, why), or, when it
    is plain, the only question there is. 好的 and 我晚点拍 answer nothing; 不记得了 answers everything asked.
    """
    text, facts = text[:MAX_READ].strip(), tuple(awaited)
    if not facts or not text or is_mere(text):
        return ()
    if _LATER.search(text) and not re.search(_SENT_PICTURE, text):
        facts = tuple(fact for fact in facts if fact not in _PICTURES)
    found = [fact for fact in facts if fact in slots or _matches(fact, text)]
    if not found and _CANNOT.search(text) and not _YES_NO.match(text):
        return facts
    if _HOW_TO_GIVE.search(text):
        return ()
    found += [fact for fact in facts if fact not in found and _comes_along(fact, text, facts, found)]
    if not found and not _LATER.search(text):
        found = [fact for fact in facts if fact in _OPEN_QUESTIONS][:1]
        free = [
            fact for fact in facts if fact not in _PICTURES and (fact not in _SHAPED or _FIGURES.search(text))
        ]
        alone = len(free) == 1 and (len(facts) == 1 or _is_brief(text))
        if not found and plain and alone and not _SENT_NOTE.match(text):
            found = free
    left = [fact for fact in facts if fact in _OPEN_QUESTIONS and fact not in found]
    if found and left and ("问题描述" in left or set(found) <= _PICTURES) and _tells_more(text, found):
        found.append("问题描述" if "问题描述" in left else left[0])
    return tuple(found)


def _comes_along(fact: str, text: str, facts: tuple[str, ...], found: list[str]) -> bool:
    """Whether words that answer other facts, or all alike, tell this one too."""
    if fact in BOOLEAN_FACTS and _YES_NO.match(text):
        return True
    if fact in ("订单号", "快递单号") and _PICTURES.isdisjoint(facts):
        return re.search(_SENT_PICTURE, text) is not None
    if fact in _NEW and _UNWORN.search(text):
        return True
    if fact in ("姓名", "电话"):
        # an address with more beside it is that of a parcel: whose it is and a number
        return "地址" in found and len(_PARTS.split(text)) > 1
    # a picture of what was said tells all that was asked about it
    return fact in _OPEN_QUESTIONS and "承诺内容" in found and re.search(_PICTURE, text) is not None


def is_plain_answer(text: str, awaited: Iterable[str]) -> bool:
    """Whether a few words only answer what was asked about wear, washing or labels (没穿过, 手洗的), or are a number."""
    text = text[:MAX_READ].strip()
    if _CODE_ALONE.fullmatch(text):
        return True
    if len(text) > TERSE or _TROUBLE.search(text):
        return False
    return any(fact in _NEW and _matches(fact, text) for fact in awaited)


def _is_brief(text: str) -> bool:
    """Whether a message is a few words that are no question and no sign of life (到家了)."""
    return len(text) <= _BRIEF and not _NO_ANSWER.search(text)


def _tells_more(text: str, found: Iterable[str]) -> bool:
    """Whether a message says something besides the facts found in it: words with a picture, or two clauses."""
    clauses = _BARE_PICTURE.sub(" ", text).split()
    return len(clauses) > (0 if set(found) <= _PICTURES else 1)


def _matches(fact: str, text: str) -> bool:
    words = _ANSWERS.get(fact)
    return words is not None and words.search(text) is not None


# ---- facts
_DAYS: Final[tuple[tuple[Pattern[str], int], ...]] = tuple(
    (re.compile(words), days)
    for words, days in (
        (r"今[天早]|刚[刚才]?(?:收|到|拿|签)", 0),
        (r"昨[天晚]", 1),
        (r"前天", 2),
        (r"上(?:个)?(?:周|星期|礼拜)", 7),
        (r"半个?月", 15),
        (r"上个?月|一个月", 30),
    )
)
_AGO: Final = re.compile(r"([一二两三四五六七八九十]|\d{1,3})天(?:前|了)?")
_DIGITS: Final = {char: index for index, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_RECEIVED: Final = re.compile(r"收到|签收|到货|拿到|到手|收的|到的|收货|前收")
_TELLS: Final[tuple[tuple[str, str, frozenset[str], Pattern[str]], ...]] = tuple(
    (fact, value, frozenset(letters), re.compile(words))
    for fact, value, letters, words in (
        ("洗过", NO, "洗水", r"(?:没|未|还没|没有)(?:有)?(?:下过?水|洗|过水)"),
        ("洗过", YES, "洗水", r"机洗|手洗|干洗的|水洗|洗衣机|洗了|洗过|下水|过了?水|洗完|洗后|一洗"),
        ("穿过", NO, "身穿试", r"(?:没|未|还没|没有)(?:有)?(?:上过?身|穿)|只试|就试"),
        ("穿过", YES, "身穿", rf"穿(?:了|过)|穿{_NUMBER}|穿着|上身"),
        ("吊牌在", NO, "牌标", r"(?:吊牌|标签?|牌子?)[^，,。]{0,4}(?:剪|拆|摘|扔|丢|不在|没了|撕)(?!的?话)"),
        ("吊牌在", YES, "牌标", r"(?:吊牌|标签?|牌子?)[^，,。]{0,4}(?:都?在|没[剪拆摘动]|完好|齐)|没[剪拆摘](?:吊牌|标)"),
        ("有凭证", YES, "图照视截录记凭票", r"[\[【<(（](?:图片?|照片|视频)\d*[\]】>)）]|(?:有|留着?)[^，,。没]{0,4}(?:照片|截图|录像|视频|记录|凭证|(?<!超市)小票)"),
        ("客服推荐尺码", YES, "推建让叫", r"(?:客服|你们|店员|导购)[^，,。]{0,8}(?:推荐|建议|让|叫)[^，,。]{0,8}(?:码|号|[SMLXsmlx]|拍的|买的)"),
        ("坚持换货", YES, "换", r"(?:就|必须|坚持|一定|只|非)要?[^，,。不退]{0,4}换|必须给[我]?换"),
        ("场所", "门店", "买试拿", r"(?:在|去|到)[^，,。]{0,4}(?:店里|门店|专柜|实体店|商场)[^，,。]{0,4}[买试拿]|专柜买|实体店买"),
    )
)  # fmt: skip
"""Fact, value, the letters one of which is in every text that says so, and how it is said."""


def told(text: str, asked: Iterable[str] = ()) -> dict[str, str | int]:
    """The facts a customer's message states (「昨天刚收到，没洗过」 → 签收天数 1, 洗过 否)."""
    text = text[:MAX_READ]
    facts: dict[str, str | int] = {}
    written = set(text)
    for fact, value, letters, words in _TELLS:
        if not letters.isdisjoint(written) and fact not in facts and words.search(text):
            facts[fact] = value
    if _RECEIVED.search(text) or "签收天数" in asked:
        days = _days(text)
        if days is not None:
            facts["签收天数"] = days
    return facts


def _days(text: str) -> int | None:
    for words, days in _DAYS:
        if words.search(text):
            return days
    found = _AGO.search(text)
    if found is None:
        return None
    return _DIGITS[found[1]] if found[1] in _DIGITS else int(found[1])
