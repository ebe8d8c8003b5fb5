"""Whether what is named is also meant: negated, asked, feared, someone else's, heard of, solved, or liked.

Word knowledge of Chinese that every complaint shares, so that no intent's patterns need exclusions of their own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Final, Literal

from app import regex as re
from app.nlu.text import CLAUSE_END, SENTENCE_END

Scope = Literal["claimed", "negated", "asked", "elsewhere", "solved", "liked"]

_SOFTENERS: Final = (
    "怎么", "什么", "任何", "出现", "发生", "发现", "丝毫", "容易", "看到", "觉得", "感觉", "明显", "严重", "那么", "这么", "特别",
    "一点", "点", "太", "再", "有", "会", "是", "过", "很", "见", "啥", "到", "都", "也", "的", "曾", "说", "它", "怎",
)  # fmt: skip
_NEGATIONS: Final = ("没", "不", "未", "无", "毫无", "莫", "免", "防")
_MAY_NEGATE: Final = frozenset(word[-1] for word in (*_SOFTENERS, *_NEGATIONS))
_NOT_NEGATING: Final = re.compile(
    r"(?:是不|会不|能不|要不|好不|差不|受不|说不|不得不|无不|少不|免不|避免不|莫名|并不是不|不是不|不是没|不会不|可不|何不|岂不|还不|巴不|动不动就?|对不|了不)$"
)
_AFTER_NEGATED: Final = re.compile(
    r"(?:的?(?:问题|现象|情况|毛病)?(?:都|也|倒|是|一点)?(?:没有|没出现|没发生|不存在|不会))(?![一-鿿]*(?:解决|处理))"
)
_SOLVED: Final = re.compile(
    r"(?=[上不之今修刚到包可后味处奶就工差已弄快总我找投换搞新是晾气没洗现申看终老能自补裁解误这退通那都])(?:"
    r"(?:自己|自个|裁缝|我妈|我爸|老婆|老公|奶奶)[^,。!?]{0,6}(?:弄|缝|修|剪|补|改|搞|擦|洗)(?:好|掉|干净|完|上)了"
    r"|(?:味|味道|气味|晾|通风)[^,。!?]{0,8}(?:散了|没了|没味了|淡了|就好了|就没有了)|洗[^,。!?]{0,4}(?:没味了|就好了|干净了)"
    r"|(?:后来|现在|这回|这次|今天|刚才|刚刚)[^,。!?没不]{0,8}(?:好了|对了|合适了?|正常了|能用了|可以了|补来了|送来了|找到了)|(?:那件|补的|换的|包裹|快递|新的)[^,。!?没不]{0,2}到了|(?:能|可以)用了"
    r"|补来了|补到了|补齐了|补发收到|换好了|退到了|退回来了,?谢|到账了,?谢|就不(?:掉|褪|缩|起|扎|臭)[^,。!?]{0,3}了"
    r"|(?:已经|都|总算|终于|现在)(?:帮我|给我|替我)?(?:改|换|退|补|修|缝|弄|处理|解决|开|寄)(?:好|完|到|齐)[^,。!?]{0,4}了"
    r"|找到了|看到了|误会(?:你|了)|是我(?:看|弄|搞|记|填)错|没事了|不用管了|不用处理了|(?:投诉|申请|差评|工单)[^,。!?]{0,3}(?:撤了|撤销了|取消了|删了)(?!再|又|怎|结|想)"
    r"|(?:已经|都|总算|终于|现在)?(?<!没)(?<!未)(?<!能)(?:解决了|处理好了|处理完了|处理了,?谢|搞定了|换好了|补好了|修好了|弄好了|退好了|解决啦|处理好啦)(?!吗|没|么|\?)"
    r"|(?:上次|之前|那次|上回).{0,16}(?:已经|都).{0,4}(?:解决|处理好|退了|换了|补了)"
    r")"
)
_UNSOLVED: Final = re.compile(
    r"(?<!以为)(?:没|未|不能|还不|还是不)(?:有|能|给|人)?[^,。!?]{0,4}(?:解决|处理|收到|到账|退|补|换|修|弄好|看到|找到)|怎么|为什么|为啥|凭|不小心|误[点操]|恢复|只能|才能|再申请|不了(?!起)|居然|竟|结果|又(?!满意|快|好)|[?]|吗$|差评|投诉(?!我?撤)|骗|难道|才(?!知道)|可是|但是?(?!没关系|不影响|还好)|却|要求|赔|少了|再也|垃圾|多久"
)
_STYLE: Final = re.compile(
    r"(?:破洞|做旧|褶皱|皱褶|松垮|毛边|流苏|洗水|水洗|撞色|短款|露脐|紧身|宽松|oversize|起毛|磨毛|拉绒|磨白|脏橘|垮裤|软塌)(?:的)?(?:设计|款|风|感|工艺|裤|元素|效果|的?颜色)?[^。!?]{0,6}(?:潮|喜欢|好看|有感觉|酷|帅|显瘦|时尚|有型|个性|特别|高级|爱|刚好|正好|福音|舒服)"
    r"|(?:爱|喜欢|想要|要的就是|中意|好看)[^,。!?]{0,5}(?:破洞|做旧|褶皱|皱褶|松垮|毛边|慵懒|oversize)"
    r"|(?:薄|轻薄)[^。!?没不]{0,8}(?:夏天|夏季|热天|天热)[^。!?嫌]{0,8}(?:凉快|正好|刚好|舒服|合适|凉爽)|越皱越"
)
_UNFOUNDED: Final = re.compile(
    r"(?=[一之买什以任到原味啥多害开很得怀怕担拍有本毛白线缺色谣起还都问顾])(?:"
    r"(?:本来|开始|一开始|原来|原本|之前|起初|拍之前|买之前)?(?:还|都|很|有点)?(?:担心|怕|以为|怀疑|害怕|顾虑)[^。!?]{0,14}(?:结果|没想到|其实|到手|收到|打开|拆开|穿上|洗了|实际|事实)[^。!?]{0,12}(?:没有|没|不|好|棒|惊喜|赞|合适|正好|多虑|放心)"
    r"|(?:得|到)(?:我)?(?:都)?以为[^,。!?]{0,8},?(?:结果|没想到|其实)[^,。!?]{0,10}(?:好|棒|赞|惊喜|不错)|谣言|多虑了|白担心|(?:一点|啥|什么|任何)?(?:味道?|毛病|缺点|问题|色差|线头)(?:都|也)?没有?(?:,|$)"
    r")"
)
_CONCEDED: Final = re.compile(
    r"不怪(?:店家|商家|你们|卖家|客服)|不影响(?!二次|你|销)|可以理解|能理解|无所谓|(?:瑕不掩瑜|小问题|小毛病|不碍事|可以忽略|忽略不计|不算什么)"
)
_PLEASED: Final = re.compile(
    r"赞|满意|喜欢|好评|不错|五星|挺好|很好|很棒|值|好看|舒服|回购|爱了|整体|(?:效率|速度)可以|讲信用|超好|完美|惊喜|服气"
)
_ELSEWHERE: Final = re.compile(
    r"(?=[上专之京人从他以俺其别去另同唯商在地她实室对市我抖拼朋某楼淘舍街超踩那邻闺附隔])(?:"
    r"(?:隔壁|对面|楼下|街上|街口|附近)(?:的)?(?:那家|家)?店|那个牌子|那家|另外?一家|(?<!比)(?:在|从|去)?(?:商场|超市|地摊|实体店|专柜|市场|拼多多|淘宝|京东|抖音|唯品会|某宝|某东|某多|某音|别的平台)(?:上|里)?(?:那家|那个|那件|买过)"
    r"|他家(?:那|的)|她家那|踩过坑|人家(?:店|那)|(?<!比)(?:别家|别人家|其他家|其它家|别的家|别的店|其他店|其它店|别的牌子|另一家|另外一家|上一家|隔壁家|那家店|以前那家|之前那家|人家那款|别处|别的平台|其他牌子)"
    r"|(?:我|俺)?(?:朋友|闺蜜|同事|邻居|室友|舍友|同学|我姐|我妹|我嫂子)(?:在)?(?:别家|其他地方|别处|买的(?!.{0,6}你)|家的)"
    r")"
)
_BOUGHT_AT: Final = re.compile(
    r"(?=[在从去商超地实专市拼淘京抖唯某别])(?<!比)(?<!你们)(?<!你家)(?<!咱们)(?<!我们)(?<!你们的)(?:在|从|去)?(?:商场|超市|地摊|实体店|专柜|市场|拼多多|淘宝|京东|抖音|唯品会|某宝|某东|某多|某音|别的平台)(?:上|里)?买的(?!你|就|这)"
)
_COMPARED: Final = re.compile(
    r"你家|你们(?!的?(?:专柜|店|直播|旗舰|客服))|这家|贵店|咱家|这款|上次|上回|以前|之前|同样|人家|都比"
)
"""What tells that a thing bought on a market or a platform is another shop's: these shops sell there themselves."""
_HERE: Final = re.compile(r"你家|你们|这家|贵店|这件|这条|我这|咱家|本店|都没|没有这|从来不|不会")
_WONDERED: Final = re.compile(
    r"会不会|是否会|是否容易|容不容易|易不易|万一|假如|假若|倘若|(?:如果|要是|若是|若)(?!不|没|你们?不|再).{0,12}(?:怎么办|咋办|可以|能|给|会|呢|吗)|担心|怕(?!是)(?:会|洗|以后|它|穿|容易|买|一)?"
    r"|怎么防|如何避免|怎么避免|怎样才能?不|怎么才能?不|怎么洗.{0,4}不"
)
_ASKED: Final = re.compile(
    r"能不能|是不是会|是否|有没有|严不严重|厉不厉害|多不多|大不大|透不透|薄不薄|厚不厚|掉不|缩不|起不|褪不"
    r"|(?:会|容易|爱|易|能|可以)[^,。!?了]{0,10}(?:吗|么|嘛|不$|不\?|没$|吧)"
)
_MAY: Final = re.compile(r"(?:会|容易)[^,。!?]{0,10}(?:吗|么|嘛|不$|伐)")
_IF: Final = re.compile(
    r"如果|要是|若是|的话|怕(?!是)|听说|据说|听人说|有人说|网上说|评论说|评论里|评价里|看评价|看评论|看到评|人说会|都说会|提示.{0,4}会|直播.{0,3}说"
)
_TOLD: Final = re.compile(
    r"听说|据说|听人?(?:家|别人|朋友|同事)?(?:讲|说)|有人(?:说|讲|反映|反馈)|网上(?:都|有人)?(?:说|讲|传)|评(?:论|价)(?:区|里|图|上)?(?:都|有人|好多人|很多人|有|里面|大家)*(?:说|讲|反映|提到|写着)|看(?:到)?(?:评论|评价|差评|评论区)[^,。!?]{0,4}(?:说|有人|讲)"
    r"|(?:追评|差评|问大家|买家秀|评论图|评论区)(?:里|上)?[^,。!?]{0,3}(?:说|写|讲|有人|颜色)|刷到[^。!?]{0,8}说|(?:大家|别人|人家|都)(?:都)?(?:说|讲)[^,。!?]{0,4}(?:你|这|牌|会)"
    r"|(?:朋友|同事|闺蜜|邻居|室友|舍友|同学|姐妹|我姐|我妹|亲戚|我妈|我爸|老婆|老公)[^,。!?]{0,4}(?:说|讲)[^,。!?]{0,2}(?:你们?家|你们|她那|他那|她买|他买|她的|他的|这牌子|这个牌子|这家)"
)
_OWN: Final = re.compile(
    r"我(?:这|的|也|买的|收到|自己|穿|洗|们)(?!对|想|问)|才买|洗一次|穿一次|一次就|我(?:姐|妈)?买|果然|确实|真的是|真是|到手|收到|洗了|洗完|一洗|穿了|穿上|结果|居然|竟|怪不得|难怪|没想到|(?:早|当初)[^,。!?]{0,4}(?:信|听|看)"
)
_SUPPOSED: Final = re.compile(
    r"万一|假如|假若|倘若|假设|(?<!我)(?:如果|要是|若是)(?!不|没|你们?不|再|你们|我|会)|的话[^,。!?]{0,8}(?:吗|不|怎么|谁|能|给|包)|会不会"
)
_TO_BUY: Final = re.compile(
    r"还没(?:买|拍(?!好|下)|下单|付|收到货呢)|没下单|未下单|想买|准备买|打算买|打算入|准备拍|想拍|要买之前|下单前|拍之前|买之前[^,。!?]{0,4}问|我就(?:下单|拍|买)(?!了|过)|就下单(?!了)|再下单|先问(?:清|一|下|问)|有点不敢(?:买|拍)|不敢(?:买|下单|拍)"
)
_TAG: Final = re.compile(
    r"(?:吗|么|嘛|不|没|没有|伐|咩|呀|呢|啊)?[?]+$|(?:吗|嘛|伐|咩|不呢|不呀|不啊|么)$|[^得差了要是行的]不$|吗(?:这|你|咱|那)"
)
_LIVED: Final = re.compile(
    r"收到|到货|到手|拿到|寄来|发来|买的(?!时候)|买来|买回|上次|已经|结果|又|居然|竟然|竟|怎么(?!洗|避免|防|保养|样|办|处理)|咋(?!洗|样|办|整)"
    r"|这么|那么|才.{0,3}(?:天|次|回|周|月)|第[一二三两四五]次(?!洗)|[0-9一二两三四五六七八九十半几]+(?:天|次|回|周|个月|水|星期|礼拜).{0,3}就|成这样|正常|换.{0,3}(?:可以|行)|就.{0,8}了"
)
_EXPERIENCED: Final = re.compile(
    r"洗了|洗完|洗过|洗后|水洗后|下了水|过了水|一洗|才洗|刚洗|穿了|穿过|穿完|才穿|刚穿|买了|都.{0,8}了|第[一二三两四五]次|了[,。!?]|了$"
)
_UNWANTED: Final = re.compile(
    r"(?:没说(?:要|想)?|没让|没叫|没打算|不是来|不是说|不是催?|没有说|没要求|不会|不要|不想|不用|不需要|不必|无需|不打算|没想|没说要|没有要|没要|别|不是要|不是想|也不|不会|懒得|不愿意?|不准备)(?:再|去|给|你|你们|我|就|申请|直接|打|要|想)*$"
)
_STOP: Final = re.compile(f"[{re.escape(''.join(sorted(CLAUSE_END)))}]")
_WINDOW: Final = 40
LATE: Final = 1_000_000
"""Behind every place in a text."""
MAX_CLAUSE: Final = 60
MAX_SENTENCE: Final = 160
"""How far a clause or sentence is followed, so that a text without punctuation costs no more than others."""
_ENDS_NEGATED: Final = re.compile(
    r"(?<!会)(?<!么)(?<!说)(?<!了)(?<!想)(?:没有?|不会?|未|毫无|从不|从没)(?:怎么|明显|任何|发现|出现|一点|过|再|见|有|变|感觉)*"
    r"(?:缩|短|小|变形|变|掉|褪|起球|起|染|破|坏|扎|味|松|皱|开线|裂|硬|臭|透)[^,。!?]{0,2}$"
)
_SARCASM: Final = re.compile(
    r"呵呵|恭喜(?:你|贵|商)|(?:谢谢|感谢|多谢)(?:啊|你们|贵店|店家|老板|商家)?,?(?:让我|教会|给我上|又让)|真(?:是)?(?:大方|贴心|省|厉害|高冷|感人|有创意|有才|行啊|会做生意|能耐|可以的|好客服|好质量|好服务|是开眼|棒棒)|可真(?:行|好|棒|快|大|厉害|会)|太(?:贴心|厉害|有才|会做生意|省|感人)(?!谢)[^。!?]{0,3},|好一个|厉害了|绝了|佩服|好好好|开了?眼界?|长见识|没谁了|也是绝|够可以|好意思|(?:质量|速度|服务|态度|做工|效率)(?:真|可真|真是|也是|真够|真的)?(?:太)?(?:感人|“好”|\"好\"|醉人|清奇)|“好”|\"好\"|走路来|跟取经|当我是|我是不是(?:该|还得|要)(?:谢|感)"
)
_TROUBLE: Final = re.compile(
    r"送我?一|一洗|洗一|洗了|穿一|穿完|天|才|还没|不给|不回|破|裂|坏|掉|缩|球|味|毛|送貂|改短|骗|不理|别卖|卸载|原来是|走路|一问|自带|自动|让我|退|降|假|烂|差|错"
)


class _Sentence:
    """A sentence, or a whole text, and what its words say of all that it names; each question is answered once."""

    def __init__(self, text: str, ending: str) -> None:
        """ending: the mark after it."""
        self.text, self.ending = text, ending
        self._asked: dict[str, bool] = {}

    @cached_property
    def liked(self) -> bool:
        """Whether what sounds like a defect is how it should be, was feared in vain, or is waved aside by a pleased customer."""
        text = self.text
        if _STYLE.search(text) or _UNFOUNDED.search(text):
            return True
        return _CONCEDED.search(text) is not None and _PLEASED.search(text) is not None

    @cached_property
    def solved(self) -> bool:
        return _SOLVED.search(self.text) is not None and not _UNSOLVED.search(self.text + self.ending)

    @cached_property
    def told_at(self) -> int:
        """Where the last words stand that say who told it, when nothing of the customer's own follows them; LATE for none."""
        told = None
        for found in _TOLD.finditer(self.text):
            told = found
        return told.start() if told is not None and _OWN.search(self.text[told.end() :]) is None else LATE

    @cached_property
    def supposed(self) -> bool:
        return _SUPPOSED.search(self.text) is not None and not self.lived

    @cached_property
    def lived(self) -> bool:
        return _LIVED.search(self.text) is not None

    def asks(self, clause: str) -> bool:
        """Whether what a clause of it names is asked about or imagined rather than told."""
        if clause not in self._asked:
            self._asked[clause] = not self.lived and self._asks(clause)
        return self._asked[clause]

    def _asks(self, clause: str) -> bool:
        if _WONDERED.search(self.text) or _MAY.search(clause):
            return True
        if _EXPERIENCED.search(self.text):
            return False
        if _ASKED.search(clause) or _IF.search(self.text):
            return True
        return _TAG.search(clause + ("?" if self.ending == "?" else "")) is not None


class _Reading:
    """One text with its clauses and sentences."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._stops = [found.start() for found in _STOP.finditer(text)]
        self._ends = [at for at in self._stops if text[at] in SENTENCE_END]
        self._sentences: dict[tuple[int, int], _Sentence] = {}

    def clause(self, start: int, end: int) -> tuple[int, int]:
        return _reach(self._stops, len(self.text), start, end, MAX_CLAUSE)

    def sentence(self, start: int, end: int) -> tuple[int, _Sentence]:
        """The sentence around text[start:end], and where it begins."""
        first, last = _reach(self._ends, len(self.text), start, end, MAX_SENTENCE)
        return first, self.stretch(first, last)

    def stretch(self, first: int, last: int) -> _Sentence:
        found = self._sentences.get((first, last))
        if found is None:
            text = self.text
            found = self._sentences[first, last] = _Sentence(text[first:last], text[last : last + 1])
        return found

    @cached_property
    def to_buy(self) -> bool:
        return _TO_BUY.search(self.text) is not None


@lru_cache(maxsize=64)
def _reading(text: str) -> _Reading:
    return _Reading(text)


def scope(text: str, start: int, end: int) -> Scope:
    """How text[start:end], which names a defect, is meant. `text` is normalised."""
    reading = _reading(text)
    left, right = reading.clause(start, end)
    before, named = text[left:start], text[start:end]
    if _negated(before, named) or _AFTER_NEGATED.match(text, end, right) or _ends_negated(named):
        return "negated"
    first, sentence = reading.sentence(start, end)
    if sentence.liked:
        return "liked"
    if sentence.solved:
        return "solved"
    if _is_elsewhere(text, max(first, start - _WINDOW), start) and not _HERE.search(before):
        return "elsewhere"
    if sentence.told_at <= start - first or reading.to_buy:
        return "asked"
    return "asked" if sentence.asks(text[left:right]) else "claimed"


def supposed(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] is only imagined, told by others, or asked about before buying."""
    reading = _reading(text)
    first, sentence = reading.sentence(start, end)
    return sentence.told_at <= start - first or reading.to_buy or sentence.supposed


def over(text: str, start: int, end: int) -> bool:
    """Whether the matter at text[start:end] is done with, another shop's, or only told by others."""
    reading = _reading(text)
    first, sentence = reading.sentence(start, end)
    if sentence.solved or sentence.told_at <= start - first:
        return True
    left, _ = reading.clause(start, end)
    return _is_elsewhere(text, left, start) and not _HERE.search(text[left:start])


def _is_elsewhere(text: str, first: int, last: int) -> bool:
    """Whether text[first:last] leads to another shop."""
    before = text[first:last]
    if _ELSEWHERE.search(before):
        return True
    return _BOUGHT_AT.search(before) is not None and _COMPARED.search(text) is not None


def doubted(text: str) -> frozenset[str]:
    """The kinds of intents that a likeness to examples is not enough for: the matter is over, liked, or not here."""
    whole = _reading(text).stretch(0, len(text))
    if whole.solved:
        return frozenset({"complaint", "enquiry"})
    told = _TOLD.search(text)
    if whole.liked or _is_elsewhere(text, 0, len(text)) or (told and not _OWN.search(text[told.end() :])):
        return frozenset({"complaint"})
    return frozenset()


def to_buy(text: str) -> bool:
    """Whether the customer says that they have not bought yet."""
    return _reading(text).to_buy


@lru_cache(maxsize=64)
def sarcastic(text: str) -> bool:
    """Whether praise in the text is meant the other way round."""
    return _SARCASM.search(text) is not None and _TROUBLE.search(text) is not None


def _ends_negated(named: str) -> bool:
    return len(named) > 3 and _ENDS_NEGATED.search(named) is not None


def one_clause(text: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two places, each (start, end), stand in one clause."""
    return CLAUSE_END.isdisjoint(text[min(first[1], second[1]) : max(first[0], second[0])])


def unwanted(text: str, start: int) -> bool:
    """Whether the wish at text[start:] is one the customer says they do not have (不要退款, 不是想投诉)."""
    return _UNWANTED.search(text[max(0, start - 8) : start]) is not None


def _negated(before: str, named: str) -> bool:
    """Whether a negation stands right before the named defect, softeners such as 怎么, 会, 一点 aside."""
    rest = before
    while rest and rest[-1] in _MAY_NEGATE:
        if rest.endswith(_NEGATIONS):
            return _NOT_NEGATING.search(rest) is None and not _starts_negated(named)
        if not rest.endswith(_SOFTENERS):
            return False
        rest = rest[: -next(len(word) for word in _SOFTENERS if rest.endswith(word))]
    return False


def _starts_negated(named: str) -> bool:
    return named.startswith(("没", "不", "无", "未"))


def _reach(stops: Sequence[int], length: int, start: int, end: int, most: int) -> tuple[int, int]:
    """From [start:end] outwards to the next stops, at most `most` characters each way."""
    first, last = max(0, start - most), min(length, end + most)
    before, after = bisect_left(stops, start), bisect_left(stops, end)
    if before:
        first = max(first, stops[before - 1] + 1)
    if after < len(stops):
        last = min(last, stops[after])
    return first, last
