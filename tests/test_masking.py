"""What leaves a conversation identifies nobody, and can still be read."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import mask
from app.nlu.text import normalise


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678", "电话138****5678"),
        ("手机138 1234 5678", "手机138****5678"),
        ("138-1234-5678", "138****5678"),
        ("1381 2345 678", "138****5678"),
        ("1-3-8-1-2-3-4-5-6-7-8", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("138\u200b1234\u200b5678", "138****5678"),
        ("座机0571-88886666", "座机****6666"),
        ("400-123-4567", "****"),
        ("幺三八一二三四五六七八", "****"),
        ("一三八12345678", "****"),
        ("身份证11010519491231002X", "身份证〔身份证号〕"),
        ("11010519491231002x", "〔身份证号〕"),
        ("卡号6222021234567890123", "卡号****0123"),
        ("6222 0212 3456 7890 123", "****0123"),
        ("订单号3456789012345678901", "订单号****8901"),
        ("260922-999000000000001", "****0001"),
        ("[ORDERID_20251107] 帮我看", "〔订单号〕 帮我看"),
        ("SF1234567890123到哪了", "SF****0123到哪了"),
        ("zhang.san@qq.com", "〔邮箱〕"),
        ("微信号:abc_123", "微信号:〔微信号〕"),
        ("wx: zhangsan88", "wx: 〔微信号〕"),
        ("vx13812345678", "vx〔微信号〕"),
        ("wxid_abc123", "〔微信号〕"),
        ("QQ 12345678", "QQ 〔QQ号〕"),
        ("收件人:张三", "收件人:〔姓名〕"),
        ("我叫李四，衣服破了", "我叫〔姓名〕，衣服破了"),
        ("姓名：欧阳娜娜", "姓名：〔姓名〕"),
        ("地址:浙江省杭州市西湖区文三路12号3栋501 室", "地址:〔地址〕"),
        ("寄到文三路12号3栋501室", "寄到〔地址〕"),
        ("住在北京市朝阳区建国路88号", "住在〔地址〕"),
        ("旺旺名：小红花", "旺旺名：〔账号〕"),
        ("浙A12345", "〔车牌〕"),
        ("粤B·12345", "〔车牌〕"),
        ("沪AD12345", "〔车牌〕"),
        ("+86-13812345678", "+86-138****5678"),
        ("0086 13812345678", "0086 138****5678"),
        ("一八六 一二三四 五六七八", "****"),
        ("(0571)88886666", "(0571)****"),
        ("021 6234 5678-802", "****5678-802"),
        ("身份证 110105 19491231 002X", "身份证 〔身份证号〕"),
        ("护照号:EA1234567", "护照号:EA****"),
        ("港澳通行证C12345678", "港澳通行证C****"),
        ("6222-0212-3456-7890-123", "****0123"),
        ("淘宝订单4012345678901234567", "淘宝订单****4567"),
        ("京东订单 282345678901", "京东订单 ****8901"),
        ("抖音订单号6923456789012345678", "抖音订单号****5678"),
        ("微信订单 4200001234202311221234567890", "微信订单 ****7890"),
        ("快递单号 YT1234567890123", "快递单号 YT****0123"),
        ("JDVA01234567890", "JDVA****7890"),
        ("wechat id: xiaoyu88", "wechat id: 〔微信号〕"),
        ("加我v abc_12345", "加我v 〔微信号〕"),
        ("V：abc12345", "V：〔微信号〕"),
        ("微信：Xiao-yu_88", "微信：〔微信号〕"),
        ("zhang.san＠qq.com", "〔邮箱〕"),
        ("支付宝账号：abc@qq.com", "支付宝账号：〔账号〕"),
        ("广东省深圳市南山区科技园南路8号A座1203室", "〔地址〕"),
        ("北京市海淀区中关村南大街5号院8号楼2单元301", "〔地址〕"),
    ],
)
def test_covered(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "上次买的毛衣缩水了还起球，那么贵",
        "收到的黑色毛衣165 105斤穿M，三天了",
        "衣服50块，160/84A，尾号5678",
        "我叫了快递，微信支付的",
        "2026-11-22 10:00:05",
        "穿160 165 170的都有",
        "[电话x] [姓名x] [数字x]",
        "微信转账给我50块",
        "客服说3号发货，12号还没到",
        "身高165体重105斤胸围92腰围74",
        "原价1299现价899省400，满1000减200",
        "2026年11月22日 18:00 前，2026/11/22 10:00-18:00",
        "158元 178元 198元 238元",
        "S码155/80A M码160/84A，36 37 38 39 40 41",
        "货号A2201 款号MY2201",
        "买了3件 花了1280.50元，面料95%棉5%氨纶",
        "我叫了顺丰上门，姓名贴标，我是老顾客了",
        "12号楼下拿快递，路上12小时",
        "V领的还是圆领的，V: 没有了吗",
    ],
)
def test_left_alone(text: str) -> None:
    assert mask(text) == text


SECRETS = st.one_of(
    st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
    st.from_regex(r"\A[1-9][0-9]{16}[0-9X]\Z"),
    st.from_regex(r"\A[0-9]{12,19}\Z"),
    st.from_regex(r"\A(?:SF|YT|JT)[0-9]{13}\Z"),
    st.from_regex(r"\A2[0-9]{5}-[0-9]{15}\Z"),
    st.from_regex(r"\A0[0-9]{2,3}-[2-8][0-9]{6,7}\Z"),
)
SPELLINGS = st.sampled_from(
    [
        lambda digits: digits,
        lambda digits: digits.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}),
        lambda digits: "\u200b".join(digits),
        lambda digits: digits.translate({ord(str(n)): "①②③④⑤⑥⑦⑧⑨"[n - 1] for n in range(1, 10)}),
    ]
)
AROUND = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Nd", "No", "Nl"]), max_size=20)


@settings(max_examples=300, deadline=None)
@given(AROUND, SECRETS, SPELLINGS, AROUND)
def test_no_number_leaks(before: str, secret: str, spelling, after: str) -> None:
    masked = normalise(mask(before + spelling(secret) + after)).text
    digits = re.sub(r"[^0-9]", "", secret)
    assert digits not in re.sub(r"[^0-9]", "", masked)
    assert re.search(r"[0-9]{7,}", masked) is None


PIECES = st.sampled_from(
    [
        "1",
        "138",
        "13812345678",
        "1381234",
        "0571-",
        "-88886666",
        "6222",
        "一二三",
        "身份证",
        "订单号",
        ":",
        "：",
        "是",
        "微信",
        "wx",
        "vx",
        "qq",
        "123",
        "abc_1",
        "@qq.com",
        "我叫",
        "张三",
        "姓名",
        "收件人",
        "地址",
        "浙江省",
        "杭州市",
        "文三路",
        "12号",
        "3栋",
        "501",
        "室",
        "浙A",
        "，",
        "。",
        "****",
        "〔地址〕",
        "〔姓名〕",
        "#E-s",
        "[ORDERID_",
        "]",
        "[数字x]",
        "\u200b",
        "支付宝账号",
        "我",
        "在",
    ]
    + [" "]
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join)))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    masked = mask(text)
    assert mask(masked) == masked
    assert re.search(r"\d{7,}", masked) is None


@pytest.mark.parametrize(
    "text", ["1" * 4000, "a" * 4000, "a@" * 2000, "微信" * 2000, "文三路1" * 1000, "1 " * 2000]
)
def test_long_garbage(text: str) -> None:
    assert re.search(r"\d{7,}", mask(text)) is None
