"""Slots and facts of a message: values in their normal form, places in the text as received."""

import importlib
import re
from datetime import datetime
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.nlu.slot_base import number, plain
from app.nlu.slot_facts import facts_from
from app.nlu.slots import MAX_SLOTS, find_slots
from app.nlu.text import normalise
from app.regex import Expression

NOW = datetime(2026, 11, 22, 18, 0)  # noqa: DTZ001  a Sunday, in the shop's own time


def slots(text: str, now: datetime | None = NOW) -> list[tuple[str, str, str]]:
    """Name, value and original text of every slot."""
    return [(slot.name, slot.value, text[slot.start : slot.end]) for slot in find_slots(normalise(text), now)]


def values(text: str, name: str, now: datetime | None = NOW) -> list[str]:
    return [value for found, value, _ in slots(text, now) if found == name]


def facts(text: str, now: datetime | None = NOW) -> dict[str, str | int]:
    message = normalise(text)
    return facts_from(message, find_slots(message), now)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("订单号：3456789012345678901 帮我查下", "订单号", "3456789012345678901"),
        ("3456789012345678901", "订单号", "3456789012345678901"),
        ("京东订单 298765432109 还没发货", "订单号", "298765432109"),
        ("298765432109 这个订单", "订单号", "298765432109"),
        ("260922-999000000000001 退款", "订单号", "260922-999000000000001"),
        ("[ORDERID_20251107] 帮我看下", "订单号", "20251107"),
        ("快递单号SF1234567890123到哪了", "快递单号", "SF1234567890123"),
        ("yt1234567890123", "快递单号", "YT1234567890123"),
        ("JT1234567890123", "快递单号", "JT1234567890123"),
        ("JDVA12345678901", "快递单号", "JDVA12345678901"),
        ("运单 773012345678901 没更新", "快递单号", "773012345678901"),
        ("78123456789012", "快递单号", "78123456789012"),
        ("中通 123456789012", "快递单号", "123456789012"),
        ("电话13812345678", "电话", "13812345678"),
        ("138 1234 5678", "电话", "13812345678"),
        ("１３８１２３４５６７８", "电话", "13812345678"),
        ("+86 13812345678", "电话", "13812345678"),
        ("座机0571-88886666", "电话", "0571-88886666"),
        ("01088886666", "电话", "010-88886666"),
        ("400-123-4567", "电话", "4001234567"),
        ("上次买的毛衣缩水了还起球", "商品", "毛衣"),
        ("加绒牛仔裤掉色，染到我白色内衣上了", "商品", "加绒牛仔裤"),
        ("牛仔裤把我新买的衬衫染蓝了", "商品", "牛仔裤"),
        ("跟毛衣一起买的这件羽绒服跑绒", "商品", "羽绒服"),
        ("這件襯衫縮水", "商品", "衬衫"),
        ("体恤洗一次就大了", "商品", "T恤"),
        ("衣服开线", "商品", "衣服"),
        ("白色的裤子透", "颜色", "白色"),
        ("要卡其色的", "颜色", "卡其色"),
        ("那件藏青还有吗", "颜色", "藏青色"),
        ("我要黑的", "颜色", "黑色"),
        ("白衬衫", "颜色", "白色"),
        ("是米黄色的", "颜色", "米黄色"),
        ("我穿XXL", "尺码", "2XL"),
        ("3xl有货吗", "尺码", "3XL"),
        ("我穿XXXXL的", "尺码", "4XL"),
        ("L的就行", "尺码", "L"),
        ("均码能穿吗", "尺码", "均码"),
        ("160/84A", "尺码", "160/84A"),
        ("155/80a的", "尺码", "155/80A"),
        ("38码的鞋子", "尺码", "38"),
        ("38.5码", "尺码", "38.5"),
        ("买了33还系不上扣", "尺码", "33"),
        ("33号的裤子", "尺码", "33"),
        ("我要80B的文胸", "尺码", "80B"),
        ("给我换大一码", "尺码", "大一码"),
        ("想换小一号", "尺码", "小一号"),
        ("身高165", "身高", "165 cm"),
        ("我1米65", "身高", "165 cm"),
        ("一米七", "身高", "170 cm"),
        ("一米七五", "身高", "175 cm"),
        ("1.65m", "身高", "165 cm"),
        ("165cm", "身高", "165 cm"),
        ("170穿什么码", "身高", "170 cm"),
        ("宝宝身高90", "身高", "90 cm"),
        ("105斤", "体重", "105 斤"),
        ("一百二十斤", "体重", "120 斤"),
        ("52kg", "体重", "52 kg"),
        ("52公斤", "体重", "52 kg"),
        ("體重50穿什麼", "体重", "50 kg"),
        ("体重65kg", "体重", "65 kg"),
        ("赔我50块", "金额", "50 元"),
        ("￥30.5", "金额", "30.5 元"),
        ("99.9元", "金额", "99.9 元"),
        ("五十块钱", "金额", "50 元"),
        ("退我一百吧", "金额", "100 元"),
        ("便宜了一百二", "金额", "120 元"),
        ("五块八的邮费", "金额", "5.8 元"),
        ("三百多块钱", "金额", "300 多元"),
        ("补我一块钱", "金额", "1 元"),
        ("两件", "数量", "2 件"),
        ("买了3条裤子", "数量", "3 条"),
        ("少发一双袜子", "数量", "1 双"),
        ("抖音直播间买的", "平台", "抖音"),
        ("我在天猫旗舰店下单的", "平台", "淘宝"),
        ("在拼多多买的，不是在京东买的", "平台", "拼多多"),
        ("我叫张三", "姓名", "张三"),
        ("收件人改成欧阳娜娜", "姓名", "欧阳娜娜"),
        ("我姓王", "姓名", "王"),
        ("叫我王姐就行", "称呼", "王姐"),
        ("寄到浙江省杭州市西湖区文三路12号3栋501室", "地址", "浙江省杭州市西湖区文三路12号3栋501室"),
        ("给我寄到广州市天河区中山大道12号", "地址", "广州市天河区中山大道12号"),
        ("地址：北京朝阳建国路88号", "地址", "北京朝阳建国路88号"),
    ],
)
def test_value(text: str, name: str, value: str) -> None:
    assert values(text, name) == [value]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[数字x]元还不退差价", "金额"),
        ("[电话x]", "电话"),
        ("订单号在哪看", "订单号"),
        ("单号13812345678", "电话"),
        ("衣服破了一块", "金额"),
        ("袖子一块黑一块白", "金额"),
        ("皮衣上一块一块的", "金额"),
        ("洗完变成红色了", "颜色"),
        ("掉色严重", "颜色"),
        ("黑心商家", "颜色"),
        ("T恤", "尺码"),
        ("说好48小时发货", "尺码"),
        ("衣长102cm", "身高"),
        ("裤腰76cm", "身高"),
        ("一个星期", "数量"),
        ("第一件", "数量"),
        ("两条裤腿不一样长", "数量"),
        ("京东快递太慢", "平台"),
        ("比淘宝上买的贵", "平台"),
        ("发到抖音曝光你", "平台"),
        ("我叫你们店长来", "姓名"),
        ("我叫了快递", "姓名"),
        ("叫我等三天", "称呼"),
        ("我在路上12号到", "地址"),
        ("裤腿太长", "商品"),
        ("7天无理由", "时长"),
        ("客服半天不回", "时长"),
        ("小了一号", "日期"),
        ("3号链接", "日期"),
        ("还没收到三天了", "签收天数"),
        ("你们昨天收到退货了吧", "签收天数"),
        ("明天能收到吗", "签收天数"),
        ("昨天穿了一次", "急用日期"),
        ("今天穿上就开线", "急用日期"),
        ("明天发货吗", "急用日期"),
    ],
)
def test_no_value(text: str, name: str) -> None:
    assert values(text, name) == []


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("昨天下的单", "日期", "2026-11-21"),
        ("前天买的", "日期", "2026-11-20"),
        ("上周三买的", "日期", "2026-11-11"),
        ("周五买的", "日期", "2026-11-20"),
        ("周五再联系你", "日期", "2026-11-27"),
        ("3号买的", "日期", "2026-11-03"),
        ("25号买的", "日期", "2026-10-25"),
        ("11月2日下单", "日期", "2026-11-02"),
        ("十二月三号买的", "日期", "2025-12-03"),
        ("2026年11月2号", "日期", "2026-11-02"),
        ("11.2号下的单", "日期", "2026-11-02"),
        ("三天前下的单", "日期", "2026-11-19"),
        ("双十一买的", "日期", "2026-11-11"),
        ("上个月买的", "日期", "上个月"),
        ("2月30号买的", "日期", "2月30号"),
        ("等了半个月", "时长", "15 天"),
        ("等了一个星期", "时长", "7 天"),
        ("十天了", "时长", "10 天"),
        ("等了十几天", "时长", "十几天"),
        ("48小时", "时长", "48 小时"),
        ("3个工作日", "时长", "3 个工作日"),
        ("两年了", "时长", "2 年"),
        ("周五要穿，来得及吗", "急用日期", "2026-11-27"),
        ("明天结婚穿", "急用日期", "2026-11-23"),
        ("后天出差要用", "急用日期", "2026-11-24"),
        ("12月1号婚礼", "急用日期", "2026-12-01"),
        ("3号要穿", "急用日期", "2026-12-03"),
        ("能不能周六之前到", "急用日期", "2026-11-28"),
        ("12-1之前要收到", "急用日期", "2026-12-01"),
        ("国庆要穿", "急用日期", "2027-10-01"),
        ("收到三天了", "签收天数", "3"),
        ("昨天收到的", "签收天数", "1"),
        ("昨天才收到货", "签收天数", "1"),
        ("收到半个月了", "签收天数", "15"),
        ("刚收到就坏了", "签收天数", "0"),
        ("签收一周", "签收天数", "7"),
        ("11.2号签收的", "签收天数", "20"),
        ("我是上周三收到的", "签收天数", "11"),
    ],
)
def test_time(text: str, name: str, value: str) -> None:
    assert values(text, name) == [value]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("上周三买的", "日期", "上周三"),
        ("周五要穿", "急用日期", "周五"),
        ("昨天收到的", "签收天数", "1"),
        ("3号签收的", "日期", "3号"),
        ("等了半个月", "时长", "15 天"),
    ],
)
def test_without_today_the_words_stay(text: str, name: str, value: str) -> None:
    assert values(text, name, None) == [value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("没洗过，吊牌还在", {"洗过": "否", "吊牌在": "是"}),
        ("吊牌剪了，穿了一次", {"吊牌在": "否", "穿过": "是"}),
        ("没剪标，也没穿过", {"吊牌在": "是", "穿过": "否"}),
        ("把吊牌摘了", {"吊牌在": "否"}),
        ("吊牌没拆", {"吊牌在": "是"}),
        ("就试了一下", {"穿过": "否"}),
        ("没穿几次就破了", {"穿过": "是"}),
        ("洗了两次", {"洗过": "是"}),
        ("一次都没洗", {"洗过": "否"}),
        ("能机洗吗", {}),
        ("洗了会不会缩水", {}),
        ("要是洗了缩水怎么办", {}),
        ("据说洗了会变形", {}),
        ("没法穿", {}),
        ("被人穿过的吧", {}),
        ("[图片] 你看看", {"有凭证": "是"}),
        ("视频发你了", {"有凭证": "是"}),
        ("截图为证", {"有凭证": "是"}),
        ("没拍照", {"有凭证": "否"}),
        ("跟图片不一样", {}),
        ("我在你们店里买的", {"场所": "门店"}),
        ("专柜买的", {"场所": "门店"}),
        ("跟我在专柜买的不一样", {}),
        ("网购的", {"场所": "线上"}),
        ("抖音直播间买的", {"平台": "抖音", "场所": "线上"}),
        ("我是老顾客了", {"会员": "VIP"}),
        ("我是你们会员", {"会员": "VIP"}),
        ("我不是会员", {"会员": "普通"}),
        ("会员怎么办", {}),
        ("上次就找过你们", {"来访": "再次"}),
        ("我又来了", {"来访": "再次"}),
        ("第二次来问了", {"来访": "再次"}),
        ("上次买的毛衣", {}),
        ("必须给我换", {"坚持换货": "是"}),
        ("我就要换货", {"坚持换货": "是"}),
        ("我不想换", {"坚持换货": "否"}),
        ("不退不换", {}),
        ("客服说我穿M", {"客服推荐尺码": "是"}),
        ("你们推荐的码", {"客服推荐尺码": "是"}),
        ("我自己选的码", {"客服推荐尺码": "否"}),
        ("帮我推荐个尺码", {}),
        ("客服说3号发货", {}),
        ("昨天收到的", {"签收天数": 1}),
        ("3号签收的", {"签收天数": 19}),
        ("周五要穿", {"急用日期": "2026-11-27"}),
        ("衣服起球", {}),
    ],
)
def test_facts(text: str, expected: dict[str, str | int]) -> None:
    assert facts(text) == expected


def test_facts_that_take_a_calendar_need_today() -> None:
    assert facts("3号签收的，周五要穿", None) == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50", 50),
        ("99.9", 99.9),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("一百二", 120),
        ("两百五十", 250),
        ("一千五", 1500),
        ("一万二", 12000),
        ("俩", 2),
        ("半", 0.5),
        ("二零二六", None),
        ("几", None),
        ("", None),
    ],
)
def test_number(text: str, value: float | None) -> None:
    assert number(text) == value


def test_plain() -> None:
    assert [plain(value) for value in (50.0, 99.9, 0.25, 100.0)] == ["50", "99.9", "0.25", "100"]


def test_several_slots_in_text_order_without_overlaps() -> None:
    assert slots("我165，105斤，昨天买的黑色毛衣要换XXL，补20块") == [
        ("穿的人", "自己", "我"),
        ("身高", "165 cm", "165"),
        ("体重", "105 斤", "105斤"),
        ("日期", "2026-11-21", "昨天"),
        ("颜色", "黑色", "黑色"),
        ("商品", "毛衣", "毛衣"),
        ("尺码", "2XL", "XXL"),
        ("金额", "20 元", "20块"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("那我妈呢 158 130斤", [("穿的人", "妈妈"), ("身高", "158 cm"), ("体重", "130 斤")]),
        ("腰围二尺四，胸围95", [("腰围", "80 cm"), ("胸围", "95 cm")]),
        ("衣长现在62", [("衣长", "62 cm")]),
        ("衣长原来68现在只有62", [("原衣长", "68 cm"), ("衣长", "62 cm")]),
        ("衣长现在62，原来68", [("衣长", "62 cm"), ("原衣长", "68 cm")]),
        ("裤长从98缩到95了", [("原裤长", "98 cm"), ("裤长", "95 cm")]),
        ("袖子短了三厘米", [("缩了", "袖长 3 cm")]),
        ("喜欢宽松点", [("松紧", "宽松")]),
        ("不喜欢太紧", [("松紧", "宽松")]),
        ("想要修身的", [("松紧", "修身")]),
        ("40度温水机洗的", [("水温", "40 度"), ("洗法", "机洗")]),
        ("能机洗吗", []),
        ("我妈说不好看", []),
    ],
)
def test_who_wears_it_what_was_measured_and_how_it_was_washed(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert [(name, value) for name, value, _ in slots(text) if name != "商品"] == expected


def test_places_count_in_the_original() -> None:
    assert slots("衣\u200b服！！！！！！訂單號：１２３４５６７８９０１２３４５６") == [
        ("商品", "衣服", "衣\u200b服"),
        ("订单号", "1234567890123456", "１２３４５６７８９０１２３４５６"),
    ]


PIECES = st.sampled_from(
    [
        "1",
        "138",
        "13812345678",
        "165/",
        "一百",
        "五十块",
        "sf12",
        "xl",
        "路",
        "市",
        "浙江省",
        "3号",
        "周三",
        "三天",
        "前",
        "收到",
        "没",
        "洗",
        "吊牌",
        "剪",
        "客服说",
        "订单",
        "单号",
        "加绒",
        "毛衣",
        "黑",
        "色",
        "要",
        "明天",
        "[ORDERID_12345]",
        "[图片]",
        "[数字x]",
        "，",
        "。",
        "￥",
        "\u200b",
    ]
)
ANYTHING = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join))


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_any_text_is_fine(text: str) -> None:
    message = normalise(text)
    for now in (None, NOW):
        found = find_slots(message, now)
        assert len(found) <= 2 * MAX_SLOTS
        places = [(slot.start, slot.end) for slot in found]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places)
        assert all(slot.value for slot in found)
        facts_from(message, found, now)


@pytest.mark.parametrize(
    "text", ["1" * 4000, "一" * 4000, "浙江省" * 1333, "三天前" * 1333, "3条" * 2000, "a@" * 2000]
)
def test_long_garbage_gives_few_slots(text: str) -> None:
    assert len(find_slots(normalise(text), NOW)) <= MAX_SLOTS


MODULES = ["amounts", "body", "codes", "dates", "facts", "goods", "people", "times"]


def patterns() -> list[tuple[str, re.Pattern[str]]]:
    modules = [importlib.import_module(f"app.nlu.slot_{name}") for name in MODULES]
    modules.append(importlib.import_module("app.masking"))
    return [
        (f"{module.__name__}.{name}", found) for module in modules for name, found in _within(vars(module))
    ]


def _within(holder: dict[str, Any]) -> list[tuple[str, re.Pattern[str]]]:
    found: list[tuple[str, re.Pattern[str]]] = []
    for name, value in holder.items():
        if isinstance(value, re.Pattern | Expression):
            found.append((name, value))
        elif isinstance(value, tuple):
            flat = [part for item in value for part in (item if isinstance(item, tuple) else (item,))]
            found += [(name, part) for part in flat if isinstance(part, re.Pattern | Expression)]
    return found


def repeats(tree: Any) -> list[tuple[int, Any]]:
    """All repeats of a parsed pattern: the most times, and what is repeated."""
    found: list[tuple[int, Any]] = []
    for operator, value in tree:
        if operator in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            found.append((value[1], value[2]))
        parts = value if isinstance(value, (tuple, list)) else (value,)
        for part in parts:
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    found += repeats(inner)
    return found


@pytest.mark.parametrize(
    ("name", "pattern"), patterns(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_no_pattern_can_run_away(name: str, pattern: re.Pattern[str]) -> None:
    """Only single characters repeat without a limit, and what repeats as a group does so at most a dozen times."""
    for most, body in repeats(_parser.parse(pattern.pattern, pattern.flags)):
        single = len(body) == 1 and body[0][0] in (
            _constants.IN, _constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY,
        )  # fmt: skip
        assert single or most <= 12, name
        if most == _constants.MAXREPEAT:
            assert not repeats(body), name
