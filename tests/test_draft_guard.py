"""The check of a draft with the guard rules that come with the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.content.load import load
from app.reply.guard import DraftCheck, DraftGuard
from app.reply.script_check import check_wording
from tests.conftest import ROOT
from tests.sample import FILES, content

MORNING = datetime(2026, 11, 20, 2, tzinfo=UTC)
"""Ten in the morning in the shop: a draft that promises 18:00 today is no promise of the past."""


@cache
def word_lists() -> dict[str, str]:
    """The project's own rules for drafts."""
    files = (ROOT / "scripts_zh" / "guard").glob("*.yaml")
    return {f"scripts_zh/guard/{file.name}": file.read_text(encoding="utf-8") for file in files}


@cache
def guard() -> DraftGuard:
    loaded = load({**FILES, **word_lists()})
    assert loaded.content is not None, [str(problem) for problem in loaded.errors]
    return DraftGuard(loaded.content)


def check(text: str, platform: str = "淘宝", role: str = "agent", **shop: object) -> DraftCheck:
    ours = content().shop.model_copy(update={"platform": platform, **shop})
    return guard().check(text, ours, role=role, now=MORNING)  # type: ignore[arg-type]


def rules(text: str, platform: str = "淘宝") -> set[str]:
    return {finding.rule for finding in check(text, platform).findings}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("给个五星好评晒图，返现5元哦", "cash_for_review"),
        ("晒图好评送您10元优惠券", "cash_for_review"),
        ("亲，您把差评删了我给您退50", "paid_review_change"),
        ("改一下评价，我给您补20元", "paid_review_change"),
        ("您不删差评就不给您退", "paid_review_change"),
        ("能不能麻烦您删一下差评", "press_review"),
        ("加我微信给您处理", "off_platform_contact"),
        ("不好意思，加我微信说吧", "off_platform_contact"),
        ("不方便的话加我微信", "off_platform_contact"),
        ("没关系，您加一下店长微信", "off_platform_contact"),
        ("能不能加个微信，我发您图", "off_platform_contact"),
        ("微信转给您吧", "off_platform_pay"),
        ("私下转账给您比较快", "off_platform_pay"),
        ("这件绝对不会缩水", "quality_guarantee"),
        ("我们家是全网最低价", "absolute_claim"),
        ("您自己洗坏的我们不负责", "blame_customer"),
        ("是您自己没洗好吧", "blame_customer"),
        ("这是快递的问题，您去找快递", "shirking"),
        ("打折的衣服一律不退", "no_return_at_all"),
        ("先联系我们客服再申请退款", "obstruct_apply"),
        ("这属于正常现象", "unverified_normal"),
        ("您这是敲诈", "accuse"),
        ("再这样就把您拉黑", "threat"),
        ("撤销投诉我就给您退款", "complaint_for_money"),
        ("您把身份证和验证码发我一下", "private_data"),
        ("麻烦开一下共享屏幕", "private_data"),
        ("质量问题退回来运费您出", "freight_on_customer"),
        ("選五星好評返現5元", "cash_for_review"),
        ("加我v信", "off_platform_contact"),
        ("本店15天无理由退货", "policy_return_days"),
        ("3天无理由，过期不候", "policy_return_days"),
        ("无理由退货30天", "policy_return_days"),
        ("30天内可以换货", "policy_exchange_days"),
        ("保价30天", "policy_price_protect"),
        ("24小时内发货", "policy_dispatch"),
        ("给您补偿50元", "over_authority"),
        ("送您一张100元的券", "over_authority"),
        ("赔您两百块", "over_authority"),
        ("我的电话13812345678", "personal_data"),
        ("身份证号110101199003078515", "personal_data"),
        ("加微信号abc12345", "personal_data"),
    ],
)
def test_what_must_not_be_said(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "我们不做好评返现",
        "好评返现是违规的，我们不做",
        "本店从不搞好评返现",
        "平台禁止好评返现",
        "我们不会用红包换好评，您照实写就好",
        "差评删不删由您自己定，该退的照样给您退",
        "退款和评价无关，您照实写",
        "请不要加陌生人微信",
        "我们不会让您加微信转账",
        "谨防加微信退款的骗子",
        "有人让您加微信退款都是骗子，别理",
        "请勿私下转账",
        "我们从不让顾客私下转账",
        "不能保证绝对不会缩水",
        "不敢说绝对不起球，摩擦多的地方难免",
        "不是您自己洗坏的，您别担心",
        "没说是您自己洗坏的",
        "快递那边我去联系，您不用找快递",
        "打折的也能退",
        "您不用先联系我们再申请，直接申请就行",
        "没有检测前不能说属于正常现象",
        "我没有说您敲诈的意思",
        "我们不会把您拉黑",
        "投诉撤不撤由您决定，退款现在就给您办",
        "验证码不要发给任何人",
        "请勿加对方微信",
        "刚才有没有扫对方的二维码",
        "您有没有给过他验证码",
        "验证码有没有说给谁听",
        "刚才那通电话里您给过密码吗",
        "没共享屏幕就不要紧",
        "请问快递费付了多少",
        "质量问题来回运费我们出",
        "支持7天无理由退货",
        "15天内可以换货",
        "7天内可退换",
        "保价7天",
        "48小时内发货",
        "给您补偿20元",
        "这件99元，满200减20",
        "退货后299元原路退回",
        "您补的差价30元今天退给您",
        "运费15元我们补给您",
        "订单号2233445566778899我看到了",
        "快递单号SF1234567890123，明天到",
        "客服电话400-820-8820",
        "新毛衣洗一次就小了，换谁都心疼。麻烦拍张照片给我看看",
        "今天18:00前给您回话",
    ],
)
def test_what_may_be_said(text: str) -> None:
    shop = {"phone": "400-820-8820"}
    assert [(finding.rule, finding.text) for finding in check(text, **shop).findings] == []


def test_a_finding_says_where_why_and_how_else() -> None:
    text = "亲您好。　加我微信处理！谢谢"
    [finding] = check(text).findings
    assert text[finding.start : finding.end] == finding.text == "加我微信"
    assert text[finding.replace_start : finding.replace_end] == "加我微信处理！"
    assert finding.level == "block"
    assert finding.reason
    assert finding.source
    assert finding.rewrite
    mended = text[: finding.replace_start] + finding.rewrite + text[finding.replace_end :]
    assert not check(mended).blocked


def test_positions_survive_odd_spelling() -> None:
    text = "😊ＡＢ　加我微信"
    [finding] = check(text).findings
    assert text[finding.start : finding.end] == "加我微信"


def test_rules_of_a_platform() -> None:
    assert "off_platform_contact" in rules("加我微信说", "京东")
    assert "off_platform_contact" not in rules("加我微信说", "微信")


def test_the_rewrites_themselves_pass() -> None:
    shop = content().shop
    loaded = guard()
    for one in {rule.id: rule for rule in loaded._rules}.values():  # noqa: SLF001
        if one.rewrite:
            found = loaded.check(one.rewrite, shop)
            assert not [finding for finding in found.findings if finding.level == "block"], one.rewrite


def test_blanks_block() -> None:
    found = check("我〔时限〕前给您退{{ 金额 }}元")
    assert [(blank.name, blank.start, blank.end) for blank in found.blanks] == [
        ("时限", 1, 5),
        ("金额", 9, 17),
    ]
    assert found.blocked
    assert not check("我今天前回您").blocked


@pytest.mark.parametrize(
    ("role", "text", "found"),
    [("agent", "补偿您30元", True), ("lead", "补偿您30元", False), ("lead", "补偿您300元", True), ("admin", "补偿您300元", False)],
)  # fmt: skip
def test_authority(role: str, text: str, found: bool) -> None:
    assert any(one.rule == "over_authority" for one in check(text, role=role).findings) is found


def test_the_shops_own_address_is_nobodys_secret() -> None:
    policy = content().shop.policy.model_copy(
        update={"return_address": "杭州市余杭区文一西路969号 李四 13812345678"}
    )
    text = "退货寄到杭州市余杭区文一西路969号，电话13812345678"
    assert [one.rule for one in check(text, policy=policy).findings] == []
    assert {one.rule for one in check(text).findings} == {"personal_data"}


@settings(deadline=None, max_examples=100)
@given(
    st.text(
        alphabet="加微信好评返现5元不别您我们。，！〔〕{}删差0123456789 天无理由補償\u200b😊", max_size=60
    )
)
def test_any_text(text: str) -> None:
    found = check(text)
    for one in found.findings:
        assert text[one.start : one.end] == one.text
        assert 0 <= one.replace_start <= one.start <= one.end <= one.replace_end <= len(text)
    assert replace(found, blanks=()).findings == found.findings


def test_scripts_are_held_to_the_same_rules() -> None:
    bad = """
scripts:
  - {id: common.listen.bad, title: 引到站外, stage: listen, tone: 亲切, bubbles: [您加我微信慢慢说。], source: [practice]}
"""
    files = {**FILES, **word_lists(), "scripts_zh/retail/_common.yaml": bad}
    [problem] = check_wording(load(files))
    assert (problem.file, problem.line, problem.level) == ("scripts_zh/retail/_common.yaml", 3, "error")
    assert "加我微信" in problem.text
    assert check_wording(load({"intents/_groups.yaml": "["})) == []
