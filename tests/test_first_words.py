"""What a first message tells besides its matter, and the conditions on the customer's own words."""

from __future__ import annotations

import pytest

from app.content.condition import parse_condition
from app.content.load import Loaded
from app.nlu.emotion import EmotionReader
from app.nlu.text import normalise
from app.reply.facts import fit
from app.reply.first_words import begins_with, first_move, has_come, temper
from app.reply.state import ConversationState, OpenTurn
from app.types import IntentMatch
from app.vocabulary import Stage
from tests.conftest import Client
from tests.test_first_script import first

KINDS = {
    "thanks_praise": "dialogue",
    "aftersales_form": "enquiry",
    "return_refund": "enquiry",
    "exchange": "enquiry",
}


def heard(text: str, *intents: str, emotion: int = 0) -> ConversationState:
    matches = tuple(IntentMatch(name, name, KINDS.get(name, "complaint"), "", 0.95, ()) for name in intents)
    return ConversationState(open=OpenTurn(texts=(text,), intents=matches, emotion=emotion), said=(text,))


@pytest.mark.parametrize(
    ("stage", "text", "intents", "does"),
    [
        ("answer", "裙子好看,腰身正好,没有什么色差", ("thanks_praise",), "夸奖"),
        ("answer", "谢谢你,很好看", ("thanks_praise",), ""),
        ("answer", "好看是好看,怎么洗?", ("thanks_praise",), ""),
        ("confirm", "起球太厉害,早扔了", ("pilling",), "扔掉了"),
        ("confirm", "吊牌扔了,衣服有个洞", ("damage",), ""),
        ("confirm", "快递往门口一扔就走,衣服脏了", ("stain_used",), ""),
        ("confirm", "起球,扔掉算了", ("pilling",), ""),
        ("confirm", "袖口开线,懒得退了", ("damage",), "不折腾"),
        ("confirm", "大了点,将就着穿", ("size_fit",), "不折腾"),
        ("confirm", "不退了,赔我五十", ("damage", "compensation"), ""),
        ("confirm", "少发一件,自认倒霉", ("missing_item",), ""),
        ("listen", "走了十二天才到", ("delivery_delay",), "来迟了"),
        ("confirm", "今天能发出吗,周五要穿", ("dispatch_delay",), ""),
        ("confirm", "颜色深一点点,能接受", ("color_difference",), "不计较"),
        ("confirm", "色差这么大,不能接受", ("color_difference",), ""),
        ("confirm", "加群领红包", (), "没听懂"),
        ("confirm", "拉链坏了", (), "说了毛病"),
        ("confirm", "送得慢,人也凶,差评", ("delivery_delay", "negative_review"), "来迟了"),
        ("confirm", "少一粒备用扣,不影响,就说一声", ("missing_item",), "不计较"),
        ("confirm", "都十二天了还没到", ("delivery_delay",), ""),
    ],
)
def test_what_first_words_tell(stage: Stage, text: str, intents: tuple[str, ...], does: str) -> None:
    assert first_move(heard(text, *intents), stage) == does


@pytest.mark.parametrize(
    ("text", "scope", "leads"),
    [
        ("码数偏小,掉色还厉害", ("size_fit", "fading"), "fading"),
        ("走得慢不说,颜色也发错了", ("delivery_delay", "wrong_item"), "wrong_item"),
        ("颜色发错,补的那件还没到", ("delivery_delay", "wrong_item"), "delivery_delay"),
        ("质量一般,赠品也没给", ("poor_quality", "promotion_unfulfilled"), "promotion_unfulfilled"),
        ("鞋大了,想换小一号", ("size_fit", "exchange"), "exchange"),
        ("点成换货了,想退退不了", ("return_refund", "aftersales_form"), "aftersales_form"),
        ("不是修身的,大了两圈", ("not_as_described", "size_fit"), "size_fit"),
        ("太薄,又和图不一样", ("fabric", "not_as_described"), "fabric"),
        ("没下水就缩水了？小得穿不进", ("size_fit", "shrinkage"), "size_fit"),
        ("能不能检查下再发,线头一堆", ("liability_dispute", "workmanship"), "workmanship"),
        ("你们说是人为,线头是我弄的？", ("liability_dispute", "workmanship"), "liability_dispute"),
    ],
)
def test_a_reply_begins_with_what_is_plain(text: str, scope: tuple[str, ...], leads: str) -> None:
    assert begins_with(heard(text, *scope), scope)[0] == leads


def test_what_is_late_may_have_come() -> None:
    assert has_come(heard("收到了,就是慢"))
    assert not has_come(heard("到现在没收到"))


def test_temper_has_a_name() -> None:
    assert [temper(heard("质量差", emotion=level)) for level in range(4)] == ["平静", "不满", "愤怒", "激烈"]


def test_conditions_on_the_words() -> None:
    said, unsaid = parse_condition("提到", "薄|透光"), parse_condition("没提到", "硬|弹")
    facts = {"提到": "料子太薄了", "没提到": "料子太薄了"}
    assert fit({"提到": said, "没提到": unsaid}, facts).held == 1
    assert fit({"提到": said}, {"提到": "料子发硬"}).contradicted
    assert fit({"没提到": unsaid}, {"没提到": "没有弹性"}).contradicted
    assert not fit({"没提到": unsaid}, {}).contradicted
    assert parse_condition("提到", ["薄", "透光"]) == said
    with pytest.raises(ValueError, match="词"):
        parse_condition("提到", " | ")


def test_no_emotion_word_is_an_everyday_letter(shipped: Loaded) -> None:
    emotion_reader = EmotionReader(shipped.content.emotions)
    for calm in ("面料透气,穿着帅气", "天气冷了想买件厚的", "你太客气了"):
        assert "strong" not in emotion_reader.words_in(normalise(calm).text)


@pytest.mark.parametrize(
    ("said", "script"),
    [
        ("布料发硬,磨得慌", "fabric.confirm.stiff"),
        ("布料太差了", "fabric.confirm.thin_or_stiff"),
        ("宝贝收到了，穿着正好，颜色也正", "thanks_praise.answer.praised"),
        ("质量一般吧", "poor_quality.listen.calm"),
        ("裤子起球，懒得退了", "common.confirm.no_bother"),
        ("退款退到哪里了", "refund_progress.confirm.where_to"),
        ("鞋子大了 想换小一码", "size_fit.confirm.one_size"),
        ("地址写错了，改成公司的", "order_change.confirm.address"),
        ("起红疹了，痒死", "allergy.confirm.stop_wearing"),
        ("商场专柜买的，这里管售后吗", "ask_policy.answer.bought_elsewhere"),
        ("五星好评截图了，返现呢", "promotion_unfulfilled.confirm.cashback_card"),
        ("裤子不合适，客服说好了给换，等了一周没动静", "promise_broken"),
    ],
)
def test_leads_a_first_answer(client: Client, said: str, script: str) -> None:
    assert first(client, said)[1].startswith(script)


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ("裤子收到了，和图片上一样，料子摸着也舒服，下次还来", "answer"),
        ("气死", "listen"),
        ("？", "answer"),
        ("那就好", "answer"),
        ("布料又薄又差，以后不会来了，失望", "confirm"),
        ("什么时候发货", "confirm"),
        ("亲 单号查不到啊", "confirm"),
    ],
)
def test_praise_anger_and_marks_alone_open_nothing(client: Client, said: str, stage: str) -> None:
    assert first(client, said)[0]["stage"]["id"] == stage


@pytest.mark.parametrize(
    ("said", "script"),
    [
        ("吊牌剪了还能退吗", "return_refund.confirm.tag_off"),
        ("洗过了还能退吗", "return_refund.confirm.washed"),
        ("穿过一次能退不", "return_refund.confirm.tried_on"),
        ("鞋盒扔了还可以退吗", "return_refund.confirm.no_packing"),
        # nothing was promised yet: who waits for the first answer is begged pardon and asked what it is
        ("人呢", "no_response.confirm.here"),
        ("颜色比直播间看到的深好多", "color_difference."),
        ("袖口白了一块", "fading."),
        ("先别发 下周再发", "order_change.confirm.hold_until"),
        ("先别发货 我不想要了", "order_change.confirm.cancel"),
        ("想给我妈买件羽绒服", "common.answer.recommend_gift"),
        ("是不是机器人啊", "common.answer.who_types"),
        ("转人工 别让机器人回", "escalate_human."),
        ("专柜买的小了能在你们这换吗", "ask_policy.answer.bought_elsewhere"),
        ("拍错颜色了，能帮我改成黑色吗", "order_change."),
    ],
)
def test_a_plain_question_after_buying_gets_its_own_answer(client: Client, said: str, script: str) -> None:
    assert first(client, said)[1].startswith(script)


def test_no_child_is_presumed(client: Client) -> None:
    assert first(client, "穿了一天身上起红疹子")[1] != "allergy.confirm.child"
    assert first(client, "宝宝穿了一天身上起红疹子")[1] == "allergy.confirm.child"


def test_what_is_understood_is_never_left_without_words(client: Client) -> None:
    answer, _ = first(client, "裤子收到了，大小合适，就是有个线头，没事我自己剪了")
    assert answer["suggestions"]


@pytest.mark.parametrize(
    ("said", "script"),
    [
        # what no shop may say back has words of its own
        ("是自动回复还是有人在看", "common.answer.who_types"),
        ("这护膝治不治关节炎", "common.answer.no_cure"),
        ("穿这条裤子真能瘦腿吗", "common.answer.no_"),
        ("你家卖的是正品不", "common.answer.genuine_"),
        ("晒图给返现吗", "common.answer.no_cash_"),
        # prices elsewhere and later are no bargaining, nor bought already
        ("双十二会不会更便宜", "ask_price.answer.next_sale"),
        ("门店和网上一个价吗", "common.answer.same_in_store"),
        ("同事手机上看这件比我便宜十五", "common.answer.others_price"),
        ("会员积分在哪儿看", "common.answer.points"),
        ("能不能先发货，我收到再付款", "ask_policy.answer.pay_after"),
        # what was told is not asked again
        ("不想要了，帮我取消这单", "order_change.confirm.cancel"),
        ("拍重了两单，退一单", "order_change.confirm.two_orders"),
        ("想换大一码，现在这件紧", "exchange.confirm.as_named"),
        ("发个顺丰行不行", "ask_shipping.answer.courier_named"),
        ("寄到贵州包邮不", "ask_shipping.answer.free_shipping_place"),
        ("衣服我寄回去了，单号YT8840012345678", "provide_info.answer.sent_back"),
        # first words that go on with something
        ("前天说的那套我想好了，拿灰色", "common.answer.goes_on"),
        ("刚在开车没看到消息", "common.answer.late_reply"),
        ("拉链坏了，能修一下吗", "damage.confirm.repair_wish"),
        ("裤脚我自己改短了，还能退吗", "return_refund.confirm.altered"),
    ],
)
def test_one_pasted_message_is_answered(client: Client, said: str, script: str) -> None:
    assert first(client, said)[1].startswith(script)


@pytest.mark.parametrize(
    "said", ["腰头是松紧的还是系绳的", "豆绿色是偏黄还是偏蓝", "裙摆那边有没有开衩", "我该选酒红还是墨绿"]
)
def test_a_question_that_only_sounds_like_a_complaint_is_answered(client: Client, said: str) -> None:
    answer, script = first(client, said)
    assert answer["stage"]["id"] == "answer"
    assert "restated" in script


@pytest.mark.parametrize(
    "said", ["是正品吧", "孕妇穿这件防辐射吗", "穿了能治腰疼吗", "发热裤对风湿有用吗", "写五星好评返多少"]
)
def test_nothing_is_promised_that_no_shop_may_promise(client: Client, said: str) -> None:
    text = first(client, said)[0]["suggestions"][0]["text"]
    assert "〔" not in text.replace("〔时限〕", "")
    assert not any(word in text for word in ("是正品", "能治", "有用", "返您"))
