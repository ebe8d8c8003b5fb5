"""What the customer's words have just done, and which remedy was agreed on."""

from __future__ import annotations

import pytest

from app.reply.agreed import agreed, names
from app.reply.answers import is_mere
from app.reply.choices import reaction
from app.reply.customer_acts import CUSTOMER_ACTS
from app.reply.move_words import CONTINGENT
from app.reply.moves import move
from app.reply.state import ConversationState, OpenTurn
from app.reply.turn_facts import speaks_of_store, turn_facts
from app.types import Act
from app.vocabulary import ELSE, TURN_FACTS, Stage


def after(text: str, *offers: str, **more: object) -> ConversationState:
    """A conversation in which an agent made these offers and the customer writes `text`."""
    fields: dict[str, object] = {"offers": offers, "tabled": frozenset(offers), "resolution": bool(offers)}
    said = (text,)
    fields |= {"open": OpenTurn(texts=said), "said": said, **more}
    return ConversationState(agent_turns=1, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stage", "text", "offers", "does"),
    [
        ("follow_up", "换吧", ("换货", "退货退款"), "接受"),
        ("follow_up", "换可以，但发之前先拍给我看", ("换货",), "附条件"),
        ("follow_up", "这还像句人话，点哪个", ("退货退款",), "问操作"),
        ("follow_up", "那寄到哪", (), "问寄法"),
        ("follow_up", "退到哪，银行卡吗", (), "问到账"),
        ("follow_up", "到账了 139", (), "钱到了"),
        ("follow_up", "裤子收到了", (), "货到了"),
        ("follow_up", "裤子收到了，长度正好", (), "解决了"),
        ("follow_up", "喂 他刚送来了", (), "货到了"),
        ("follow_up", "寄的极兔 JT5110022发你了", (), "办好了"),
        ("follow_up", "没事 你也不容易", (), "道谢"),
        ("follow_up", "结痂了 没事", (), "解决了"),
        ("follow_up", "寄到付还是我先垫", (), "问运费"),
        ("follow_up", "了解 过两天去", (), "会去办"),
        ("follow_up", "好 我试试", ("洗护建议",), "去试"),
        ("follow_up", "那一栏填什么", (), "问操作"),
        ("follow_up", "看到我名字了 放心了", (), "解决了"),
        ("follow_up", "退货申请了", ("退货退款",), "办好了"),
        ("follow_up", "发图了吗", ("维修",), "问方案"),
        ("follow_up", "等收到再说", (), "应声"),
        ("follow_up", "快递说放丰巢了 已经算签收了", (), "应声"),
        ("follow_up", "寄了 单号SF1680", (), "办好了"),
        ("follow_up", "找到了，掉在夹层里", (), "解决了"),
        ("follow_up", "那太周到了，就这么办吧", ("补发",), "接受"),
        ("follow_up", "翠湖路3幢1902，放门口", (), "给资料"),
        ("follow_up", "辛苦啦", (), "道谢"),
        ("follow_up", "好", (), "应声"),
        ("resolve", "点了，弹出来说不符合条件", ("补差价",), "受阻"),
        ("resolve", "喷了两遍还是有味", ("洗护建议",), "没办成"),
        ("resolve", "至少50块", ("部分退款",), "还价"),
        ("resolve", "换来的会不会又开线", ("换货",), "怕再坏"),
        ("resolve", "来回运费谁出", ("换货",), "问运费"),
        ("resolve", "要是明天还不到呢", ("补发",), "万一"),
        ("resolve", "下周六婚礼要穿，最晚周五到", (), "赶时间"),
        ("resolve", "我考虑一下", ("换货",), "考虑"),
        ("resolve", "小票扔了", ("换货",), "给不了"),
        ("resolve", "人呢，还没好", ("维修",), "催问"),
        ("resolve", "那我扔了你们又要怎么办", ("退货退款",), "万一"),
        ("resolve", "明天要送 后天到有屁用", ("补发",), "赶时间"),
        ("resolve", "我才穿一季啊 八成", ("部分退款",), "还价"),
        ("resolve", "直接退我微信？", ("补差价",), "问到账"),
        ("resolve", "可是尺码是你推荐的呀", ("退货退款",), "不服"),
        ("resolve", "我来啦 有结果没", ("催物流",), "催问"),
        ("resolve", "半个多钟头了", ("催物流",), "催问"),
        ("resolve", "行吧 四点", ("部分退款",), "应声"),
        ("resolve", "我要先发后退", ("换货",), "换方案"),
        ("resolve", "那就是退喽", ("换货",), "换方案"),
        ("resolve", "又今天", ("补发",), "不放心"),
        ("resolve", "别请示着请示着就忘了", ("部分退款",), "不放心"),
        ("resolve", "当初是你们少发一件我才退的", ("退货退款",), "不服"),
        ("resolve", "能不能寄两根线我自己缝", ("换货",), "换方案"),
        ("resolve", "行 那我去评论区晒晒这个", (), "给资料"),
        ("resolve", "先别急着退 多大的洞都不问", (), "给资料"),
        ("resolve", "三天不行 我周五要上台", ("补发",), "赶时间"),
        ("resolve", "啊？我要券干嘛", ("代金券",), "不接受"),
        ("resolve", "你们店铺首页写着30天价保四个大字", ("补差价",), "不服"),
        ("resolve", "晾了三天了 晾得邻居都问我", ("洗护建议",), "没办成"),
        ("answer", "拍了，灰的那条", (), "下单了"),
        ("answer", "能放进烘干机吗", (), "问别的"),
        ("answer", "能印字吗", (), "问定制"),
        ("answer", "那来一件L", (), "要下单"),
        ("answer", "可爱 那就这么来 拍链接给我", (), "要下单"),
        ("answer", "太感谢了回答我这么多", (), "道谢"),
        ("answer", "各一件 黑的 拍好了", (), "下单了"),
        ("answer", "睡一觉再决定 晚安", (), "考虑"),
        ("answer", "先不要了", (), "道别"),
        ("answer", "好的呢", (), "应声"),
        ("answer", "好 有你这句 拍M", (), "要下单"),
        ("answer", "好两双 同地址", (), "要下单"),
        ("answer", "到底38还是39", (), "比一比"),
        ("answer", "XS胸会不会卡", (), "问尺寸"),
        ("answer", "抹个零呗 170", (), "讲价"),
        ("answer", "停车呢", (), "问门店"),
        ("answer", "有没有试蹲的视频", (), "问实拍"),
        ("answer", "红色S还会补吗", (), "问补货"),
        ("answer", "修身版 领子多大", (), "问尺寸"),
        ("answer", "模特多高 穿的几码", (), "问模特"),
        ("answer", "三件一起多少", (), "问合计"),
        ("answer", "帮我装个礼盒 送婆婆", (), "问礼盒"),
        ("answer", "卡其还是黑色好看", (), "比一比"),
        ("answer", "有没有适合矮个子的大衣", (), "求推荐"),
        ("answer", "团购80件卫衣多少钱", (), "问批发"),
        ("answer", "里面那层是什么料", (), "问面料"),
        ("follow_up", "到咧到咧 暖和滴很", ("催物流",), "解决了"),
        ("follow_up", "包裹到咧", ("催物流",), "货到了"),
        ("follow_up", "有了有了", (), "解决了"),
        ("follow_up", "退货申请已发 你同意一下", ("退货退款",), "办好了"),
        ("follow_up", "小票拍了发这个窗口?", ("维修",), "问方案"),
        ("follow_up", "那算了不换了", (), "作罢"),
        ("follow_up", "好像松了一点点 谢谢", ("洗护建议",), "道谢"),
        ("resolve", "那算了不换了", ("换货",), "作罢"),
        ("resolve", "我打车来的35块", ("换货",), "报花费"),
        ("resolve", "你给我补个跑腿费我叫人搬", ("催物流",), "报花费"),
        ("resolve", "XL我怕还是紧 有没有2XL", ("换货",), "问有没有"),
        ("resolve", "那什么色有", ("换货",), "问有没有"),
        ("resolve", "先退款 东西到了怎么办", ("仅退款",), "又到了"),
        ("resolve", "那剩11恁管不管", ("退运费",), "问运费"),
        ("resolve", "重拍了价钱还一样不", ("取消",), "问方案"),
        ("resolve", "我到店门口了 关着门呢", ("换货",), "走不通"),
        ("resolve", "系统提示不符合条件", ("换货",), "受阻"),
        ("resolve", "洗了两次了 一样", ("洗护建议",), "没办成"),
        ("resolve", "那退一半", ("退货退款",), "还价"),
        ("resolve", "你家四次就正常了??", ("洗护建议",), "不服"),
        ("resolve", "你们为什么不写明白", ("检测",), "不服"),
        ("resolve", "确定?别两头踢皮球", ("拦截",), "不放心"),
        ("resolve", "学校统一交的现金 没单子", ("部分退款",), "给不了"),
        ("resolve", "昨天下午四点多 高个子短发", (), "给资料"),
        ("resolve", "行吧…", ("升级主管",), "应声"),
        ("resolve", "我朋友在呼和浩特 怎么可能", ("代金券",), "不服"),
        ("resolve", "能不能你们补个油钱", ("换货",), "报花费"),
        ("resolve", "等你一小时", ("退货退款",), "应声"),
        ("resolve", "三个月吧", (), "给资料"),
        ("resolve", "修什么修 下次断在台阶上", ("维修",), "不接受"),
        ("resolve", "门卫给不给转", ("补发",), "问方案"),
        ("resolve", "擦了 变成一片蓝", ("洗护建议",), "没办成"),
        ("resolve", "我实付就是168啊 你再看看", ("退货退款",), "给资料"),
        ("follow_up", "以后不敢在你家买了", (), "应声"),
        ("follow_up", "收着了", ("退货退款",), "钱到了"),
        ("follow_up", "约好了明早十点", (), "办好了"),
        ("follow_up", "退货那个撤了", (), "办好了"),
        ("follow_up", "寄出了", ("退货退款",), "办好了"),
        ("follow_up", "那就退了吧", ("退货退款",), "接受"),
        ("follow_up", "周末才有空去", ("维修",), "会去办"),
        ("follow_up", "旧的不用动吧", ("换货",), "问方案"),
        ("follow_up", "ibon说代码不存在", ("换货",), "受阻"),
        ("resolve", "真补假补", ("补差价",), "不放心"),
        ("resolve", "那我等到两点半", ("升级主管",), "应声"),
        ("resolve", "拜托拜托", ("升级主管",), "应声"),
        ("resolve", "记你10点", ("补差价",), "应声"),
        ("resolve", "显示到县里了 还没派", (), "受阻"),
        ("follow_up", "接到了 说三天内打款 我先等着", (), "应声"),
        ("follow_up", "我考虑考虑", ("补发",), "考虑"),
        ("follow_up", "样纱到了 拍完片了", ("补差价",), "货到了"),
        ("follow_up", "换好啦,已经穿着了", ("换货",), "解决了"),
        ("follow_up", "天哪太好了,给她发吧", (), "应声"),
        ("resolve", "几号我哪记得", (), "给不了"),
        ("resolve", "环寄来我也不会装", ("补件",), "不接受"),
        ("resolve", "换的是41别搞错", ("换货",), "提要求"),
        ("resolve", "[图片]68", ("部分退款",), "给资料"),
        ("follow_up", "收到了，可是俩左脚", (), "说了毛病"),
        ("follow_up", "裤脚要不要改哦,我腿短", (), "问方案"),
        ("follow_up", "那等今天,没发我就退", (), "应声"),
        ("follow_up", "运费退到信用卡吗", (), "问到账"),
        ("resolve", "我明天没空,大后天行不行", ("换货",), "改约"),
        ("resolve", "我上班哪有空在家等", ("换货",), "不接受"),
        ("resolve", "到付你们不会又拒收吧", ("退货退款",), "不放心"),
        ("resolve", "换的是灰色L 别又给我发成M", ("补发",), "提要求"),
        ("resolve", "花呗额度不够 冻不了", ("换货",), "走不通"),
        ("listen", "气死我了", (), ELSE),
    ],
)  # fmt: skip
def test_moves(stage: Stage, text: str, offers: tuple[str, ...], does: str) -> None:
    assert move(after(text, *offers), stage) == does
    assert does in TURN_FACTS["刚才"]


def test_refusals_and_ways_out() -> None:
    refusing = OpenTurn(texts=("不要，太麻烦",), refuses=True)
    once = after("不要，太麻烦", "维修")
    assert move(ConversationState(open=refusing, agent_turns=1, offers=("维修",)), "resolve") == "不接受"
    twice = ConversationState(open=refusing, agent_turns=2, offers=("维修",), refusals=1)
    assert move(twice, "resolve") == "又不接受"
    assert move(ConversationState(open=once.open), "resolve") == ELSE  # the first words to a shop


@pytest.mark.parametrize(
    ("reply", "text", "cases", "remedy"),
    [
        ("给您换一件，或者退货退款，您选", "换吧", (), "换货"),
        ("那给您退货退款，运费我们出，可以吗", "好的", (), "退货退款"),
        ("给您换一件，或者退货退款，您选", "好的", (), ""),
        ("要不我补您13.5差价？", "本来来问券，结果捞到差价，可以可以", (), "补差价"),
        ("可以同城闪送，或者您来取", "闪送吧", (), ""),
        ("改明天下午取件可以吗", "可以", (), ""),
        ("可以取消，给您全额退", "算了退了吧", ("dispatch_delay",), "取消"),
        ("那泳帽也一并退您，也不用寄", "干脆都退", (), "仅退款"),
        ("找到了，在管理处，现在入库，退您全款", "行 超时那个你处理一下", (), ""),
        ("您可以先送检，或者给您退一赔三", "我要检 让我服气", (), "检测"),
        ("给您寄个新拉头，或者寄来我们修", "寄拉头就行", (), "补件"),
        ("要不我帮您开一张退款凭证，您发给他", "也行", (), ""),
        ("只能明天到；要是不想等，马上给您退", "等吧", (), ""),
        ("网点今晚送，派不到我给您全额退", "那先看晚上", (), ""),
        ("给您补偿220，裙子您留着", "好，就不用寄回去那么麻烦", (), "部分退款"),
        ("1寄回维修，约7天；2直接换新一件。请选择", "那选2", (), "换货"),
        ("抱歉。1.退15元；2.换一件", "第一个吧", (), "部分退款"),
        ("退三件钱，或者重印补发", "来不及 就按后面那个", (), "补发"),
        ("那我给您换成30天的店铺券，中不", "中", (), "代金券"),
        ("我申请给您订单隐私号更换，明天前完成", "好", (), ""),
        ("备注放驿站，电话改留您女儿的，行吗", "好就这样 她电话是13912342208", (), ""),
        ("派送点暂存了，您要送上门还是自提", "送", (), ""),
        ("给您寄一瓶喷雾，另外送您一双袜子", "送袜子那就谢谢了", (), "赠品"),
        ("退款退给谁呢", "退我 我是班主任", (), ""),
        ("系统显示有1件，可为您保留至今晚", "留着留着 我六点半到", (), ""),
        ("新的今天寄，上门取旧的", "好，电话改打我先生 9xxx 4410", (), ""),
    ],
)
def test_agreed(reply: str, text: str, cases: tuple[str, ...], remedy: str) -> None:
    state = after(text, "换货", "退货退款", cases=cases, reply=reply)
    assert agreed(state) == remedy
    assert turn_facts(state, "follow_up").get("说定", "") == remedy


def test_money_or_a_parcel() -> None:
    said = frozenset(("已经从微信原路转给您了",))
    assert move(after("到了", sent=said), "follow_up") == "钱到了"
    assert move(after("爽快 收到了", reply="好吧15，我给您打过去了"), "follow_up") == "钱到了"
    assert move(after("到了", sent=frozenset(("今天顺丰给您寄出去",))), "follow_up") == "货到了"


def test_store() -> None:
    assert speaks_of_store(after("上周在你们店里买的大衣"))
    assert speaks_of_store(after("好", sent=frozenset(("您方便的时候带过来就行",))))
    assert not speaks_of_store(after("昨天下单的大衣"))


@pytest.mark.parametrize("text", ["退回来179 应该是358", "寄一件大衣不止10块吧", "6块就6块吧 总比寄回去强"])
def test_a_sum_told_is_no_demand(text: str) -> None:
    assert move(after(text, "退货退款"), "resolve") != "还价"


def test_a_threat_is_not_met_half_way() -> None:
    text, risks = "给我30块换个清净，不然别后悔", ("negative_review",)
    assert move(after(text, "部分退款", risks=risks), "resolve") == "还价"
    assert move(after(text, risks=risks, resolution=True), "resolve") != "还价"


def test_a_number_asked_for_is_no_demand() -> None:
    assert move(after("49", "部分退款"), "resolve") == "还价"
    assert move(after("49", "部分退款", reply="您量下胸围平铺就知道了"), "resolve") != "还价"


def test_what_a_page_lacks() -> None:
    assert move(after("没有藏青", reply="您在订单里点换货，颜色选藏青就行"), "follow_up") == "没选项"
    assert move(after("没有藏青", reply="您还想要别的吗"), "follow_up") != "没选项"


def test_done_as_told_is_not_solved() -> None:
    told = "您在订单里点退货退款，原因选质量问题"
    assert move(after("弄好了", reply=told), "follow_up") == "办好了"
    assert move(after("弄好了", reply="您自己紧一下螺丝看看"), "follow_up") == "解决了"


def chances(**likely: float) -> tuple[float, ...]:
    """What a message sounds like, for the model that listens."""
    return tuple(likely.get(act, 0.0) for act in CUSTOMER_ACTS)


@pytest.mark.parametrize(
    ("text", "reply", "sounds", "does"),
    [
        ("我妈七十了 走路都费劲", "安排快递两头取了互换", "refuse", "不接受"),
        ("我妈七十了 走路都费劲", "这个我们没办法哦", "refuse", "不服"),
        ("指甲刚剪的 少来", "这个可能是指甲勾到了哦", "doubt", "不服"),
        ("那镀完还绿吗", "我们免费重镀一次", "doubt", "问方案"),
        ("越熨越明显", "蒸汽熨一下就下去了", "obstacle", "没办成"),
        ("家里没熨斗", "蒸汽熨一下就下去了", "obstacle", "不接受"),
        ("他们要寄件人才能改", "您直接联系快递改地址", "obstacle", "走不通"),
        ("转圈圈 一直转", "申请换货选质量", "obstacle", "受阻"),
        ("我家那口子也笑", "漏了漏了，马上发", "vent", "抱怨"),
        ("问吧 我不撒谎", "我打电话问店里", "ok", "应声"),
        ("我家那口子也笑", "漏了漏了，马上发", "gives", "给资料"),
    ],
)
def test_what_words_sound_like(
    monkeypatch: pytest.MonkeyPatch, text: str, reply: str, sounds: str, does: str
) -> None:
    monkeypatch.setattr(ConversationState, "latest_acts", chances(**{sounds: 0.7}))
    assert move(after(text, reply=reply, resolution=True), "resolve") == does


def test_a_faint_sound_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConversationState, "latest_acts", chances(vent=0.3))
    assert move(after("我家那口子也笑", resolution=True), "resolve") == "给资料"


@pytest.mark.parametrize(
    ("reply", "does"),
    [
        ("全款已退", "应完"),
        ("改好了，您刷新看看", "应完"),
        ("30元已退，明天到账", "应声"),
        ("好的，您先申请，我这边审核", "应声"),
        ("我去问下店长", "应声"),
    ],
)
def test_a_nod_when_all_is_done(reply: str, does: str) -> None:
    assert move(after("好的", reply=reply), "follow_up") == does


def test_who_is_to_have_it_brought_home_is_not_awaited_in_the_store() -> None:
    said = frozenset(("您周五到店找小蒋就行",))
    assert speaks_of_store(after("周六在家", sent=said))
    assert not speaks_of_store(after("周六在家", sent=said, reply="师傅请假，周六送您家"))


@pytest.mark.parametrize(
    ("text", "reply", "does"),
    [
        ("3号了 显示制作中", "排产已提前，3号发", "过点"),
        ("四点半 路口就我一个人吹风", "跟网点说了，四点前到路口", "过点"),
        ("十点零七", "明早十点前退您", "过点"),
        ("四点 可以", "明天四点前上门", "给资料"),
        ("周三", "周五前给您消息，您周几在家", "给资料"),
    ],
)
def test_what_time_it_is_by_now(reply: str, text: str, does: str) -> None:
    assert move(after(text, reply=reply, held=True, due=True), "resolve") == does


def test_nods_before_something_else_was_said_are_let_be() -> None:
    said = ("好", "站长来了 人挺好 替我谢谢他")
    state = after(said[-1], "催物流", open=OpenTurn(texts=said), said=said)
    assert move(state, "follow_up") == "道谢"


def test_what_was_asked_for_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConversationState, "latest_acts", chances(gives=0.8))
    turn = OpenTurn(texts=("回力的 99 [图片]",), refuses=True)
    asked = after(turn.texts[0], "退货退款", open=turn, did=(Act("asked", "商品"),))
    assert move(asked, "resolve") == "给资料"
    assert move(after(turn.texts[0], "退货退款", open=turn), "resolve") == "不接受"


@pytest.mark.parametrize(
    ("text", "reply", "does"),
    [
        ("用了 不管用", "亲 用柔顺剂了吗", "给资料"),
        ("打了,不接", "您联系快递员了吗", "给资料"),
        ("3308", "麻烦给我卡号后四位", "给资料"),
    ],
)
def test_what_was_asked_is_answered(reply: str, text: str, does: str) -> None:
    state = after(text, "部分退款", reply=reply, did=(Act("asked", "问题描述"),))
    assert move(state, "resolve") == does


def test_the_sum_that_was_offered_is_no_bargaining() -> None:
    assert move(after("30 留下", "部分退款", reply="退货或者留下退30"), "resolve") != "还价"
    assert move(after("50吧 我留下", "部分退款", reply="退货或者留下退30"), "resolve") == "还价"
    assert move(after("50吧凑个整", "部分退款", reply="给您退30块"), "follow_up") == "还价"
    assert move(after("30吧 懒得折腾", "部分退款", reply="给您退30块"), "follow_up") == "接受"


@pytest.mark.parametrize(("sounds", "does"), [("vent", "抱怨"), ("obstacle", "走不通"), ("doubt", "不放心")])
def test_what_undoes_an_agreement(monkeypatch: pytest.MonkeyPatch, sounds: str, does: str) -> None:
    monkeypatch.setattr(ConversationState, "latest_acts", chances(**{sounds: 0.6}))
    assert move(after("上回你们也这样讲", settled=True), "follow_up") == does
    assert move(after("好 就这么办", settled=True), "follow_up") != does


def test_who_buys_by_the_way_of_a_complaint_has_done_what_was_asked() -> None:
    assert move(after("拍了", cases=("exchange",), reply="补差链接发您了，拍这个"), "follow_up") == "办好了"
    assert move(after("行 要好的", cases=("exchange",), reply="换一条给您"), "follow_up") != "下单了"


def test_an_offer_that_hangs_on_something_else_is_none_however_long_the_words_before() -> None:
    """Four thousand letters without a stop are gone through once, not once from each of them."""
    assert CONTINGENT.sub("", "给您补发；" + "我们仓库" * 1000 + "找不到的话给您退款。") == "给您补发；。"
    assert CONTINGENT.sub("", "1" * 4000) == "1" * 4000
    assert names("1" * 4000 + "给我") == ["部分退款"]


def test_thousands_of_nods_that_end_in_something_else_are_no_nod() -> None:
    """Tried in every split of 嗯嗯嗯 they would take hours."""
    assert not is_mere("嗯" * 4000 + "退")
    assert is_mere("嗯嗯嗯，好的")
    assert reaction("嗯" * 900 + "退", ()) != "takes"
