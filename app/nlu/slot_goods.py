"""The product a message is about, and the colours it names."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.nlu.slot_base import Finder, Found

_NOUNS: Final = (
    "羽绒服|羽绒裤|羽绒背心|羽绒马甲|羊绒大衣|双面呢大衣|呢子大衣|毛呢大衣|毛呢外套|呢大衣|羊绒衫|"
    "羊毛衫|羊毛大衣|针织衫|针织裙|针织开衫|针织裤|毛衣裙|毛线衣|毛衣|开衫|打底衫|打底裤|打底裙|"
    "打底毛衣|卫衣裙|卫衣|卫裤|冲锋衣|冲锋裤|防晒衣|防晒服|皮肤衣|风衣|大衣|棉服|棉衣|棉袄|棉裤|"
    "夹克衫|夹克|牛仔外套|牛仔裤|牛仔裙|牛仔衣|牛仔短裤|衬衫裙|衬衫|衬衣|t恤裙|t恤衫|t恤|体恤衫|体恤|"
    "t桖|t血|polo衫|短袖衫|短袖|长袖衫|长袖|雪纺衫|雪纺裙|连衣裙|半身裙|半裙|百褶裙|a字裙|包臀裙|"
    "吊带裙|长裙|短裙|伞裙|纱裙|裙裤|连体裤|背带裤|背带裙|阔腿裤|休闲裤|运动裤|工装裤|西装裤|西裤|"
    "直筒裤|小脚裤|哈伦裤|灯笼裤|喇叭裤|瑜伽裤|鲨鱼裤|光腿神器|束脚裤|皮裤|短裤|长裤|七分裤|九分裤|"
    "五分裤|沙滩裤|秋裤|保暖裤|保暖内衣|保暖衣|秋衣|睡衣|睡裤|睡裙|家居服|居家服|内衣|内裤|文胸|胸罩|"
    "塑身衣|泳衣|泳裤|泳装|比基尼|丝袜|连裤袜|棉袜|袜子|西装外套|西服外套|西装|西服|小西装|马甲|马夹|"
    "背心|吊带衫|吊带|抹胸|旗袍|汉服|马面裙|唐装|新中式|校服|校裤|礼服|婚纱|套装裙|套装|运动服|"
    "运动套装|瑜伽服|皮衣|皮草|貂|羊羔绒外套|羊羔毛外套|派克服|斗篷|披肩|围巾|围脖|丝巾|帽子|手套|"
    "皮带|腰带|领带|凉鞋|拖鞋|运动鞋|板鞋|帆布鞋|皮鞋|高跟鞋|单鞋|老爹鞋|跑鞋|靴子|短靴|雪地靴|"
    "马丁靴|童装|连体衣|爬服|哈衣|肚兜|罩衫|外套|小衫|蕾丝衫|上衣|衣服|衣裳|裤子|裙子|鞋子|裤(?![长型])|裙(?![长型])|鞋"
)
_WORDS: Final = _NOUNS.split("|")
_GENERIC: Final = frozenset(
    ("衣服", "衣裳", "裤子", "裙子", "鞋子", "裤", "裙", "鞋", "上衣")
    + ("套装", "童装", "吊带", "短袖", "长袖", "内衣", "帽子", "腰带", "皮带")
)
_SPELLINGS: Final = {
    "t恤": "T恤",
    "t桖": "T恤",
    "t血": "T恤",
    "体恤": "T恤",
    "体恤衫": "T恤",
    "t恤衫": "T恤",
    "t恤裙": "T恤裙",
    "polo衫": "POLO衫",
    "a字裙": "A字裙",
    "衣裳": "衣服",
    "裤": "裤子",
    "裙": "裙子",
    "鞋": "鞋子",
}
_STYLE: Final = (
    "加绒加厚|加绒|加厚|高领|圆领|v领|半高领|翻领|短款|中长款|长款|修身|宽松|阔腿|直筒|针织|纯棉|真丝|羊毛|羊绒|毛呢|蕾丝|雪纺|"
    "连帽|高腰|弹力|碎花|条纹|格子|男士|女士|男款|女款|儿童|婴儿|春季|夏季|秋季|冬季|七分袖|五分袖|无袖|收腰|破洞|复古|加肥"
)
_STARTS: Final = "".join(sorted({word[0] for word in (*_WORDS, *_STYLE.split("|"))}))
_PRODUCT: Final = re.compile(
    rf"(?=[{_STARTS}])(?P<style>(?:{_STYLE}){{0,2}})(?P<noun>{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
    r"(?![腿脚腰裆兜管缝摆底带垫柜架夹粉液]|机(?!洗)|子?[店厂])"
)
_NOUN_STARTS: Final = frozenset(word[0] for word in _WORDS)
_POINTED: Final = re.compile(
    r"(?:[这那][件条双套个款]|买的?|拍的|收到的?|下单的|你们?家?的|[件条双]|穿的)[^,。;!?\n]{0,3}$"
)
_ASIDE: Final = re.compile(
    r"(?:把|跟|比|像)[^,。;!?\n]{0,5}$|(?:[把到给像当配搭送跟和比染蹭沾洗]|其他|其它|别的|里面|自己的|赠送?的?|连着)[了上的我着]{0,2}[白黑红]?色?$"
)
_TROUBLE: Final = re.compile(
    r"缩水|缩|起球|起毛|掉色|褪色|染|掉毛|跑绒|钻绒|破|开线|脱线|线头|变形|变|味|偏?[大小]了|太[大小长短薄厚透紧]|脏|污|瑕疵|色差|退|换|洞|坏|拉链|扣|勾丝|不合|扎|痒|假|错|少了|漏"
)
_BECAME: Final = re.compile(r"(?:变|[洗缩穿晒]成|变成)了?$")
_FAR: Final = 20

_NAMED_COLOUR: Final = (
    "卡其|藏青|藏蓝|酒红|军绿|米白|奶白|奶油白|墨绿|玫红|大红|天蓝|宝蓝|雾霾蓝|焦糖|咖啡|豆沙|香槟|裸粉|藕粉|浅蓝|深蓝|中蓝|浅灰|深灰|浅绿|深绿|浅粉|浅紫|深紫|"
    "深棕|浅棕|湖蓝|孔雀蓝|牛油果绿|薄荷绿|克莱因蓝|樱花粉|燕麦|炭灰|烟灰|银灰|杏|驼|米|咖"
)
_COLOUR: Final = re.compile(
    r"(?=[中买亮光克军卡发咖土墨大天奶嫩孔宝彩拍换暗杏枣棕樱橘橙浅深湖灰炭烟焦燕牛玫白砖米粉紫红纯绿草荧蓝薄藏藕裸要豆这选那酒金银雾青香驼鹅黄黑])(?:"
    rf"(?P<named>(?:{_NAMED_COLOUR})色|(?:卡其|藏青|藏蓝|酒红|军绿|米白|奶白|墨绿|玫红|天蓝|宝蓝|雾霾蓝|浅蓝|深蓝|中蓝|浅灰|深灰|深绿|浅绿|湖蓝))"
    r"|(?P<plain>[浅深纯亮暗荧光米草土灰粉橘枣砖嫩鹅]{0,2}[黑白红蓝灰绿黄粉紫棕咖橙橘青银金彩]色)"
    rf"|(?P<short>[黑白红蓝灰绿黄粉紫棕])(?=(?:{_STYLE})?(?:裤子?|裙子?|毛衣|卫衣|t恤|衬衫|外套|大衣|鞋|羽绒服|西装|短袖|打底|背心|开衫|内衣))"
    r"|(?:买|要|换|拍|发|选|[这那][件条双])了?(?:个|件|条|的是|成)?(?P<loose>[黑白红蓝灰绿黄粉紫棕])的"
    r")"
)
_COLOURS: Final = frozenset(
    "黑白红蓝灰绿黄粉紫棕咖橙橘青银金彩杏驼米卡藏酒军奶墨玫天宝雾湖浅深中焦豆香裸藕孔牛薄克樱燕炭烟"
)
_OTHERS: Final = re.compile(r"(?:把我?|染(?:到|了|上)?我?|沾(?:到|了|上)?我?|蹭(?:到|了|上)?我?)的?$")
"""What stands before the colour of another thing (把我白衬衫染了)."""
_NOT_OF_IT: Final = re.compile(r"(?:[变掉染出泛沾蹭][了成得上点些]?|洗[成得])$")


def find_product(text: str, letters: set[str]) -> Finder:
    """商品: one at most, the most specific, pointed at (这件 …) or nearest to what is wrong. letters: those in text."""
    if _NOUN_STARTS.isdisjoint(letters):
        return
    candidates = [match for match in _PRODUCT.finditer(text) if not _became(text, match.start())]
    if not candidates:
        return
    best = candidates[0]
    if len(candidates) > 1:
        troubles = [match.start() for match in _TROUBLE.finditer(text)]
        best = max(candidates, key=lambda match: _fitness(text, match, troubles))
    noun = _SPELLINGS.get(best["noun"], best["noun"])
    yield Found("商品", best["style"] + noun, best.start(), best.end())


def _became(text: str, start: int) -> bool:
    """Whether the noun is only what the thing looks like by now (洗成了童装, 变短袖)."""
    return _BECAME.search(text[max(0, start - 3) : start]) is not None


def _fitness(text: str, match: re.Match[str], troubles: list[int]) -> float:
    """How likely a product noun is what the message is about; earlier ones win ties."""
    before = text[max(0, match.start() - 8) : match.start()]
    fitness = 0.0 if match["noun"] in _GENERIC else 2.0
    fitness += 1.5 if _POINTED.search(before) else 0.0
    fitness -= 3.0 if _ASIDE.search(before) else 0.0
    if troubles:
        fitness -= min(_FAR, _distance(match.end(), troubles)) / 10
    return fitness


def _distance(end: int, troubles: list[int]) -> int:
    """Letters to the nearest trouble; one that comes before the noun counts double, for complaints follow their thing."""
    return min((at - end if at >= end else 2 * (end - at)) for at in troubles[:_FAR])


def find_colours(text: str, letters: set[str]) -> Finder:
    """颜色, always ending in 色 (「黑的」 -> 「黑色」); what something turned into (变成红色, 洗出黄水) is no colour of it."""
    if _COLOURS.isdisjoint(letters):
        return
    for match in _COLOUR.finditer(text):
        name = match.lastgroup or "plain"
        start, end = match.span(name)
        if name != "loose" and (_turned(text, start) or _OTHERS.search(text[max(0, start - 5) : start])):
            continue
        value = match[name] if match[name].endswith("色") else match[name] + "色"
        yield Found("颜色", value, start, end)


def _turned(text: str, start: int) -> bool:
    return _NOT_OF_IT.search(text[max(0, start - 2) : start]) is not None
