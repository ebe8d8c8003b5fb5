"""The closed word lists of the product: stages, tones, facts, slots, acts, remedies, template variables.

One vocabulary serves the API, the content files, the rules and the panel (docs/content.md lists it for trainers).
Nothing here depends on content or on the rest of the application.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Stage = Literal["listen", "confirm", "apologise", "resolve", "follow_up", "answer"]
STAGES: Final[tuple[Stage, ...]] = ("listen", "confirm", "apologise", "resolve", "follow_up", "answer")
STAGE_NAMES: Final[dict[str, str]] = {
    "listen": "倾听",
    "confirm": "确认",
    "apologise": "道歉",
    "resolve": "解决",
    "follow_up": "跟进",
    "answer": "答复",
}

TONES: Final[tuple[str, ...]] = ("亲切", "正式", "门店")
KINDS: Final[tuple[str, ...]] = ("complaint", "enquiry", "question", "dialogue", "risk")
PACKS: Final[tuple[str, ...]] = ("common", "apparel", "retail", "catering")
DEFAULT_PACKS: Final[tuple[str, ...]] = ("common", "apparel")
EMOTION_NAMES: Final[tuple[str, ...]] = ("平静", "不满", "愤怒", "激烈")

YES, NO = "是", "否"
YES_NO: Final[tuple[str, ...]] = (YES, NO)

# fact -> its values; an empty tuple means a whole number or (急用日期) a date
FACTS: Final[dict[str, tuple[str, ...]]] = {
    "责任": ("店铺", "顾客", "快递", "不明"),
    "质量问题": YES_NO,
    "签收天数": (),
    "穿过": YES_NO,
    "洗过": YES_NO,
    "有凭证": YES_NO,
    "吊牌在": YES_NO,
    "坚持换货": YES_NO,
    "客服推荐尺码": YES_NO,
    "订单状态": ("未付款", "未发货", "运输中", "已签收", "已完成"),
    "场所": ("线上", "门店"),
    "平台": ("淘宝", "京东", "抖音", "拼多多", "微信", "其他"),
    "地区": ("大陆", "台湾", "香港"),
    "会员": ("普通", "VIP"),
    "来访": ("首次", "再次"),
    "订单已知": YES_NO,
    "急用日期": (),
    "尺码对表": ("合适", "两可", "超出", "缺数", "没有表"),
}
ELSE: Final = "其他"
# conditions of scripts that hold for one reply only, worked out from the conversation and never given
TURN_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "刚才": (
        "接受", "附条件", "给资料", "问寄法", "问操作", "问到账", "问时间", "钱到了", "货到了", "办好了", "解决了", "道谢",
        "应声", "受阻", "没选项", "没办成", "还价", "换方案", "不接受", "又不接受", "问运费", "怕再坏", "万一", "不放心", "问方案", "催问", "过点", "赶时间", "不服", "提要求", "考虑", "改约", "会去办", "去试", "晚点给", "给不了",
        "走不通", "应完", "作罢", "报花费", "问有没有", "抱怨", "又到了", "说了毛病",
        "嫌重复", "又不对", "又有毛病", "兑现", "放话", "查不到", "翻旧账", "看过了", "说清了", "信没到",
        "下单了", "插问", "问别的", "要下单", "道别", "讲价", "等回话", "问门店", "问礼盒", "问定制", "问批发", "问开票", "问寄远", "问实拍",
        "问补货", "问合计", "问模特", "问尺寸", "比一比", "求推荐", "问面料", "问真人", "问功效", "问真假", "问返现", "问积分", "问两处价", "问以后价", "问搭配", "问链接", "接前话", "托付", "才回", "寒暄",
        "要留货", "要提醒", "答了", "等信", "报数", "发图", "说地方", "说日子", "玩笑", "有顾虑", "说情况", "夸奖", "请办", "要看", "请定", "扔掉了", "不折腾", "来迟了", "不计较", "没听懂", ELSE,
    ),
    "情绪": EMOTION_NAMES,
    "提到": (),
    "没提到": (),
    "说定": (
        "退货退款", "仅退款", "换货", "补发", "补件", "维修", "部分退款", "代金券", "退运费", "补差价", "拦截", "改单", "取消", "开票",
        "检测", "赠品", "升级主管", "催发货", "催物流", ELSE,
    ),
    "答句": ("是非", "填空"),
    "复述": ("有",),
    "会话": ("平静",),
}  # fmt: skip
MENTIONED, UNMENTIONED = "提到", "没提到"
"""Conditions that hold when the customer's words hold one of these, or none of them: 薄|透."""
NUMBER_FACTS: Final[frozenset[str]] = frozenset({"签收天数"})
BOOLEAN_FACTS: Final[frozenset[str]] = frozenset(name for name, values in FACTS.items() if values == YES_NO)

# what an agent can ask for besides the facts
ASKABLE: Final[frozenset[str]] = frozenset(FACTS) | {
    "问题描述", "期望方案", "承诺内容", "照片", "尺码", "颜色", "身高", "体重", "快递单号", "订单号", "地址", "电话",
    "截图", "身体状况", "日期", "姓名", "原因", "商品", "数量", "金额", "抬头", "税号", "邮箱",
    "胸围", "腰围", "臀围", "肩宽",
}  # fmt: skip

REMEDIES: Final[tuple[str, ...]] = (
    "退货退款", "仅退款", "换货", "补发", "补件", "维修", "部分退款", "代金券", "退运费", "补差价", "催发货", "催物流", "拦截",
    "改单", "取消", "开票", "洗护建议", "检测", "上报", "延保", "赠品", "尺码建议", "升级主管", "举证维权",
)  # fmt: skip

# act -> what its bracket may hold: "" nothing, "ask" an askable, "remedy" a remedy, "text" free words (may be left out)
ACTS: Final[dict[str, str]] = {
    "asked": "ask",
    "empathised": "",
    "apologised": "",
    "held": "text",
    "offered": "remedy",
    "refused": "text",
    "instructed": "text",
    "promised": "text",
    "checked_back": "",
    "closed": "",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A template variable: where its value comes from when the agent does not type one.

    origin: "slot" found in the message, "shop" from shop.yaml, "agent" the signed-in person, "typed" only by hand,
    "turn" made of the customer's latest words.
    default: the text used when nothing is known; None makes it a required blank.
    """

    name: str
    meaning: str
    origin: Literal["slot", "shop", "agent", "typed", "turn"]
    default: str | None = None
    shop_key: str | None = None


RESTATED, ECHOED = "答句", "复述"

VARIABLES: Final[dict[str, Variable]] = {
    variable.name: variable
    for variable in (
        Variable("称呼", "怎么称呼顾客", "shop", "亲", "customer_title"),
        Variable("店铺", "店名", "shop", "本店", "name"),
        Variable("客服", "客服自称", "agent", "客服", "agent_title"),
        Variable("主管", "主管怎么称呼", "shop", "店长", "lead_title"),
        Variable("商品", "顾客说的商品", "slot", "衣服"),
        Variable("营业时间", "营业时间", "shop", None, "hours"),
        Variable("门店地址", "门店地址", "shop", None, "address"),
        Variable("客服电话", "客服电话", "shop", None, "phone"),
        Variable("退货地址", "退货寄到哪里", "shop", None, "policy.return_address"),
        Variable("快递公司", "默认发的快递", "shop", "快递", "policy.courier"),
        Variable("无理由天数", "无理由退货天数", "shop", "7", "policy.return_days"),
        Variable("换货天数", "换货天数", "shop", "15", "policy.exchange_days"),
        Variable("保价天数", "买后降价补差的天数", "shop", "7", "policy.price_protect_days"),
        Variable("发货时限", "付款后多久发货", "shop", "48 小时内", "policy.dispatch"),
        Variable("退款时限", "收到退货后多久退款", "shop", "收到退货后 1 到 2 个工作日", "policy.refund"),
        Variable("时限", "我们承诺的时间", "typed"),
        Variable("金额", "我们给出的钱数", "typed"),
        Variable("优惠", "我们给出的优惠", "typed"),
        Variable("方案", "我们给出的做法", "typed"),
        Variable("原因", "我们说明的原因", "typed"),
        Variable("日期", "我们承诺的日期", "typed"),
        Variable("订单号", "订单号", "slot"),
        Variable("快递单号", "快递单号", "slot"),
        Variable("尺码", "尺码", "slot"),
        Variable("颜色", "颜色", "slot"),
        Variable("数量", "件数", "slot"),
        Variable("身高", "身高", "slot"),
        Variable("体重", "体重", "slot"),
        Variable("尺码建议", "按这款尺码表算出的建议，如 建议拍 M", "slot"),
        Variable("尺码理由", "尺码建议的理由", "slot"),
        Variable("面料", "这款的面料成分，取自商品资料", "slot"),
        Variable("洗护", "这款的洗护说明，取自商品资料", "slot"),
        Variable(RESTATED, "把顾客问的改成答话，只留一个词要填", "turn"),
        Variable(ECHOED, "把顾客要办的、说的换成店里的口气说一遍", "turn"),
    )
}

SLOT_NAMES: Final[frozenset[str]] = frozenset(
    variable.name for variable in VARIABLES.values() if variable.origin == "slot"
)
"""The values an agent may note for a conversation."""
