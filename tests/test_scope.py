"""A defect that is named is not always claimed."""

import pytest

from app.nlu.scope import scope, unwanted


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
