"""A defect that is named is not always claimed."""

import pytest

from app.nlu.scope import doubted, one_clause, sarcastic, scope, supposed, to_buy, unwanted


@pytest.mark.parametrize(
    ("text", "named", "meant"),
    [
        ("洗了好几次也没掉色", "掉色", "negated"),
        ("一点都不掉色", "掉色", "negated"),
        ("不怎么起球", "起球", "negated"),
        ("没有发现任何掉色", "掉色", "negated"),
        ("掉色问题没有出现", "掉色", "negated"),
        ("会不会缩水", "缩水", "asked"),
        ("掉色吗", "掉色", "asked"),
        ("容易起球不", "起球", "asked"),
        ("怕缩水", "缩水", "asked"),
        ("听说会缩水", "缩水", "asked"),
        ("如果掉色怎么办", "掉色", "asked"),
        ("别家的老起球", "起球", "elsewhere"),
        ("上次掉色的事已经解决了,谢谢", "掉色", "solved"),
        ("穿了一次就起球正常吗?", "起球", "claimed"),
        ("这么贵的衣服还掉色?", "掉色", "claimed"),
        ("太垃圾了!会缩水的!", "缩水", "claimed"),
        ("没洗就掉色", "掉色", "claimed"),
        ("机洗三回也没变小", "洗三回也没变小", "negated"),
        ("洗完穿不上", "洗完穿不上", "claimed"),
        ("开线的地方我妈帮我缝好了", "开线", "solved"),
        ("开线了，你们说修好了又开了?", "开线", "claimed"),
        ("商场买的毛衣起球，你们哪款好", "起球", "elsewhere"),
        ("在你们专柜买的大衣起球", "起球", "claimed"),
        ("我妈在抖音买的毛衣起球了", "起球", "claimed"),
        ("超市买的洗两次就起球，才来看你家的", "起球", "elsewhere"),
        ("评论说起球，黑色呢", "起球", "asked"),
        ("评论说不会起球，我这件两天就起球", "起球", "claimed"),
        ("同事说她那件起球了，这款怎么样", "起球", "asked"),
        ("本来担心掉色，结果洗了没事，很好", "掉色", "liked"),
        ("破洞设计很酷", "破洞", "liked"),
        ("有点线头不影响，挺喜欢", "线头", "liked"),
        ("没想到掉色", "掉色", "claimed"),
        ("受不了掉色", "掉色", "claimed"),
        ("比别家还掉色", "掉色", "claimed"),
        ("掉色问题一直没有解决", "掉色", "claimed"),
        ("买回来洗了掉色吗?当然掉", "掉色", "claimed"),
    ],
)
def test_scope(text: str, named: str, meant: str) -> None:
    at = text.index(named)
    assert scope(text, at, at + len(named)) == meant


@pytest.mark.parametrize(
    ("text", "wish", "refused"),
    [
        ("我不要退款我要换货", "退款", True),
        ("我不要退款我要换货", "换货", False),
        ("懒得退货了", "退货", True),
        ("怎么还不退款", "退款", False),
    ],
)
def test_unwanted_wishes(text: str, wish: str, refused: bool) -> None:
    assert unwanted(text, text.index(wish)) is refused


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("万一寄丢了谁负责", True),
        ("听说你们发货慢", True),
        ("没收到却显示签收", False),
        ("要是再寄丢我就投诉", False),
    ],
)
def test_what_is_only_imagined(text: str, meant: bool) -> None:
    assert supposed(text, 2, 6) is meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("质量真是感人，一洗就破", True),
        ("恭喜你们，成功把我气得卸载了", True),
        ("谢谢你们，衣服很好", False),
        ("客服真好，帮我换了", False),
    ],
)
def test_sarcasm(text: str, meant: bool) -> None:
    assert sarcastic(text) is meant


def test_a_likeness_to_complaints_is_doubted_where_the_matter_is_over_or_not_ours() -> None:
    assert doubted("味道散了，可以穿") == {"complaint", "enquiry"}
    assert doubted("别家的毛衣扎") == {"complaint"}
    assert doubted("毛衣扎") == frozenset()


def test_buying_still_to_come() -> None:
    assert to_buy("起球给退吗，我还没拍")
    assert not to_buy("我买的起球了")


def test_one_clause() -> None:
    assert one_clause("冰箱能退吗", (0, 2), (3, 4))
    assert one_clause("能退吗这冰箱", (4, 6), (1, 2))
    assert not one_clause("冰箱响，裤子能退吗", (0, 2), (7, 8))
