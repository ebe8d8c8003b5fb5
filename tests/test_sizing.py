"""Which product a message is about, which size fits and why, what evidence has come and what has shrunk."""

from __future__ import annotations

import pytest

from app.content.model import EvidenceKit
from app.nlu.slots import find_slots
from app.nlu.text import normalise
from app.reply.bodies import bodies
from app.reply.evidence import checklist, shrinkage, ticked
from app.reply.goods import Goods, Product, Size
from app.reply.items import attached_items, item_key, item_slots
from app.reply.sizing import Advice, advise, overall, summary
from app.types import Slot


def row(name: str, height: tuple[int, int], weight: tuple[float, float], **measures: float) -> Size:
    return Size(name, {"身高": height, "体重": weight}, measures)


SWEATER = Product(
    1,
    "MY2201",
    "半高领羊毛衫女秋冬新款",
    aliases=("半高领羊毛衫",),
    links=("https://item.taobao.com/item.htm?spm=a1&id=612345678901", "https://m.tb.cn/h.5aBcD"),
    sizes=(
        row("S", (150, 160), (40, 47.5), 胸围=88, 衣长=58),
        row("M", (155, 165), (47.5, 55), 胸围=92, 衣长=60),
        row("L", (160, 170), (55, 62.5), 胸围=96, 衣长=62),
        row("XL", (165, 175), (65, 70), 胸围=100, 衣长=64),
    ),
)
ROUND = Product(2, "MY2202", "圆领羊毛衫宽松显瘦")
JEANS = Product(
    3,
    "NZK-88",
    "高腰直筒牛仔裤",
    sizes=(Size("S", {}, {"腰围": 66, "臀围": 90}), Size("M", {}, {"腰围": 72, "臀围": 96})),
)
OTHERS = Product(4, "MY2201", "另一家店的同号", shop="douyin")
GOODS = Goods([SWEATER, ROUND, JEANS, OTHERS])


def slots(text: str) -> tuple[Slot, ...]:
    return (*find_slots(normalise(text)), *item_slots(text))


def advice(*messages: str, product: Product = SWEATER) -> tuple[Advice, ...]:
    earlier = [slot for text in messages[:-1] for slot in slots(text)]
    return tuple(advise(product, body) for body in bodies(earlier, slots(messages[-1])))


@pytest.mark.parametrize(
    ("message", "verdict", "size"),
    [
        ("160 100斤穿什么码", "合适", "M"),
        ("一米六，50公斤", "合适", "M"),
        ("一米六五 110 斤", "两可", None),
        ("165 110斤 喜欢宽松", "合适", "L"),
        ("165 110斤，想要修身的", "合适", "M"),
        ("158 128斤", "两可", None),
        ("158 128斤 喜欢宽松点", "合适", "XL"),
        ("165 125斤", "合适", "L"),
        ("172 100斤", "合适", "M"),
        ("170 105斤", "两可", None),
        ("180 200斤", "超出", None),
        ("150 70斤", "超出", None),
        ("身高165", "缺数", None),
        ("体重110斤", "缺数", None),
        ("胸围84穿哪个", "合适", "M"),
        ("胸围84，喜欢宽松", "合适", "XL"),
        ("胸围120", "超出", None),
    ],
)
def test_the_size_follows_from_the_table(message: str, verdict: str, size: str | None) -> None:
    (found,) = advice(message)
    assert (found.verdict, found.size) == (verdict, size)
    assert found.reason


def test_reasons_name_the_range_the_options_and_what_to_ask() -> None:
    (between,) = advice("一米六五 110 斤")
    assert between.reason.endswith("合身选 M，喜欢宽松选 L")
    assert "M：身高 155–165 cm，体重 47.5–55 kg" in between.reason
    assert [fact for fact, _ in between.ask] == ["尺码"]
    assert [fact for fact, _ in advice("身高165")[0].ask] == ["体重"]
    (beyond,) = advice("180 200斤")
    assert "超过最大码 XL（到 70 kg）30 kg" in beyond.reason


def test_a_girth_that_needs_more_room_than_the_weight_says_names_both() -> None:
    (found,) = advice("160 100斤，胸围90")
    assert found.verdict == "两可"
    assert found.options == (("喜欢贴身", "M"), ("舒服些", "XL"))


def test_trousers_without_ranges_go_by_waist_and_hips() -> None:
    assert [fact for fact, _ in advice("165 110斤", product=JEANS)[0].ask] == ["腰围", "臀围"]
    assert advice("腰围66，臀围90", product=JEANS)[0].size == "M"
    assert advice("160 100斤", product=ROUND)[0].verdict == "没有表"


def test_several_people_each_get_their_own() -> None:
    found = advice("我160 100斤，我妈155 90斤，各拿什么码")
    assert [(each.who, each.size) for each in found] == [("您", "M"), ("妈妈", "S")]
    assert summary(found)[0] == "您拍 M，妈妈拍 S"
    twins = advice("双胞胎女儿一个160 90斤一个162 104斤")
    assert [(each.who, each.size) for each in twins] == [("女儿", "S"), ("另一位", "M")]
    mixed = advice("我160 100斤，老公185 200斤")
    assert overall(mixed) == "超出"
    assert summary(mixed) == ("", "")


def test_follow_ups_change_who_is_meant_and_what_they_wish() -> None:
    asked = ("160 100斤穿什么码", "那我妈呢 155 90斤")
    assert [(each.who, each.size) for each in advice(*asked)] == [("妈妈", "S")]
    assert [(each.who, each.size) for each in advice("165 110斤", "喜欢宽松点的")] == [("您", "L")]
    assert [each.who for each in advice(*asked, "我自己喜欢宽松的")] == ["您"]
    assert advice("160 100斤", "那165 120斤呢")[0].size == "L"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://detail.tmall.com/item.htm?id=612345678901&sku=1", "淘宝:612345678901"),
        ("item.taobao.com/item.htm?id=612345678901", "淘宝:612345678901"),
        ("https://h5.m.taobao.com/awp/core/detail.htm?id=612345678901", "淘宝:612345678901"),
        ("https://a.m.taobao.com/i612345678901.htm", "淘宝:612345678901"),
        ("https://item.jd.com/100012043978.html", "京东:100012043978"),
        ("https://item.m.jd.com/product/100012043978.html?utm=1", "京东:100012043978"),
        ("https://haohuo.jinritemai.com/views/product/item2?id=3456789012345", "抖音:3456789012345"),
        ("https://mobile.yangkeduo.com/goods.html?goods_id=123456789", "拼多多:123456789"),
        ("https://m.tb.cn/h.5aBcD?tk=x", "m.tb.cn/h.5aBcD"),
        ("https://shop.example.com/p/abc?utm=1", "shop.example.com/p/abc"),
        ("https://[bad", ""),
        ("你好", ""),
    ],
)
def test_links_to_the_same_goods_have_the_same_key(address: str, key: str) -> None:
    assert item_key(address) == key


@pytest.mark.parametrize(
    ("text", "code", "how"),
    [
        ("https://detail.tmall.com/item.htm?id=612345678901 穿什么码", "MY2201", "链接"),
        ("https://m.tb.cn/h.5aBcD 「半高领」点击链接", "MY2201", "链接"),
        ("nzk-88穿什么码", "NZK-88", "款号"),
        ("半高领羊毛衫会起球吗", "MY2201", "名称"),
        ("那条直筒牛仔裤有货吗", "NZK-88", "名称"),
    ],
)
def test_a_product_is_recognised(text: str, code: str, how: str) -> None:
    found = GOODS.about(slots(text), [text], "main")
    assert found is not None
    assert found.product is not None
    assert (found.product.code, found.how, found.product.shop) == (code, how, "")


def test_what_may_be_several_products_is_left_open_and_small_talk_is_none() -> None:
    several = GOODS.about((), ["羊毛衫会起球吗"], "main")
    assert several is not None
    assert several.product is None
    assert [product.code for product in several.candidates] == ["MY2201", "MY2202"]
    for text in ("有新款吗", "衣服太小了", "", "在吗"):
        assert GOODS.about(slots(text), [text], "main") is None


def test_the_shop_s_own_product_and_the_agent_s_choice_win_and_the_latest_mention_counts() -> None:
    found = GOODS.about(slots("MY2201"), [], "douyin")
    assert found is not None
    assert found.product is OTHERS
    typed = GOODS.about((Slot("商品", "NZK-88", origin="typed"),), ["半高领羊毛衫"], "main")
    assert typed is not None
    assert typed.product is JEANS
    latest = GOODS.about((), ["半高领羊毛衫怎么样", "那直筒牛仔裤呢"], "main")
    assert latest is not None
    assert latest.product is JEANS


def test_cards_and_searching() -> None:
    card = attached_items(
        [{"type": "product", "url": "https://m.tb.cn/h.5aBcD", "name": "半高领羊毛衫女"}, {"type": "image"}]
    )
    assert [slot.name for slot in card] == ["商品链接", "商品标题"]
    assert [product.code for product in GOODS.find("直筒牛崽裤")] == ["NZK-88"]
    assert GOODS.find("my22")[0] is SWEATER
    assert GOODS.find("https://item.taobao.com/item.htm?id=612345678901") == (SWEATER,)
    assert len(GOODS.find("")) == 4
    assert GOODS.find("！！！") == ()


KIT = EvidenceKit.model_validate(
    {
        "id": "kit",
        "title": "缩水",
        "intents": ["shrinkage"],
        "shrinkage": True,
        "note": "未核对",
        "items": [
            {"id": "size", "text": "哪个尺码", "slots": ["尺码"], "source": ["practice"]},
            {"id": "measure", "text": "量衣长", "slots": ["衣长"], "source": ["practice"]},
            {"id": "label", "text": "洗标照片", "photo": True, "source": ["practice"]},
            {"id": "days", "text": "收到多久", "facts": ["签收天数"], "source": ["practice"]},
        ],
    }
)


def test_the_checklist_says_what_has_come_what_to_look_at_and_what_is_missing() -> None:
    found = checklist(KIT, slots("M码的，衣长现在55"), {"有凭证": "是"}, SWEATER)
    assert {item.id: item.status for item in found.items} == {
        "size": "have",
        "measure": "have",
        "label": "look",
        "days": "missing",
    }
    assert [one.text for one in found.shrinkage] == ["衣长 60 → 55 cm，缩 8.3%"]
    assert found.note == "未核对"
    by_hand = ticked(found, {"label": (True, "小王"), "measure": (False, "小王")})
    assert {item.id: item.status for item in by_hand.items} | {"days": "missing"} == {
        "size": "have",
        "measure": "missing",
        "label": "have",
        "days": "missing",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M码，衣长现在55，胸围45", ["衣长 60 → 55 cm，缩 8.3%", "胸围 92 → 90 cm，缩 2.2%"]),
        ("衣长原来68现在62", ["衣长 68 → 62 cm，缩 8.8%"]),
        ("M码 衣长量了59.5", ["衣长 60 → 59.5 cm，差 0.5 cm，在手工测量误差内"]),
        ("M码 衣长缩了5cm", ["衣长 60 → 55 cm，缩 8.3%"]),
        ("M码 衣长66", ["衣长 60 → 66 cm，长出 10%"]),
    ],
)
def test_shrinkage_is_a_share_of_what_it_measured(text: str, expected: list[str]) -> None:
    found, lacking = shrinkage({slot.name: slot.value for slot in slots(text)}, SWEATER)
    assert [one.text for one in found] == expected
    assert lacking == ""


@pytest.mark.parametrize(
    ("text", "product", "lacking"),
    [
        ("M码", SWEATER, "平铺尺寸"),
        ("衣长55", SWEATER, "哪个尺码"),
        ("M码 衣长55", None, "哪一款"),
        ("M码 衣长55", ROUND, "没有成衣尺寸"),
    ],
)
def test_what_keeps_shrinkage_from_being_known_is_said(
    text: str, product: Product | None, lacking: str
) -> None:
    found, said = shrinkage({slot.name: slot.value for slot in slots(text)}, product)
    assert found == ()
    assert lacking in said
