"""The stage of the next reply in short dialogues whose intents are given, so that only the rules are tested."""

from __future__ import annotations

import pytest

from app.reply.acts import recognise
from app.reply.stage import decide
from app.reply.state import ConversationState, hear, speak
from app.types import Slot
from tests.sample import analysis

Said = tuple[str, str, str, int, str | None]


def c(text: str, intents: str, expect: str | None, emotion: int = 0) -> Said:
    """A customer's message: its intents, and the stage of the reply (None: the customer is still typing)."""
    return "customer", text, intents, emotion, expect


def a(text: str) -> Said:
    return "agent", text, "", 0, None


ASK_PHOTO = a("亲，麻烦您拍张照片给我看看")
ASK_WASH = a("请问是机洗还是手洗的呢？麻烦再拍张照片")
HELD = a("我去问一下质检，今天18:00前给您答复")
OFFER = a("给您退货退款或者换一件新的都可以，运费我们承担，您看选哪个")
OFFER_MONEY = a("给您补偿20元，衣服您留着穿，可以吗")
HOW = a("您点我的订单，申请退货退款，原因选质量问题")
SHRUNK = c("毛衣洗完缩水了", "shrinkage", "confirm", 1)

DIALOGUES: dict[str, list[Said]] = {
    "first complaint": [c("上次买的毛衣都缩水了，而且还起球，价格却那么贵", "shrinkage pilling overpriced", "confirm", 1)],
    "angry with a demand": [c("洗了一次就掉色，不退钱我就打12315", "fading return_refund authority_complaint", "confirm", 2)],
    "furious": [c("什么破烂！！洗一次就废了，都是死人吗", "deformation", "listen", 3)],
    "furious again after empathy": [
        c("什么破烂！！洗一次就废了", "deformation", "listen", 3),
        a("我理解您的心情，换谁都着急"),
        c("还起球！！滚", "pilling", "confirm", 3),
    ],
    "nothing but vent": [c("垃圾店，气死了", "vent", "listen", 2)],
    "nothing but disappointed": [c("以后再也不买了", "disappointed", "listen", 1)],
    "nothing but a bad review": [c("差评", "negative_review", "listen", 1)],
    "vague quality": [c("质量真差", "poor_quality", "listen", 1)],
    "vague, then told": [
        c("质量真差", "poor_quality", "listen", 1),
        a("具体是哪里有问题呢，您说说看"),
        c("袖子开线了", "damage", "confirm", 1),
    ],
    "extortion without a defect": [c("不给我返50块就给你们全店差评", "malicious_review", "resolve")],
    "extortion with a defect": [c("袖口破了，赔三百，不然全店刷差评", "damage malicious_review", "confirm", 1)],
    "extortion goes on": [
        c("袖口破了，赔三百，不然全店刷差评", "damage malicious_review", "confirm", 1),
        a("是哪位客服答应您赔三百的呢？麻烦拍张照片"),
        c("少废话，三百，不给就刷", "malicious_review", "resolve", 2),
    ],
    "extortion turns into a claim": [
        c("不给我返50块就给你们全店差评", "malicious_review", "resolve"),
        a("没有问题的话我们没办法给您返现"),
        c("衣服真的破了个洞", "damage", "confirm", 1),
    ],
    "a claim turns into extortion": [
        SHRUNK,
        ASK_PHOTO,
        c("给我五百块，不然找人刷你们差评", "malicious_review", "confirm", 1),
    ],
    "question": [c("羊绒衫怎么洗", "ask_care", "answer")],
    "greeting": [c("在吗", "greeting", "answer")],
    "thanks for an answer": [c("怎么洗", "ask_care", "answer"), a("建议冷水手洗"), c("好的谢谢", "thanks_praise", "answer")],
    "three messages make a turn": [c("在吗", "greeting", None), c("衣服", "", None), c("缩水了", "shrinkage", "confirm", 1)],
    "unknown but upset": [c("真的是服了", "", "listen", 1)],
    "unknown and calm": [c("啊啊", "", "answer")],
    "photo comes": [SHRUNK, ASK_PHOTO, c("[图片]", "provide_info", "resolve")],
    "piecemeal": [
        SHRUNK,
        ASK_WASH,
        c("机洗", "provide_info", "confirm"),
        a("好的，照片也发我一下"),
        c("[图片]", "provide_info", "resolve"),
    ],
    "photo comes, plainly the shop": [
        c("发错颜色了", "wrong_item", "confirm", 1),
        ASK_PHOTO,
        c("[图片]", "provide_info", "apologise"),
        a("实在抱歉，是我们仓库拿错了，给您换一件，运费我们出"),
        c("换吧", "exchange", "follow_up"),
    ],
    "cannot give the facts": [SHRUNK, ASK_WASH, c("不记得了", "", "resolve")],
    "merely yes while awaited": [SHRUNK, ASK_PHOTO, c("好的", "accept_solution", "confirm")],
    "later": [SHRUNK, ASK_PHOTO, c("晚上回去拍", "provide_info", "confirm")],
    "yes after a hold": [SHRUNK, HELD, c("好的", "accept_solution", "resolve")],
    "offer taken": [SHRUNK, OFFER, c("那就退吧", "return_refund accept_solution", "follow_up")],
    "offer taken by its name": [SHRUNK, OFFER, c("换货", "exchange", "follow_up")],
    "offer taken by its number": [SHRUNK, OFFER, c("选第二个", "", "follow_up")],
    "thanks after a resolution": [
        SHRUNK,
        OFFER,
        c("退", "return_refund accept_solution", "follow_up"),
        HOW,
        c("好的谢谢", "thanks_praise", "follow_up"),
    ],
    "offer refused": [SHRUNK, OFFER_MONEY, c("不行", "reject_solution", "resolve", 1)],
    "another remedy wanted": [SHRUNK, OFFER_MONEY, c("我要退货", "return_refund", "resolve", 1)],
    "too little": [SHRUNK, OFFER_MONEY, c("20块打发谁呢", "", "resolve", 2)],
    "refused twice": [
        SHRUNK,
        OFFER_MONEY,
        c("不行", "reject_solution", "resolve", 1),
        a("那给您补偿40元可以吗"),
        c("不要", "reject_solution", "resolve", 2),
    ],
    "what now": [SHRUNK, ASK_PHOTO, c("那你们打算怎么处理", "ask_solution", "resolve", 1)],
    "promise broken at once": [c("说好昨天退款的到现在没退", "promise_broken", "apologise", 1)],
    "promise broken the next day": [
        SHRUNK,
        HELD,
        c("都第二天了还没回复我", "no_response", "apologise", 1),
        a("真的很抱歉，耽误您了，我马上去催，今天一定给您结果"),
        c("还没有消息", "aftersales_progress", "resolve", 1),
    ],
    "apology given earlier for the goods": [
        c("发错颜色了", "wrong_item", "confirm", 1),
        ASK_PHOTO,
        c("[图片]", "provide_info", "apologise"),
        a("实在抱歉，是我们发错了，今天给您补发一件"),
        c("好", "accept_solution", "follow_up"),
        a("已经给您登记补发了"),
        c("三天了还没发", "aftersales_progress promise_broken", "apologise", 1),
    ],
    "asks calmly how far it is": [SHRUNK, HELD, c("有结果了吗", "aftersales_progress", "resolve")],
    "second problem": [SHRUNK, ASK_PHOTO, c("还有裤子拉链坏了", "damage", "confirm", 1)],
    "disputes after a refusal": [
        SHRUNK,
        a("这个不属于质量问题，没办法给您退"),
        c("凭什么说是我洗坏的", "liability_dispute", "resolve", 2),
    ],
    "side remark with the answer": [SHRUNK, a("请问怎么洗的呢？"), c("手洗的，这么贵还这样", "overpriced", "resolve", 1)],
    "enquiry, order unknown": [c("什么时候发货", "dispatch_delay", "confirm")],
    "enquiry, order told later": [
        c("什么时候发货", "dispatch_delay", "confirm"),
        a("麻烦发一下订单号"),
        c("2026110212345678", "provide_info", "resolve"),
    ],
    "angry enquiry": [c("一周了还不发货", "dispatch_delay", "confirm", 2)],
    "enquiry within a case": [SHRUNK, HELD, c("那我要退款", "return_refund", "resolve", 1)],
    "question within a case": [SHRUNK, HELD, c("有没有大一码", "ask_stock", "resolve")],
    "scam": [c("有人自称客服让我转账", "scam_alert", "resolve", 1)],
    "allergy": [c("穿了起疹子", "allergy", "confirm", 1), a("您身体现在怎么样？"), c("好多了", "provide_info", "resolve")],
    "injury": [c("断针扎到孩子了", "safety_incident", "confirm", 2)],
    "threat alone": [c("我要去平台投诉", "platform_complaint", "confirm", 1)],
    "threat within a case": [SHRUNK, HELD, c("再不处理我打12315", "authority_complaint", "resolve", 1)],
    "wants the lead": [SHRUNK, HELD, c("叫你们店长来", "escalate_human", "resolve", 1)],
    "wants the lead at once": [c("转人工", "escalate_human", "answer")],
    "unclear within a case": [SHRUNK, HELD, c("嗯哼", "", "resolve")],
    "closed, then a question": [
        SHRUNK,
        OFFER,
        c("退", "return_refund accept_solution", "follow_up"),
        HOW,
        c("好的谢谢", "thanks_praise", "follow_up"),
        a("不客气，欢迎下次光临"),
        c("这款有黑色吗", "ask_stock", "answer"),
    ],
    "closed, then it returns": [
        SHRUNK,
        OFFER_MONEY,
        c("行", "accept_solution", "follow_up"),
        a("已经给您退了20元，祝您生活愉快"),
        c("又开线了", "damage", "confirm", 1),
    ],
}  # fmt: skip


def replayed(dialogue: list[Said]) -> list[tuple[str | None, str]]:
    """(expected stage, decided stage) of every customer message that is answered."""
    state = ConversationState()
    found: list[tuple[str | None, str]] = []
    for role, text, intents, emotion, expect in dialogue:
        if role == "agent":
            state = speak(state, text, recognise(text))
            continue
        slots = (Slot("订单号", text),) if text.isdigit() else ()
        state = hear(state, text, analysis(text, *intents.split(), emotion=emotion, slots=slots))
        if expect is not None:
            found.append((expect, decide(state, {}).id))
    return found


@pytest.mark.parametrize("name", DIALOGUES)
def test_stage_of_every_reply(name: str) -> None:
    for expected, decided in replayed(DIALOGUES[name]):
        assert decided == expected


def _after(*dialogue: Said) -> ConversationState:
    state = ConversationState()
    for role, text, intents, emotion, _ in dialogue:
        if role == "agent":
            state = speak(state, text, recognise(text))
        else:
            state = hear(state, text, analysis(text, *intents.split(), emotion=emotion))
    return state


@pytest.mark.parametrize(
    ("facts", "stage"),
    [({"责任": "店铺"}, "apologise"), ({"责任": "顾客"}, "resolve"), ({}, "resolve")],
)
def test_apologises_only_for_the_shops_fault(facts: dict[str, str | int], stage: str) -> None:
    state = _after(SHRUNK, ASK_PHOTO, c("[图片]", "provide_info", None))
    assert decide(state, facts).id == stage


def test_never_apologises_twice() -> None:
    state = _after(SHRUNK, a("真的对不起，是我们的质量问题。麻烦拍张照片"), c("[图片]", "provide_info", None))
    assert decide(state, {"责任": "店铺"}).id == "resolve"


@pytest.mark.parametrize(("known", "stage"), [("是", "resolve"), ("否", "confirm")])
def test_an_enquiry_is_resolved_when_the_order_is_known(known: str, stage: str) -> None:
    state = _after(c("什么时候发货", "dispatch_delay", None))
    assert decide(state, {"订单已知": known}).id == stage


def test_done_holds_what_agents_did() -> None:
    state = _after(SHRUNK, ASK_PHOTO, c("[图片]", "provide_info", None))
    assert decide(state, {}).done == ("confirm",)
    state = _after(
        SHRUNK,
        a("换谁都心疼。麻烦拍张照片"),
        c("[图片]", "", None),
        OFFER,
        c("退", "accept_solution", None),
        HOW,
    )
    assert decide(hear(state, "好", analysis("好", "accept_solution")), {}).done == (
        "listen",
        "confirm",
        "resolve",
        "follow_up",
    )
