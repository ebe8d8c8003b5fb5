"""A small shop for the tests of stages, suggestions and the API: its content, and an engine that knows a few words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from app.assist import Assistant
from app.content.load import load
from app.content.model import Content
from app.nlu.text import Tokeniser
from app.nlu.words import dictionary
from app.types import Analysis, Emotion, IntentMatch, Slot, Span

_KINDS = {
    "complaint": "shrinkage pilling fading damage deformation odor color_difference size_fit wrong_item missing_item "
    "stain_used delivery_failed out_of_stock package_damaged overpriced poor_quality vent disappointed promise_broken "
    "liability_dispute return_refused service_attitude no_response promotion_unfulfilled counterfeit",
    "enquiry": "return_refund refund_only exchange repair_parts refund_progress aftersales_progress dispatch_delay "
    "delivery_delay compensation return_freight invoice price_drop order_change",
    "question": "ask_quality ask_size ask_stock ask_care",
    "dialogue": "greeting thanks_praise accept_solution reject_solution ask_solution escalate_human provide_info other",
    "risk": "negative_review malicious_review authority_complaint platform_complaint allergy safety_incident "
    "scam_alert harassment media_exposure",
}
KIND = {name: kind for kind, names in _KINDS.items() for name in names.split()}

FILES = {
    "intents/_groups.yaml": """
- {id: quality, name: 商品质量, stages: [confirm, apologise, resolve, follow_up], tones: [亲切]}
- {id: fulfilment, name: 发货物流, stages: [confirm], tones: [亲切]}
- {id: aftersales, name: 售后诉求, stages: [confirm], tones: [亲切]}
- {id: risk, name: 风险, stages: [confirm], tones: [亲切]}
- {id: presale, name: 售前, stages: [answer], tones: [亲切]}
- {id: dialogue, name: 对话, stages: [answer], tones: [亲切]}
""",
    "intents/apparel/shrinkage.yaml": """
id: shrinkage
name: 缩水
group: quality
kind: complaint
patterns: [缩水]
ask:
  - {fact: 洗过, text: 怎么洗的}
  - {fact: 照片, text: 平铺照}
""",
    "intents/apparel/pilling.yaml": "{id: pilling, name: 起球, group: quality, kind: complaint, patterns: [起球]}",
    "intents/apparel/ask_care.yaml": "{id: ask_care, name: 洗护咨询, group: presale, kind: question, patterns: [怎么洗]}",
    "intents/common/wrong_item.yaml": "{id: wrong_item, name: 发错货, group: fulfilment, kind: complaint, patterns: [发错]}",
    "intents/common/return_refund.yaml": "{id: return_refund, name: 退货退款, group: aftersales, kind: enquiry, patterns: [退货]}",
    "intents/common/authority_complaint.yaml": """
{id: authority_complaint, name: 12315与法律, group: risk, kind: risk, banner: true, patterns: ["12315"]}
""",
    "intents/common/negative_review.yaml": "{id: negative_review, name: 差评表态, group: risk, kind: risk, patterns: [差评]}",
    "intents/common/escalate_human.yaml": "{id: escalate_human, name: 要求主管, group: dialogue, kind: dialogue, patterns: [叫老板]}",
    "intents/common/accept_solution.yaml": "{id: accept_solution, name: 同意, group: dialogue, kind: dialogue, patterns: [好的]}",
    "scripts_zh/apparel/shrinkage.yaml": """
intent: shrinkage
guidance: {do: [先问怎么洗的], dont: [没检测不说正常]}
cards: [apparel.wool_care, common.law]
rules: [shop_fault]
scripts:
  - {id: shrinkage.confirm.photo, title: 请拍平铺照, stage: confirm, tone: 亲切, acts: [empathised, asked(照片)],
     bubbles: [新毛衣洗一次就小了换谁都心疼。, "麻烦把{{ 商品 }}平铺拍一张给我看看。"], source: [practice]}
  - {id: shrinkage.confirm.wash, title: 问怎么洗, stage: confirm, tone: 亲切, acts: [asked(洗过)],
     bubbles: [想问一下您当时是手洗还是机洗的呢？], source: [practice]}
  - {id: shrinkage.confirm.formal, title: 书面确认, stage: confirm, tone: 正式, acts: [asked(照片)],
     bubbles: [请您提供商品平铺状态的照片以便核实。], source: [practice]}
  - {id: shrinkage.apologise.own, title: 认错, stage: apologise, tone: 亲切, acts: [apologised, offered(换货)],
     bubbles: [这批面料是我们没把好关，真的很抱歉。], source: [practice]}
  - {id: shrinkage.apologise.sorry, title: 让您费心, stage: apologise, tone: 亲切, acts: [empathised],
     bubbles: [为这件衣服让您来回费心了。], source: [practice]}
  - {id: shrinkage.resolve.hold, title: 先去问, stage: resolve, tone: 亲切, acts: [held], also_for: [pilling],
     bubbles: ["我去问质检，{{ 时限 }}前回您，电话 {{ 客服电话 }}。"], source: [practice]}
  - {id: shrinkage.resolve.choice, title: 退或换, stage: resolve, tone: 亲切, when: {责任: 店铺},
     acts: [offered(退货退款), offered(换货)], bubbles: [您选退还是换都行，运费我们出。], source: [practice]}
  - {id: shrinkage.resolve.care, title: 免费护理, stage: resolve, tone: 亲切, when: {责任: 顾客},
     acts: [offered(洗护建议)], bubbles: [可以寄回来我们免费做一次整烫。], source: [practice]}
  - {id: shrinkage.follow_up.how, title: 怎么申请, stage: follow_up, tone: 亲切, acts: [instructed],
     bubbles: ["您点申请售后，{% if 有凭证 %}照片已经有了{% else %}附上照片{% endif %}就行。"], source: [practice]}
  - {id: shrinkage.follow_up.back, title: 回访, stage: follow_up, tone: 亲切, acts: [checked_back],
     bubbles: [换的那件收到了吗，大小合适吗？], source: [practice]}
  - {id: shrinkage.resolve.old, title: 过期的活动, stage: resolve, tone: 亲切, valid: {until: 2020-01-01},
     bubbles: [双十一期间免费换新。], source: [practice]}
""",
    "scripts_zh/apparel/ask_care.yaml": """
intent: ask_care
scripts:
  - {id: ask_care.answer.cold, title: 冷水手洗, stage: answer, tone: 亲切, bubbles: [冷水手洗，平铺晾干就好。], source: [practice]}
""",
    "scripts_zh/apparel/pilling.yaml": """
intent: pilling
scripts:
  - {id: pilling.confirm.where, title: 问起球位置, stage: confirm, tone: 亲切, acts: [asked(问题描述)],
     bubbles: [起球主要在哪个位置呢，袖口还是腋下？], source: [practice]}
""",
    "scripts_zh/common/authority_complaint.yaml": """
intent: authority_complaint
guidance: {do: [十分钟内告诉主管], dont: [别争辩]}
scripts:
  - {id: authority_complaint.confirm.calm, title: 稳住, stage: confirm, tone: 亲切, acts: [held],
     bubbles: ["您的权利我们尊重，我马上请{{ 主管 }}跟进，{{ 时限 }}给您答复。"], source: [practice]}
""",
    "scripts_zh/common/escalate_human.yaml": """
intent: escalate_human
scripts:
  - {id: escalate_human.answer.lead, title: 请主管, stage: answer, tone: 亲切, acts: [offered(升级主管)],
     bubbles: [我这就请店长来跟您谈。], source: [practice]}
""",
    "scripts_zh/common/wrong_item.yaml": """
intent: wrong_item
rules: [wrong_goods]
scripts:
  - {id: wrong_item.apologise.ours, title: 发错认错, stage: apologise, tone: 亲切, acts: [apologised, offered(换货)],
     bubbles: [是我们仓库拿错了，实在抱歉，今天给您换发。], source: [practice]}
""",
    "scripts_zh/common/_common.yaml": """
scripts:
  - {id: common.listen.hear, title: 请他说完, stage: listen, tone: 亲切, acts: [empathised],
     bubbles: [您慢慢说，我在听，一件一件帮您办。], source: [practice]}
  - {id: common.confirm.what, title: 问清是什么事, stage: confirm, tone: 亲切, acts: [asked(问题描述)],
     bubbles: [想先弄清楚，具体是哪里让您不满意呢？], source: [practice]}
  - {id: common.answer.clarify, title: 请顾客多说一句, stage: answer, tone: 亲切, acts: [asked(问题描述)],
     bubbles: [您说的是哪件事呢，我好帮您查。], source: [practice]}
""",
    "scripts_zh/apparel/cards/care.yaml": """
- {id: wool_care, title: 羊毛衫怎么洗, kind: knowledge, text: 冷水手洗。, source: [practice]}
""",
    "scripts_zh/common/cards/law.yaml": """
- {id: law, title: 七天无理由, kind: law, text: 七天内可以退。, source: [practice]}
""",
    "scripts_zh/apparel/rules/quality.yaml": """
- id: shop_fault
  title: 质量问题，责任在店铺
  intents: ["@quality"]
  when: {责任: 店铺}
  outcome:
    freight: 店铺
    remedies: [退货退款, 换货]
    deadlines: [{text: 48 小时内给结果, hours: 48}, {text: 5 个工作日内退款, workdays: 5}]
    approval: 客服
    steps: [核实照片]
  reason: 质量问题由店铺承担来回运费。
  source: [practice]
- id: unclear
  title: 责任没定
  intents: ["@quality"]
  when: {责任: 不明}
  outcome: {freight: 待定, remedies: [检测, 洗护建议], approval: 主管}
  reason: 没看到证据前不定责。
  source: [practice]
""",
    "scripts_zh/common/rules/goods.yaml": """
- id: wrong_goods
  title: 发错货
  intents: [wrong_item]
  outcome: {freight: 店铺, remedies: [换货]}
  reason: 发错由店铺承担。
  source: [practice]
""",
    "scripts_zh/shop.yaml": """
name: 甲店
lead_title: 张店长
others:
  - {id: second, name: 乙店, phone: 400-1, platform: 微信, tone: 正式}
""",
}


@cache
def plain() -> Tokeniser:
    """Words as they are without any lexicon. Reading the stock dictionary takes half a second."""
    return Tokeniser(dictionary([]))


@cache
def content() -> Content:
    loaded = load(FILES)
    assert loaded.content is not None, [str(problem) for problem in loaded.errors]
    return loaded.content


def match(name: str, score: float = 0.9, evidence: tuple[Span, ...] = ()) -> IntentMatch:
    return IntentMatch(name, name, KIND[name], "", score, evidence)


def analysis(text: str, *intents: str, emotion: int = 0, slots: tuple[Slot, ...] = ()) -> Analysis:
    """An analysis that found these intents, the primary first."""
    found = tuple(match(name) for name in intents)
    return Analysis(text, found, (), None if found else "nothing_found", Emotion(emotion), slots)


class WordEngine:
    """Finds an intent wherever one of its patterns stands; anger is a 气, Traditional writing a 縮 or 請."""

    def analyse(self, text: str, now: object = None) -> Analysis:
        found = []
        for intent in content().intents.values():
            word = intent.patterns[0]
            at = text.replace("縮", "缩").find(word)
            if at >= 0:
                span = Span(at, at + len(word), text[at : at + len(word)])
                found.append(IntentMatch(intent.id, intent.name, intent.kind, intent.group, 0.9, (span,)))
        found.sort(key=lambda one: one.evidence[0].start)
        at = text.find("毛衣")
        slots = (Slot("商品", "毛衣", at, at + 2),) if at >= 0 else ()
        whole = analysis(text, emotion=2 if "气" in text else 0, slots=slots)
        return replace(
            whole,
            intents=tuple(found),
            abstained=None if found else "nothing_found",
            traditional=any(char in text for char in "縮請"),
        )


@cache
def assistant() -> Assistant:
    return Assistant(content(), WordEngine(), 7)
