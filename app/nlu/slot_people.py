"""Who and where: 姓名, 称呼, 地址, and the 平台 something was bought on."""

from __future__ import annotations

from typing import Final

from app import regex as re
from app.nlu.slot_base import Finder, Found

SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_TWO: Final = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|端木|夏侯|南宫"
_NOT_GIVEN: Final = "的了是在电手地你您我他她请这那和要说来去也都不没有吗呢吧啊先女老就把给让到买退换姐哥收号"
_GIVEN: Final = rf"[^\W\d_a-z{_NOT_GIVEN}]"
FULL_NAME: Final = rf"(?:{_TWO}|[{SURNAMES}]){_GIVEN}{{1,2}}"
_NAME: Final = re.compile(
    rf"(?:(?:我|本人)(?:的)?(?:名字)?(?:叫|是叫)|本人|(?:姓名|收件人|收货人|联系人|名字|实名)(?:[:是为叫写填改成]|换成|\s){{1,3}})\s?(?P<full>{FULL_NAME})"
    rf"|(?:我姓|免贵姓|本人姓)(?P<family>{_TWO}|[{SURNAMES}])"
)
_TITLE: Final = re.compile(
    r"(?:叫|喊|称呼)我(?P<title>[^\W\da-z_]{1,2}(?:先生|女士|小姐|阿姨|老师|太太|姐|哥|叔|总|妹|弟|姨)|[小老阿][^\W\da-z_的])(?=就|吧|即可|好了|[,。!~ ]|$)"
)

_PLATFORMS: Final = {
    "淘宝": "淘宝|天猫|tmall|(?<![a-z])tb(?![a-z])|手淘|聚划算",
    "京东": "京东|(?<![a-z])jd(?![a-z0-9])|狗东",
    "抖音": "抖音|抖店|(?<![a-z])dy(?![a-z])",
    "拼多多": "拼多多|拼夕夕|(?<![a-z])pdd(?![a-z])",
    "微信": "微信|企微|视频号|微店|小程序",
    "其他": "唯品会|小红书|快手|得物|闲鱼|苏宁|蘑菇街",
}
_PLATFORM_OF: Final = tuple((name, re.compile(words)) for name, words in _PLATFORMS.items())
_PLATFORM: Final = re.compile(
    r"(?=[djpt京企唯天小得微快手抖拼淘狗聚苏蘑视闲])(?:"
    rf"(?P<platform>{'|'.join(_PLATFORMS.values())})(?:商城|平台|官方|自营)?"
    r"(?:(?:上|里|那边?|旗舰店|官方旗舰店|专卖店|店铺?|小店|直播间?|小程序|橱窗|链接){1,2}[^,。;!?\n]{0,4}(?:买|下的?单|拍|订|购)"
    r"|(?:上|里)?[^,。;!?\n不]{0,2}(?:买的|买了|下的?单|拍的|订的|购的|购物|购买)|(?:旗舰店|店铺|订单|买家|用户|下单))"
    r")"
)
_PLATFORM_TRIGGERS: Final = frozenset("淘猫京抖拼微品红快得闲苏蘑聚狗企视小tjdp")
_ELSEWHERE: Final = re.compile(r"(?:比|别家|别人家?|同款|没有?|不是在?|不在|你们?有)$")

_PROVINCES: Final = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    "陕西|甘肃|青海|台湾|内蒙古?|广西|西藏|宁夏|新疆|香港|澳门"
)
_HAN: Final = "[\u3400-\u9fff]"
_NO: Final = "[0-9a-z一二三四五六七八九十百]"
_STREET: Final = (
    "(?:路|街|大道|巷|弄|胡同|村|镇|乡|小区|花园|公寓|大厦|广场|新村|家园|苑|园|城|府|庭|里|坊|院|湾|庄|屯)"
)
_DOOR: Final = rf"{_NO}{{1,6}}(?:-{_NO}{{1,5}}){{0,3}}(?:号楼|号院|号|栋|幢|座|单元|弄|层|楼|室|户|组)"
_ANCHOR: Final = re.compile(
    rf"{_STREET}(?:\([^()\n]{{0,10}}\))?\s?第?{_DOOR}"
    rf"|{_NO}{{1,4}}(?:栋|幢|号楼|座)\s?(?:{_NO}{{1,3}}单元)?\s?{_NO}{{1,5}}(?:室|户)?"
    rf"|(?:{_PROVINCES})(?:省|市|自治区|壮族自治区|维吾尔自治区|回族自治区)?\s?{_HAN}{{1,6}}?(?:市|区|县|州|盟|镇|乡|街道|路)"
    rf"|{_HAN}{{2,4}}市{_HAN}{{1,4}}[区县](?={_HAN}{{0,12}}[路街道镇乡村号栋])"
)
_RIGHT: Final = re.compile(
    rf"(?:\s?(?:{_DOOR}|{_HAN}{{1,12}}?(?:市|区|县|镇|乡|街道|村|路|街|大道|巷|弄|小区|花园|公寓|大厦|广场|苑|栋|号|室|楼|驿站|超市|学校|大学)|[0-9]{{2,5}}(?:室|号|户)?(?![0-9])))"
)
_LEFT: Final = re.compile(r"[^\u3400-\u9fffa-z0-9]")
_LEFT_STOP: Final = re.compile(
    r".*(?:[寄发送邮改换搬][到往去给成为]|住在?|地址|位于|家在|收货|[是在到我])", re.DOTALL
)
_MARKED: Final = re.compile(r"地址(?:改成|改为|换成|改到|[:是为]){1,2}\s?(?P<marked>[^,。;!?\n:〔〕]{4,60})")
_LEAD: Final = re.compile(r"(?:[寄发送邮改换搬][到往去给成为]|住在?|位于|家在|[我是在到给]){1,4}")
_REACH: Final = 24
_MAX_PARTS: Final = 8
_ADDRESS_TRIGGERS: Final = frozenset("路街道巷弄村镇乡区市省县栋幢座楼室址号院")


def find_people(text: str, letters: set[str]) -> Finder:
    """姓名 and 称呼 where the customer says whose they are; a surname alone comes out alone."""
    if not letters.isdisjoint("叫姓名人"):
        for match in _NAME.finditer(text):
            name = "full" if match["full"] else "family"
            yield Found("姓名", match[name], match.start(name), match.end(name))
        for match in _TITLE.finditer(text):
            yield Found("称呼", match["title"], match.start("title"), match.end("title"))


def find_platform(text: str, letters: set[str]) -> Finder:
    """平台 the goods were bought on; couriers (京东快递), publicity (发抖音) and comparisons (比淘宝贵) are not."""
    if _PLATFORM_TRIGGERS.isdisjoint(letters):
        return
    for match in _PLATFORM.finditer(text):
        if not _ELSEWHERE.search(text[max(0, match.start() - 4) : match.start()]):
            words = match["platform"]
            name = next(name for name, pattern in _PLATFORM_OF if pattern.fullmatch(words))
            yield Found("平台", name, match.start("platform"), match.end("platform"))


def find_addresses(text: str, letters: set[str]) -> Finder:
    """地址: what follows 「地址:」, or a street and number, a block and room, or two levels of places, as far as it goes."""
    if _ADDRESS_TRIGGERS.isdisjoint(letters):
        return
    done = 0
    for match in _MARKED.finditer(text):
        yield Found("地址", match["marked"].strip(), match.start("marked"), match.end("marked"))
    for match in _ANCHOR.finditer(text):
        if match.start() < done:
            continue
        start = _from(text, match.start(), done)
        if lead := _LEAD.match(text, start, match.end()):
            start = lead.end()
        end = done = _until(text, match.end())
        yield Found("地址", text[start:end], start, end)


def _from(text: str, start: int, floor: int) -> int:
    """Where the address around text[start] begins: after the last mark or word that introduces an address."""
    left = max(floor, start - _REACH)
    for at in range(start - 1, left - 1, -1):
        if _LEFT.match(text[at]):
            left = at + 1
            break
    stop = _LEFT_STOP.match(text, left, start)
    return stop.end() if stop is not None else left


def _until(text: str, end: int) -> int:
    for _ in range(_MAX_PARTS):
        match = _RIGHT.match(text, end)
        if match is None:
            break
        end = match.end()
    return end
