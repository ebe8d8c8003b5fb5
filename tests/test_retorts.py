"""What customers say back in the middle of a complaint, and what is made of words that no wording tells of."""

from __future__ import annotations

import pytest

from app.reply.bargains import demands_on, haggles_over
from app.reply.moves import move
from app.reply.retorts import argues
from app.reply.state import ConversationState, OpenTurn
from app.types import Act
from app.vocabulary import TURN_FACTS, Stage


def talk(text: str, reply: str = "", **more: object) -> ConversationState:
    """A complaint an agent has answered with `reply`, and the customer's next words."""
    fields: dict[str, object] = {"open": OpenTurn(texts=(text,)), "said": (text,), "reply": reply}
    fields |= {"cases": ("damage",), "resolution": True, "handled": True, "sent": frozenset({reply}), **more}
    return ConversationState(agent_turns=2, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stage", "text", "reply", "does"),
    [
        ("confirm", "还要我再说一遍？昨天都发过了", "请问是什么问题呢", "嫌重复"),
        ("resolve", "又问一遍，你们第三个客服了", "请问怎么了", "嫌重复"),
        ("resolve", "月底不给答复我就打12315", "月底前给您答复", "放话"),
        ("follow_up", "周五没到我再来找你", "最晚周五到", "放话"),
        ("resolve", "查了，没有物流信息", "刚发出，单号SF1452287761203", "查不到"),
        ("resolve", "短信没收到", "地址短信发您了", "信没到"),
        ("follow_up", "货我今天签收了", "您收到货后联系我，给您打款", "兑现"),
        ("resolve", "你什么意思，怪我喽", "这个属于正常的", "不服"),
        ("resolve", "你们刚才不是这么说的", "这个换不了", "不服"),
        ("resolve", "我背的是帆布包", "是不是包的链条刮到了", "不服"),
        ("resolve", "这也叫全新？", "都是全新发货，仓库看过的", "不服"),
        ("resolve", "要是到时候还是没人管怎么办", "三天内给您答复", "万一"),
        ("resolve", "单号呢", "寄出后发您", "催问"),
    ],
)
def test_said_back(stage: Stage, text: str, reply: str, does: str) -> None:
    assert move(talk(text, reply), stage) == does in TURN_FACTS["刚才"]


def test_no_money_is_promised_that_nobody_spoke_of() -> None:
    assert move(talk("新的收到了", "收到新的以后，旧的给您约上门取"), "follow_up") != "兑现"


def test_what_was_sent_is_wrong_again_or_something_else_is() -> None:
    resent = {"tabled": frozenset({"补件"}), "settled": True}
    assert move(talk("扣子到了，但是颜色不对，发错了", "今天寄出", **resent), "confirm") == "又不对"
    assert (
        move(
            talk(
                "拉头换好了，另外袖口有污渍", "凭票报给您", open=adds("拉头换好了，另外袖口有污渍"), **resent
            ),
            "follow_up",
        )
        == "又有毛病"
    )


def adds(text: str) -> OpenTurn:
    """An open turn that goes on to another trouble."""
    return OpenTurn(texts=(text,), adds=True)


def test_what_was_asked_for_has_come() -> None:
    asked = (Act("asked", "照片"), Act("asked", "有凭证"))
    shown = talk("[图片]", "拍张照给我", did=asked, open=OpenTurn(texts=("[图片]",), answered=("照片",)))
    assert move(shown, "resolve") == move(shown, "follow_up") == "看过了"
    cannot = OpenTurn(texts=("没法拍，穿在身上",), answered=("照片",))
    assert move(talk("没法拍，穿在身上", "拍张照给我", did=asked, open=cannot), "resolve") == "给不了"
    washed = OpenTurn(texts=("冷水手洗的",), answered=("洗过",))
    assert (
        move(talk("冷水手洗的", "怎么洗的", did=(Act("asked", "洗过"),), open=washed), "resolve") == "说清了"
    )


def test_an_old_grievance_is_no_new_matter() -> None:
    money = {"offers": ("代金券",), "tabled": frozenset({"代金券"})}
    assert move(talk("去年那件你们也是给张券打发我", "补您一张券", **money), "resolve") == "翻旧账"
    assert move(talk("我朋友那单你们补了60", "最多给您申请30", **money), "resolve") == "翻旧账"


def test_bargaining() -> None:
    offered = {"offers": ("部分退款",), "tabled": frozenset({"部分退款"})}
    assert haggles_over(talk("打发要饭的呢", "补您15元", **offered), "打发要饭的呢")
    assert not haggles_over(talk("15可以", "补您15元", **offered), "15可以")
    assert not haggles_over(talk("那40行不行", "您平时穿多大"), "那40行不行")


def test_who_threatens_goes_on_without_an_offer() -> None:
    assert demands_on(talk("20也行啊", "给不了", risks=("malicious_review",)), "20也行啊")
    offered = {"risks": ("malicious_review",), "tabled": frozenset({"部分退款"})}
    assert not demands_on(talk("20也行啊", "补您15元", **offered), "20也行啊")


def test_an_offer_explains_nothing_away() -> None:
    assert argues(talk("嗯", "粗花呢容易勾丝"))
    assert not argues(talk("嗯", "粗花呢容易勾丝，给您换一件", did=(Act("offered", "换货"),)))
