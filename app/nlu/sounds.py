"""What the customer meant to type: homophones, IME slips and pinyin read as the words of the trade.

Only where no real word stands: two characters that sound like a term (缩税, 起逑) and are no dictionary word, nor half of one,
become the term; runs of Latin letters (tuihuo, tui货, diao se) become words when all of their syllables are understood.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from app.nlu.matter import beside, closing, partings
from app.nlu.text import Normalised, Tokeniser
from app.pinyin import sounding, syllable

_TERMS: Final = (
    "缩水", "起球", "掉色", "褪色", "染色", "变形", "开线", "脱线", "开裂", "掉毛", "跑绒", "钻绒", "色差",
    "异味", "臭味", "味道", "刺鼻", "扎人", "静电", "过敏", "假货", "拉链", "扣子", "线头", "破洞", "污渍",
    "面料", "布料", "料子", "做工", "质量", "尺码", "码数", "偏小", "偏大", "偏长", "偏短", "退货", "退款",
    "退钱", "换货", "换个", "换码", "换色", "发货", "发错", "补发", "补偿", "赔偿", "快递", "物流", "包裹",
    "单号", "签收", "派送", "客服", "售后", "态度", "回复", "运费", "邮费", "发票", "优惠", "红包", "返现",
    "赠品", "差价", "降价", "差评", "投诉", "举报", "到账", "地址", "骗子", "垃圾", "衣服", "裤子", "毛衣",
    "裙子", "衬衫", "外套", "卫衣", "袖子", "领口", "毛球", "颜色", "厚度", "包装", "退换", "改单",
)  # fmt: skip
"""Terms by their sound; where two sound alike the first one counts."""

_ALIASES: Final = {
    "推货": "退货", "推款": "退款", "退宽": "退款", "退或": "退货", "腿货": "退货", "腿款": "退款", "褪货": "退货", "褪款": "退款",
    "蜕货": "退货", "蜕款": "退款", "发活": "发货", "发或": "发货", "换或": "换货", "焕货": "换货", "时侯": "时候", "到帐": "到账",
    "调色了": "掉色了", "吊色": "掉色", "钓色": "掉色", "退色": "褪色", "腿色": "褪色", "起秋了": "起球了",
    "优惠卷": "优惠券", "优惠劵": "优惠券", "优会卷": "优惠券", "优惠圈": "优惠券", "开现了": "开线了", "快第": "快递",
    "拉练": "拉链", "拉炼": "拉链", "布聊": "布料", "太博了": "太薄了", "好博": "好薄",
    "掉se": "掉色", "suo水": "缩水", "人工可服": "人工客服", "缩谁": "缩水", "缩睡": "缩水", "杂人": "扎人",
    "起逑": "起球", "起裘": "起球",
}  # fmt: skip
"""Slips that are dictionary words, or too short to be told by sound: read as this always."""

# fmt: off
_NOT_TERMS: Final = frozenset(
    [
    "换吗", "又肥", "拉几", "坨线", "法错", "不了", "不料", "不聊", "之量", "只量", "只两", "指量", "知量", "致量",
    "至量", "治量", "发火", "发过", "换过", "还个", "还各", "还码", "还货", "会付", "会复", "回父", "太多", "客服",
    "克服", "有会", "有回", "有汇", "优会", "外头", "外套", "一服", "以服", "以付", "已付", "一付", "一副", "一幅",
    "已服", "依附", "期求", "其求", "起球", "汽球", "七球", "包过", "包国", "保国", "报过", "到张", "道张", "到长",
    "色查", "领扣", "另口", "零口", "红报", "宏包", "但好", "丹好", "单好", "但号", "地只", "地止", "第只", "底子",
    "妈数", "吗数", "嘛数", "马上", "码书", "变行", "便行", "便性", "编行", "便形", "被形", "差平", "差凭", "查评",
    "就破", "开先", "开现", "拖线", "掉毛", "钓毛", "要色", "言色", "签手", "前手", "前收", "钱收", "千收", "派松",
    "拍送", "排送", "抬度", "太度", "破东", "破动", "无留", "五六", "物留", "无流", "五流", "舞柳", "有费", "由费",
    "有非", "油费", "发飘", "法票", "起来", "面了", "面聊", "没料", "线投", "先头", "现头", "改但", "改蛋", "推还",
    "推换", "腿换", "退还", "补场", "不长", "不常", "不尝", "补长", "不场", "不偿", "不发", "补法", "不法", "布法",
    "步法", "部发", "不罚", "裙子", "群子", "亦为", "以为", "一味", "一位", "意味", "已为", "易位", "移位", "已位",
    "异为", "异位", "做功", "作工", "坐公", "坐工", "左公", "作功", "前多", "没球", "冒球", "加货", "嫁货", "该单",
    "给单", "改担", "退前", "推前", "颜涩", "言涩", "洗货", "料字", "撩子", "了子", "聊子", "廖子", "驳斥", "毛一",
    "毛易", "贸易", "毛意", "冒意", "茂依", "卫一", "为一", "唯一", "未衣", "位一", "微衣", "喂衣", "味一", "为意",
    "为已", "未已", "未一", "换各", "还歌", "单毫", "担好", "反先", "反现", "饭先", "放线", "返先", "偏笑", "片小",
    "骗小", "骗大", "片大", "偏达", "片段", "骗短", "变片", "片长", "骗长", "拉恋", "来连", "扣紫", "口子", "扣字",
    "袖字", "修子", "休子", "锈子", "岭口", "零扣", "静点", "经典", "竟点", "进店", "近店", "竟店", "今典", "净点",
    "惊点", "京店", "精点", "镜店", "静店", "警电", "境店", "至亲", "骂人", "马人", "炸人", "砸人", "咋人", "杂任",
    "炸任", "扎任", "砸仁", "咋任", "扎仁",
]  # noqa: SIM905
)
# fmt: on
"""Pairs of characters that sound like a term but are not meant as one."""

_WORDS: Final = {
    "zenme": "怎么", "zenmeyang": "怎么样", "zenmeban": "怎么办", "zenyang": "怎样", "shenme": "什么", "sha": "啥", "sa": "啥", "shihou": "时候", "shishihou": "时候",
    "shenmeshihou": "什么时候", "shashihou": "啥时候", "weishenme": "为什么", "weisha": "为啥", "keyi": "可以", "meiyou": "没有",
    "youmeiyou": "有没有", "jiushi": "就是", "pianzi": "骗子", "pianren": "骗人", "laji": "垃圾", "xiexie": "谢谢", "nihao": "你好", "zaima": "在吗",
    "haode": "好的", "haoping": "好评", "mantian": "满天", "kuaidi": "快递", "kuaidian": "快点", "laoban": "老板", "dianjia": "店家", "maijia": "卖家", "yifu": "衣服", "weidao": "味道",
    "youwei": "有味", "haokan": "好看", "jiuzheyang": "就这样", "zheyang": "这样", "zhege": "这个", "zhejian": "这件", "huanhuo": "换货", "huanma": "换码",
    "tuihuo": "退货", "tuikuan": "退款", "tuiqian": "退钱", "tuidiao": "退掉", "huan": "换", "tui": "退", "huo": "货", "kuan": "款", "wo": "我", "ni": "你", "nimen": "你们",
    "yao": "要", "xiang": "想", "jiu": "就", "le": "了", "de": "的", "bu": "不", "buyao": "不要", "bushi": "不是", "tai": "太", "cha": "差", "hao": "好", "da": "大", "xiao": "小",
    "chang": "长", "duan": "短", "hen": "很", "dao": "到", "daole": "到了", "shi": "是", "you": "有", "mei": "没", "ma": "吗", "ne": "呢", "ba": "吧", "a": "啊", "la": "啦", "ya": "呀",
    "hai": "还", "haimei": "还没", "haibu": "还不", "fa": "发", "fahuo": "发货", "shou": "收", "shoudao": "收到", "qian": "钱", "mai": "买", "xi": "洗", "chuan": "穿", "po": "破", "pole": "破了",
    "huai": "坏", "huaile": "坏了", "chou": "臭", "wei": "味", "qiu": "球", "qiuqiu": "球球", "qi": "起", "qiqiu": "起球", "maoqiu": "毛球", "se": "色", "diao": "掉", "diaose": "掉色", "suo": "缩", "suoshui": "缩水",
    "shui": "水", "dou": "都", "duoshao": "多少", "duojiu": "多久", "jitian": "几天", "jidian": "几点", "ting": "挺", "manyi": "满意", "bumanyi": "不满意", "kefu": "客服", "buhui": "不回",
    "bufahuo": "不发货", "chengdan": "成单", "chima": "尺码", "mashu": "码数", "maoyi": "毛衣", "kuzi": "裤子", "lalian": "拉链", "kouzi": "扣子", "xiantou": "线头",
    "gei": "给", "bang": "帮", "neng": "能", "nengbuneng": "能不能", "kebukeyi": "可不可以", "dizhi": "地址", "danhao": "单号", "yunfei": "运费", "fapiao": "发票", "hongbao": "红包",
    "tousu": "投诉", "jubao": "举报", "chaping": "差评", "peichang": "赔偿", "buchang": "补偿", "shouhou": "售后", "zhiliang": "质量", "mianliao": "面料", "buliao": "布料", "taidu": "态度",
    "zhen": "真", "haishi": "还是", "yixia": "一下", "yidian": "一点", "dongxi": "东西", "zhe": "这", "na": "那", "ge": "个", "jian": "件", "tiao": "条", "meifa": "没发", "meidao": "没到",
    "guomin": "过敏", "jiahuo": "假货", "jiade": "假的", "youhui": "优惠", "pianyi": "便宜", "pianxiao": "偏小", "pianda": "偏大", "seca": "色差", "secha": "色差", "yiwei": "异味",
    "diaomao": "掉毛", "kaixian": "开线", "bianxing": "变形", "tuise": "褪色", "zha": "扎", "bo": "薄", "hou": "厚", "gui": "贵", "xiang'yao": "想要", "zai": "在", "nong": "弄", "zenmenong": "怎么弄", "zenmehuan": "怎么换", "zenmetui": "怎么退", "xiaoxi": "消息", "daqian": "打钱", "huokuan": "货款", "ke": "可", "meiren": "没人",
}  # fmt: skip
_SHORT: Final = {
    "kf": "客服", "kd": "快递", "zl": "质量", "sm": "什么", "zm": "怎么", "fh": "发货", "tk": "退款", "th": "退货", "hp": "好评", "yhq": "优惠券", "yf": "运费", "wl": "物流",
}  # fmt: skip
"""Initials that customers type for words; read so only beside Chinese characters."""

# fmt: off
_ENGLISH: Final = frozenset(
    [
    "nice", "line", "size", "me", "he", "she", "sale", "code", "made", "logo", "ok",
    "hi", "hello", "bye", "see", "no", "yes", "my", "we", "cha", "wei", "hei", "gun",
    "men", "pan", "fan", "sun", "win", "can", "die", "lie", "long", "pin", "pen",
    "ten", "hen", "shang", "ban", "bang", "bank", "ding", "dang", "gap", "song",
    "wang",
]  # noqa: SIM905
) - {"cha", "wei", "hen"}
# fmt: on
_LATIN: Final = re.compile(r"[a-z]{2,}")
_RUN: Final = re.compile(r"[a-z]+(?: [a-z]+)*")
_LONGEST: Final = max(map(len, _WORDS))
_ALONE: Final = frozenset(
    "wo yao jiu le bu tui huan suo diao se qi qiu huo kuan wei xiao tai cha ke zha chou mei fa shui dou hen zhe hai".split()  # noqa: SIM905
)
"""Syllables that are read even when just one of them stands among Chinese characters."""

Edit = tuple[int, int, str]


@lru_cache(maxsize=1)
def _by_sound() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for term in _TERMS:
        found.setdefault((_sound(term[0]), _sound(term[1])), term)
    return found


@lru_cache(maxsize=1)
def _begins() -> dict[str, str]:
    """The characters that sound like the beginning of a term, with their sound."""
    return sounding({first for first, _ in _by_sound()})


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    return syllable(char) if char > "\u33ff" else ""


@lru_cache(maxsize=1)
def _alias_pattern() -> re.Pattern[str]:
    return re.compile(
        "(?:" + "|".join(sorted(map(re.escape, _ALIASES), key=lambda word: -len(word))) + ")(?!动)"
    )


def heard(message: Normalised, tokeniser: Tokeniser) -> Normalised:
    """tokeniser: knows what are words. Returns the message with slips replaced by what they stand for; positions still
    lead to the original.
    """
    edits = _slips(message.text)
    if _LATIN.search(message.text):
        edits += _spelt(message.text)
    edits += _homophones(message.text, tokeniser)
    return _apply(message, edits) if edits else message


def matter(message: Normalised) -> Normalised:
    """The message without what only goes along with its matter; the same one where there is nothing of that."""
    places = beside(message.text)
    return _apply(message, [(start, end, " ") for start, end in places]) if places else message


def unthanked(message: Normalised) -> Normalised:
    """The message without the thanks it closes with; the same one where there are none, or nothing else."""
    end = closing(message.text)
    return _apply(message, [(end, len(message.text), "")]) if end < len(message.text) else message


def parted(message: Normalised) -> Normalised:
    """The message with a space where a clause begins that no mark parts from the one before."""
    text = message.text
    places = partings(text)
    return _apply(message, [(at, at + 1, " " + text[at]) for at in places]) if places else message


def _slips(text: str) -> list[Edit]:
    return [(found.start(), found.end(), _ALIASES[found[0]]) for found in _alias_pattern().finditer(text)]


def _homophones(text: str, tokeniser: Tokeniser) -> list[Edit]:
    terms, begins = _by_sound(), _begins()
    edits: list[Edit] = []
    for at in [at for at, char in enumerate(text) if char in begins]:
        term = terms.get((begins[text[at]], _sound(text[at + 1 : at + 2])))
        if term is not None and text[at : at + 2] != term and _is_slip(text, at, tokeniser):
            edits.append((at, at + 2, term))
    return edits


def _is_slip(text: str, at: int, tokeniser: Tokeniser) -> bool:
    """Whether the two characters are neither a word, nor parts of the words beside them."""
    pair = text[at : at + 2]
    around = (
        text[max(0, at - 1) : at + 1],
        text[at + 1 : at + 3],
        text[max(0, at - 1) : at + 2],
        text[at : at + 3],
    )
    return pair not in _NOT_TERMS and not any(map(tokeniser.is_common, (pair, *around)))


def _spelt(text: str) -> list[Edit]:
    """Runs of pinyin, as far as every syllable of them is part of a known word; initials beside Chinese."""
    edits: list[Edit] = []
    for run in _RUN.finditer(text):
        chinese = any(char > "\u33ff" for char in text[max(0, run.start() - 2) : run.end() + 2])
        if chinese and run[0] in _SHORT:
            edits.append((run.start(), run.end(), _SHORT[run[0]]))
        elif run[0] not in _ENGLISH and len(run[0]) > 1:
            edits += _read(run[0], run.start(), alone=not chinese)
    return edits


def _read(run: str, start: int, *, alone: bool) -> list[Edit]:
    """Longest words first, left to right; nothing at all where a part of the run stays unknown."""
    edits: list[Edit] = []
    at = 0
    while at < len(run):
        for end in range(min(len(run), at + _LONGEST + 3), at, -1):
            word = _WORDS.get(run[at:end].replace(" ", ""))
            if word is not None and run[end - 1] != " ":
                break
        else:
            return []
        while run[end : end + 1] == " ":
            end += 1
        edits.append((start + at, start + end, word or ""))
        at = end
    known = any(len(word) > 1 for _, _, word in edits)
    return edits if known or (not alone and run in _ALONE) else []


def _apply(message: Normalised, edits: list[Edit]) -> Normalised:
    """Edits in text order, of overlapping ones the first; each new character stands for the whole replaced part."""
    text, at = message.text, 0
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    first = message.starts or range(len(text))
    last = message.ends or range(1, len(text) + 1)
    for start, end, word in [*sorted(edits), (len(text), len(text), "")]:
        if start < at:
            continue
        letters += [*text[at:start], *word]
        starts += first[at:start]
        ends += last[at:start]
        if len(word) == end - start:
            starts += first[start:end]
            ends += last[start:end]
        else:
            starts += [first[start]] * len(word) if word else []
            ends += [last[end - 1]] * len(word) if word else []
        at = end
    return replace(message, text="".join(letters), starts=tuple(starts), ends=tuple(ends))
