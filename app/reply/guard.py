"""The check of an agent's own text before it is sent: what must not be said, and why, with a lawful way to say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from app import regex as re
from app.content.model import Content, GuardRule
from app.content.pattern import parse
from app.content.shop import Shop
from app.masking import find_personal
from app.nlu.match import PatternSet
from app.nlu.text import Normalised, normalise
from app.reply.guard_numbers import Clash, amounts, clashes, spoken_amount
from app.reply.guard_scope import is_denied, sentence_at
from app.reply.promise_check import Authority, Objection, Verdict, due_of, objection
from app.reply.promises import Promise, find_promises
from app.reply.when import Due

Level = Literal["block", "warn"]

_BLANK: Final = re.compile(r"〔([^〔〕\n]{1,20})〕|\{\{\s*([^{}\n|]{1,20}?)\s*(?:\|[^{}\n]*)?\}\}")
_MARKETS: Final = frozenset({"淘宝", "京东", "抖音", "拼多多"})
_SECRET: Final = frozenset({"〔身份证号〕"})
_CONTACT: Final = frozenset({"〔微信号〕", "〔QQ号〕"})
_PRIVATE: Final = frozenset({"〔邮箱〕", "〔地址〕", "〔姓名〕", "〔账号〕"})
_MOBILE: Final = re.compile(r"^1[3-9][0-9]\*{4}[0-9]{4}$")
_CARD_BEFORE: Final = re.compile(r"(?:银行卡|卡号|账号|账户)[号码是为:：\s]{0,4}$")
_BARE: Final = re.compile(r"[\s,，。;；:：、-]+")
_WORDS_BEFORE: Final = 8
_LAW: Final = ("个人信息保护法",)


@dataclass(frozen=True, slots=True)
class Finding:
    """text[start:end] is what is wrong; `rewrite`, if any, replaces text[replace_start:replace_end]."""

    rule: str
    title: str
    level: Level
    start: int
    end: int
    text: str
    reason: str
    source: tuple[str, ...]
    rewrite: str | None
    replace_start: int
    replace_end: int


@dataclass(frozen=True, slots=True)
class DraftBlank:
    """A blank at text[start:end] that nobody has filled in."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CheckedPromise:
    """A promise in a draft. due: when it would have to be kept, sent now; verdict: whether it may be given."""

    promise: Promise
    due: Due | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """What is wrong with a draft, what is not filled in, what it promises."""

    findings: tuple[Finding, ...] = ()
    blanks: tuple[DraftBlank, ...] = ()
    promises: tuple[CheckedPromise, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether the text should not be sent as it is."""
        return bool(self.blanks) or any(finding.level == "block" for finding in self.findings)


class DraftGuard:
    """The guard rules of a release, built once; used from many threads."""

    def __init__(self, content: Content) -> None:
        self._rules: list[GuardRule] = []
        patterns = []
        for rule in content.guard.values():
            for text in rule.patterns:
                patterns.append(parse(text, content.words))
                self._rules.append(rule)
        self._patterns = PatternSet(patterns)

    def check(
        self,
        text: str,
        shop: Shop,
        *,
        role: Authority = "agent",
        facts: Mapping[str, str | int] | None = None,
        now: datetime | None = None,
    ) -> DraftCheck:
        """Everything to know before sending `text` in this shop's name. Never raises, whatever the text.

        now: with time zone; when the promises would begin to run.
        """
        message = normalise(text)
        platform = str((facts or {}).get("平台", shop.platform))
        sent = now or datetime.now(UTC)
        promises = [(one, objection(one, sent, shop, role)) for one in find_promises(message)]
        findings = [
            *self.wording(message, platform),
            *_contradictions(message, shop),
            *_beyond_authority(message, shop, role),
            *(_objected(text, one, found) for one, found in promises if found is not None),
            *_personal(text, shop, platform),
        ]
        findings.sort(key=lambda finding: (finding.start, finding.level, finding.rule))
        limit = shop.authority.get(role, 0)
        checked = tuple(
            CheckedPromise(one, due_of(one, sent, shop), _verdict(one, found, limit))
            for one, found in promises
        )
        return DraftCheck(tuple(findings), tuple(blanks(text)), checked)

    def wording(self, message: Normalised, platform: str | None) -> Iterator[Finding]:
        """What the guard rules find, once per rule and sentence; platform None: the rules of all platforms."""
        text = message.text
        seen: set[tuple[str, int]] = set()
        for hit in self._patterns.find(text):
            rule = self._rules[hit.number]
            if rule.platforms and platform is not None and platform not in rule.platforms:
                continue
            first, last = sentence_at(text, hit.start, hit.end)
            if (rule.id, first) in seen or is_denied(text, hit.start, hit.end):
                continue
            seen.add((rule.id, first))
            place, whole = message.span(hit.start, hit.end), message.span(first, last)
            yield Finding(
                rule=rule.id,
                title=rule.title,
                level=rule.level,
                start=place.start,
                end=place.end,
                text=place.text,
                reason=rule.reason,
                source=rule.source,
                rewrite=rule.rewrite or None,
                replace_start=whole.start,
                replace_end=whole.end,
            )


def blanks(text: str) -> Iterator[DraftBlank]:
    """The blanks and template variables left in a text."""
    for found in _BLANK.finditer(text):
        yield DraftBlank((found[1] or found[2]).strip(), found.start(), found.end())


def _verdict(promise: Promise, found: Objection | None, limit: int) -> Verdict:
    if promise.kind == "compensate" and (promise.amount or 0) > limit:
        return "over_authority"
    return found.verdict if found is not None else "ok"


def _objected(text: str, promise: Promise, found: Objection) -> Finding:
    """A finding on the time of a promise."""
    start, end = promise.start, promise.end
    at = text.find(promise.by or "", start, end)
    if promise.by and at >= 0:
        start, end = at, at + len(promise.by)
    return Finding(
        rule="promise_past" if found.verdict == "already_past" else f"policy_{promise.kind}",
        title=found.title,
        level="warn",
        start=start,
        end=end,
        text=text[start:end],
        reason=found.reason,
        source=found.source,
        rewrite=found.rewrite or None,
        replace_start=start,
        replace_end=end,
    )


def _contradictions(message: Normalised, shop: Shop) -> Iterator[Finding]:
    """What clashes with the numbers of shop.yaml."""
    seen: set[int] = set()
    for clash in clashes(message.text, shop):
        if clash.start not in seen and not is_denied(message.text, clash.start, clash.end):
            seen.add(clash.start)
            yield _clash(message, clash)


def _clash(message: Normalised, clash: Clash) -> Finding:
    place = message.span(clash.start, clash.end)
    reason = f"店铺的承诺是{clash.shop_says}，说的和写的要一致。"
    if not clash.legal:
        reason = f"网购的无理由退货不能少于 7 天；店铺的承诺是{clash.shop_says}。"
    return Finding(
        rule=clash.rule,
        title="和店铺承诺不一致",
        level="block" if clash.rule == "policy_return_days" else "warn",
        start=place.start,
        end=place.end,
        text=place.text,
        reason=reason,
        source=("scripts_zh/shop.yaml",) if clash.legal else ("消费者权益保护法第二十五条",),
        rewrite=clash.right or None,
        replace_start=place.start,
        replace_end=place.end,
    )


def _beyond_authority(message: Normalised, shop: Shop, role: Authority) -> Iterator[Finding]:
    limit = shop.authority.get(role, 0)
    for amount in amounts(message.text):
        if amount.value <= limit or is_denied(message.text, amount.start, amount.end):
            continue
        place = message.span(amount.start, amount.end)
        whole = message.span(*sentence_at(message.text, amount.start, amount.end))
        yield Finding(
            rule="over_authority",
            title="超过能直接答应的金额",
            level="warn",
            start=place.start,
            end=place.end,
            text=place.text,
            reason=f"{spoken_amount(amount.value)}超过您能直接答应的 {limit} 元，先请{shop.lead_title}同意。",
            source=("scripts_zh/shop.yaml",),
            rewrite=f"补偿的事我去跟{shop.lead_title}申请，〔时限〕前回您。",
            replace_start=whole.start,
            replace_end=whole.end,
        )


def _personal(text: str, shop: Shop, platform: str) -> Iterator[Finding]:
    """Personal data that is not the shop's own."""
    own = _BARE.sub("", " ".join((shop.phone, shop.address, shop.policy.return_address)))
    for span, shape in find_personal(text):
        if _is_own(_BARE.sub("", span.text), own):
            continue
        level, reason = _privacy(text, span.start, shape, platform)
        if level is None:
            continue
        yield Finding(
            rule="personal_data",
            title="个人信息",
            level=level,
            start=span.start,
            end=span.end,
            text=span.text,
            reason=reason,
            source=_LAW,
            rewrite=None if shape.startswith("〔") else shape,
            replace_start=span.start,
            replace_end=span.end,
        )


def _is_own(found: str, own: str) -> bool:
    """Whether it stands in what the shop says of itself; an address may be found with a few words before it."""
    last = max(0, min(_WORDS_BEFORE, len(found) - _WORDS_BEFORE))
    return any(found[start:] in own for start in range(last + 1))


def _privacy(text: str, start: int, shape: str, platform: str) -> tuple[Level | None, str]:
    if shape in _SECRET or _CARD_BEFORE.search(text[:start]):
        return "block", "证件号、银行卡号不该出现在聊天里。"
    if shape in _CONTACT:
        return ("block", "在平台里留站外联系方式违反平台规则。") if platform in _MARKETS else (None, "")
    if _MOBILE.match(shape) or shape in _PRIVATE:
        return "warn", "电话、地址、姓名是个人信息，确认是不是一定要发、有没有发给对的人。"
    return None, ""
