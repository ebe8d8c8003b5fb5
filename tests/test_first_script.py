"""The first script is one a good colleague would send: conversations, and what must or must not lead them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client


def first(client: Client, *said: str) -> tuple[dict[str, Any], str]:
    """The answer to the last of the turns, customer and agent by turns, and its first script."""
    roles = ("customer", "agent")
    turns = [
        {"role": roles[(len(said) - 1 - index) % 2], "text": text} for index, text in enumerate(said[:-1])
    ]
    answer = client.post("/api/v1/suggest", json={"message": said[-1], "turns": turns}).json()
    return answer, answer["suggestions"][0]["script_id"] if answer["suggestions"] else ""


@pytest.mark.parametrize(
    ("said", "script"),
    [
        # what has been washed or is faulty is not sent back as 不喜欢
        (("毛衣洗了一次缩水了", "麻烦拍张照", "[图片]", "建议寄回来检测", "那我退货吧"), "return_refund.resolve.defect_steps"),
        (("我买的这件想退货", "好的，您看下订单", "怎么退"), "return_refund.resolve.no_reason_steps"),
        (("衣服没啥问题，给我返50不然给你差评", "评价是您的自由", "不给是吧，我马上发差评带图"), "malicious_review.resolve"),
        (("[图片]",), "provide_info.answer.what_about"),
        # a guess at what may be wrong opens no case: what is named then is new
        (("针织衫洗了一次", "亲，怎么了呢", "缩水了"), "shrinkage.confirm"),
        # what has been told is not asked for, and what is asked to be done is done
        (("别给我放驿站，送到家",), "courier_service.confirm.to_the_door"),
        (("发票催了你们三回了，什么时候给我",), "invoice.confirm.when_done"),
        (("退货的单号填错了，怎么改",), "aftersales_form.confirm.wrong_number"),
        (("想开票，公司抬头，要怎么弄",), "invoice.confirm.title_type"),
        # once somebody answers, the garment is the matter again, not that nobody did
        (("上衣第二颗扣子掉了 找不到了，在吗，已读不回是吧", "抱歉抱歉刚刚在打包，让您久等了。拍下扣子的位置和备用扣袋看看？", "[图片] 没备用扣"), "damage.resolve"),
        (("说是100%羊毛，检测只有60%", "两边都可以走，您先申请退货", "我要求退一赔三"), "authority_complaint.resolve.claim_triple"),
    ],
)  # fmt: skip
def test_leads(client: Client, said: tuple[str, ...], script: str) -> None:
    assert first(client, *said)[1].startswith(script)


@pytest.mark.parametrize(
    ("said", "script"),
    [
        (("毛衣起球了", "麻烦拍张照", "[图片]", "确实起得早，退您20块或者换一件", "换吧"), "common.follow_up.took_exchange"),
        (("毛衣起球了", "麻烦拍张照", "[图片]", "退您20块或者换一件", "那就20吧 球我自己剪"), "common.follow_up.took_part"),
        (("裙子破了个洞", "换一件或者退款都行", "换可以，但得先发新的"), "common.follow_up.took_if"),
        (("裙子破了个洞", "给您换新，来回运费我们出", "换来的会不会又破"), "common.resolve.last"),
        (("买贵了退差价", "订单里点价保自动退", "点了，弹出来说不符合条件"), "price_drop.resolve"),
        (("我要退货", "订单里点申请售后，原因选质量问题", "选不了，没有这个选项"), "return_refund.resolve.no_option"),
        (("退款怎么还没到", "财务今天退，给您打过去", "到了"), "common.follow_up.money_here"),
        (("帮我把收货地址改成公司的", "改好了哈", "谢谢，对了另一单的电话也帮我换一下"), "common.follow_up.wish"),
        (("快递一直不动", "我催了，今天给您送到", "拿到了，谢谢"), "common.follow_up.goods_here"),
        (("毛衣起球了", "给您退20块可以吗", "至少50"), "common.resolve.counter"),
        (("拉链坏了", "您寄回来我们修，来回运费我们出", "我考虑一下"), "common.resolve.ponder"),
    ],
)  # fmt: skip
def test_answers_to_what_was_just_done(client: Client, said: tuple[str, ...], script: str) -> None:
    assert first(client, *said)[1].startswith(script)


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        (("毛衣穿了三天就起球，腋下那里一片",), "shrinkage"),
        (("我的退款怎么还没到", "我去催一下", "你们是不是骗子啊！！！都三天了！！"), "scam_alert"),
        (("红色卫衣掉色", "怎么洗的呢", "单独洗的，30度机洗，一开始水就全红了"), "allergy"),
        (("实物跟图片颜色差太多了", "您可以申请退货", "我不要运费自己出"), "return_freight.resolve.own_cost"),
        (("便宜点呗", "券在商品页领", "隔壁店才79"), "thanks_praise"),
    ],
)
def test_does_not_lead(client: Client, said: tuple[str, ...], intent: str) -> None:
    assert not first(client, *said)[1].startswith(intent)


@pytest.mark.parametrize(
    ("said", "script"),
    [
        # what is to be done is said back, not merely noted
        (("这条披肩有礼盒吗", "有的，加十元", "行 麻烦把吊牌收起来别露价钱"), "common.answer.obliged"),
        (("有没有真丝的眼罩", "有，黑和藕粉", "要黑的 已付款 麻烦发中通"), "common.answer.obliged"),
        (("你们做团体围裙吗", "可以做，十件起", "样子发我瞧一眼"), "common.answer.shown"),
        (("灰和驼色哪个好看", "灰的稳重，驼的显气色", "选不出来 你帮我定吧"), "common.answer.decides"),
        # a question is answered in its own words, whatever the stage is taken for
        (("上周买的大衣能开发票吗", "可以，抬头发我", "抬头是禾苗书店", "好的，开好发您", "能写成图书吗"), "common.answer.restated"),
        (("单子地址写错了", "还没发，新地址发我", "改到梅园路8号", "改好了", "那几号能发"), "common.answer.restated"),
        (("有46码的西裤吗", "有的", "拍好了 398对吧"), "common.answer.restated"),
        (("这个含羊毛吗", "含三成", "为啥不做全羊毛的"), "common.answer.why"),
        # who says what they would like to buy is helped to choose
        (("我们幼儿园想订四十套园服",), "common.answer.bulk"),
        (("想给爷爷买顶帽子",), "common.answer.recommend"),
        # what was told is said back; who goes on is not bidden farewell
        (("包能刻字吗", "能，刻三个字", "算了 就刻一个安字"), "common.answer.told_back"),
        (("你们的券怎么领", "首页点领取", "没看到这个入口"), "common.answer.stuck"),
    ],
)  # fmt: skip
def test_a_calm_talk(client: Client, said: tuple[str, ...], script: str) -> None:
    assert first(client, *said)[1].startswith(script)


def test_small_requests_are_no_promise_of_money(client: Client) -> None:
    for words in ("麻烦再给我便宜二十", "帮我退五块钱吧", "麻烦加个微信私下转", "好评返现给我安排上"):
        assert not first(client, "这件有货吗", "有的", words)[1].startswith("common.answer.obliged")


def test_what_the_agent_does_next(client: Client) -> None:
    answer, _ = first(client, "快递显示签收了但我根本没收到", "麻烦截个图发我", "都两天了，到底找没找到")
    assert answer["stage"]["id"] in ("resolve", "apologise")
    answer, _ = first(client, "快递显示签收了但我没收到", "麻烦截个图发我", "那给我重新发一件吧")
    assert answer["stage"]["id"] == "resolve"
    answer, _ = first(client, "asdkjh123", "能再说具体一点吗", "。。。")
    assert answer["stage"]["id"] == "answer"
    answer, script = first(client, "你们客服昨天骂我", "是哪位同事呢", "给我赔礼道歉")
    assert answer["stage"]["id"] == "apologise"
    assert not script.startswith("compensation")
    answer, _ = first(client, "我165，110斤穿多大", "建议拍M", "那个半高领羊毛衫呢")
    assert [intent["id"] for intent in answer["intents"]] == ["ask_size"]


def test_what_the_scripts_are_about(client: Client) -> None:
    said = ("裙子拉链坏了", "麻烦拍张照，今天18:00前给您答复", "在吗，昨天说的怎么样了")
    assert first(client, *said)[1].startswith(("promise_broken.apologise", "common.resolve.overdue"))
    said = ("衣服开线了，三天没人回复", "您希望怎么解决呢", "三天了没一个人理我，你们自己看")
    assert first(client, *said)[1].startswith("no_response.")
    answer, script = first(client, "袖口有点掉色", "麻烦拍张照", "没事不用处理，提醒你们一下")
    assert (answer["stage"]["id"], script.split(".")[0]) == ("answer", "thanks_praise")
    assert first(client, "你们就是垃圾店", "您说", "对方撤回了一条消息")[1] == ""
    unsent = "怎么还没发货", "赶不上可以取消，全额退", "算了不要了，退款"
    assert first(client, *unsent)[1] == "common.follow_up.took_cancel"


def test_a_garment_that_became_another(client: Client) -> None:
    answer, _ = first(client, "呵呵，质量真好，洗一次变童装")
    assert "童装" not in "".join(answer["suggestions"][0]["bubbles"])
