"""What customers' words do with the offers on the table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reply.acts import recognise
from app.reply.answers import adds_trouble, breaks_promise
from app.reply.choices import haggles, reaction, sums

BOTH = ("退货退款", "换货")


@pytest.mark.parametrize(
    ("text", "offers", "does"),
    [
        ("补发吧", ("补发",), "takes"),
        ("重发", ("补发",), "takes"),
        ("退", BOTH, "takes"),
        ("退款省心", BOTH, "takes"),
        ("那就换一件", BOTH, "takes"),
        ("顺丰吧", ("补发",), "takes"),
        ("选第二个", BOTH, "takes"),
        ("后面那个", BOTH, "takes"),
        ("这还差不多", BOTH, "takes"),
        ("都行你们看着办", BOTH, "takes"),
        ("修也行，但要快", ("维修",), "takes"),
        ("可以，怎么操作", BOTH, "takes"),
        ("XL", BOTH, "takes"),
        ("不换了 退吧", BOTH, "takes"),
        ("等五天吧", ("退货退款",), "takes"),
        ("不换，退", ("换货",), "refuses"),
        ("不想退，少收点钱行不", BOTH, "refuses"),
        ("我要退一赔三", BOTH, "refuses"),
        ("10块你留着吧", ("部分退款",), "refuses"),
        ("行 你等着", (), "refuses"),
        ("那我就等着看", BOTH, "refuses"),
        ("换了还臭咋办", BOTH, "doubts"),
        ("为啥我出运费", BOTH, "doubts"),
        ("那我等你们消息", (), ""),
        ("换货要多久", BOTH, ""),
    ],
)
def test_reaction(text: str, offers: tuple[str, ...], does: str) -> None:
    assert reaction(text, offers) == does


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("退15吧", "takes"),
        ("十五就十五", "takes"),
        ("30", "refuses"),
        ("退五十行", "refuses"),
        ("退3件吧", "takes"),
    ],
)
def test_a_sum_is_weighed_against_the_sum_offered(text: str, does: str) -> None:
    assert reaction(text, ("部分退款", "退货退款"), amounts=sums("退您15元")) == does


def test_a_remedy_offered_earlier_can_still_be_taken() -> None:
    assert reaction("行那退", ("退运费",), ("退货退款",)) == "takes"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("还有上一单那个外套颜色跟图片差好多", True), ("其实袖子那有根线抽出来了", True), ("也没穿过", False)],
)
def test_adds_trouble(text: str, expected: bool) -> None:
    assert adds_trouble(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你们说次日打的运费呢 都三天了", True),
        ("上次那个客服说周一给我打电话 今天周三了", True),
        ("客服上周五说三个工作日退款的，没退", True),
        ("你们说七天无理由退货", False),
        ("说好的送帽子呢", False),
    ],
)
def test_breaks_promise(text: str, expected: bool) -> None:
    assert breaks_promise(text) is expected


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("您看是退还是换", "offered(退货退款) offered(换货)"),
        ("今天给您补一件", "offered(补发)"),
        ("要不给您换小一码", "offered(换货)"),
        ("那给您加到40，您看行不行", "offered(部分退款)"),
        ("免费给您修，或者退50%", "offered(维修) offered(部分退款)"),
        ("胸围呢亲", "asked(问题描述)"),
        ("转好了，您查收", "promised"),
        ("贴错吊牌了，不好意思", "apologised"),
        ("今晚8点前给您来电", "held"),
    ],
)
def test_agents_in_free_wording(text: str, acts: str) -> None:
    found = {f"{act.name}({act.about})" if act.about else act.name for act in recognise(text)}
    assert set(acts.split()) <= found


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("来回运费需要您承担哦", "offered(退运费)"),
        ("麻烦拍一下水洗标和吊牌", "asked(吊牌在)"),
        ("麻烦拍一下水洗标和吊牌", "asked(洗过)"),
        ("押金先拍一下链接", "asked(照片)"),
        ("是我们没检查到位", "held"),
        ("好的呢", "asked(问题描述)"),
        ("有什么可以帮您", "asked(问题描述)"),
    ],
)
def test_agents_do_not_do(text: str, absent: str) -> None:
    found = {f"{act.name}({act.about})" if act.about else act.name for act in recognise(text)}
    assert absent not in found


@given(st.text(alphabet="退换补不要行吧吗，。？ 二十百块35你等着", max_size=60))
def test_any_text_has_a_reaction(text: str) -> None:
    assert reaction(text, BOTH, amounts=(15,)) in ("", "takes", "refuses", "doubts")


@pytest.mark.parametrize("part", ["退", "十", "不", "等", "你们说明天", "也", "1", "，", "第一"])
def test_long_repetition_comes_to_an_end(part: str) -> None:
    text = part * 4000
    reaction(text, BOTH, amounts=(15,))
    breaks_promise(text)
    adds_trouble(text)


@pytest.mark.parametrize(
    ("text", "haggled"),
    [
        ("五百？你咋不抢去，当时你说啥都包", True),
        ("40块真的少了点，我原价三百多", True),
        ("取东西要不要我给钱啊", True),
        ("三百块打给我，不然你们别后悔", False),
        ("给五十我就删差评", False),
    ],
)
def test_who_threatens_with_nothing_haggles(text: str, haggled: bool) -> None:
    assert haggles("malicious_review", text) is haggled
    assert not haggles("negative_review", text)
