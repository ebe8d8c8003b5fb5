"""What the marks that chat tools put into a text stand for: pictures, stickers, links, cards, recalled messages.

The text that is analysed keeps the length of the text received, so that every offset stays true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from re import Match
from typing import Final

from app import regex as re
from app.types import Turn
from app.values import frozen

PICTURE: Final = "[图片]"
VIDEO: Final = "[视频]"
FILE: Final = "[文件]"
LINK: Final = "[链接]"

_MARKS: Final = re.compile(r"[\[【<（(]([^\[\]【】<>（）()\n]{1,24})[\]】>）)]")
_LINK: Final = re.compile(r"(?:https?://|www\.)[^\s，。；！？、）)】\]\u4e00-\u9fff]+", re.IGNORECASE)
_RECALL: Final = re.compile(
    r"^\s*[\[【(（]?\s*(?:\S{1,20}?\s*)?(?:撤回了?一条消息|(?:此|该|这条)?消息已(?:被)?(?:撤回|收回)|收回了一[則则条]訊息"
    r"|recalled a message)[\s。，,]*(?:重新编辑)?\s*[\]】)）]?\s*$"
)
_LOOKS: Final = re.compile(r"[\[【<（(]|://|www\.|撤回|收回")
_SEEN: Final = {
    PICTURE: "图片|照片|图像|相片|截图|image|img|photo|picture|pic|圖片|相片",
    VIDEO: "视频|小视频|短视频|video|影片|視頻",
    FILE: "文件|file|pdf|文档|檔案",
    LINK: "链接|商品链接|宝贝链接|商品|商品卡片|宝贝|宝贝卡片|卡片|小程序|网页|鏈接|link|店铺|位置|定位",
    "": "语音|语音消息|voice|audio|語音|通话|语音通话|视频通话|电话|红包|转账|名片|表情|动画表情|表情包|贴图|sticker|emoji|gif|動畫表情|聊天记录|转发消息|合并转发|未知消息|暂不支持的消息类型|不支持的消息|系统消息|自动回复",
}
_SEEN_WORDS: Final = {word: mark for mark, words in _SEEN.items() for word in words.split("|")}
_CARD: Final = re.compile(
    r"^(?:订单|訂單|商品|宝贝|查看订单|我的订单|order)(?:卡片|信息|消息|编?号)?(?:[:：\s]|$)", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"\s*\d{0,3}(?:\.(?:jpe?g|png|gif|mp4|heic))?$", re.IGNORECASE)
_FACE_WORDS: Final = (
    "微笑 撇嘴 色 发呆 得意 流泪 害羞 闭嘴 睡 大哭 尴尬 发怒 调皮 呲牙 惊讶 难过 酷 冷汗 抓狂 吐 偷笑 可爱 愉快 白眼 傲慢 饥饿 困 惊恐"
    " 流汗 憨笑 大兵 悠闲 奋斗 咒骂 疑问 嘘 晕 折磨 疯了 衰 骷髅 敲打 再见 擦汗 抠鼻 鼓掌 糗大了 坏笑 左哼哼 右哼哼 哈欠 鄙视 委屈 快哭了"
    " 阴险 亲亲 吓 可怜 菜刀 西瓜 啤酒 篮球 乒乓 咖啡 饭 猪头 玫瑰 凋谢 示爱 嘴唇 爱心 心碎 蛋糕 闪电 炸弹 刀 足球 瓢虫 便便 月亮 太阳 礼物 拥抱"
    " 强 弱 握手 胜利 抱拳 勾引 拳头 差劲 爱你 NO OK 爱情 飞吻 跳跳 发抖 怄火 转圈 磕头 回头 跳绳 投降 激动 街舞 献吻 左太极 右太极 捂脸 奸笑"
    " 机智 皱眉 耶 吃瓜 加油 汗 天啊 社会社会 旺柴 好的 打脸 哇 翻白眼 666 让我看看 叹气 苦涩 裂开 嘿哈 囧 笑哭 笑脸 生病 破涕为笑 恐惧 脸红"
    " 无语 失望 满脸无语 合十 庆祝 礼物 红包 發 福 烟花 爆竹 猪 嘴 合掌 比心 心 赞 花 送花 玫瑰花 感谢 谢谢 大笑 呆 哭 笑 怒 怒骂 嘻嘻 哈哈 泪 黑线"
    " 思考 哼 鼓掌 威武 给力 泪奔 憧憬 酷拽 石化 吐血 小鼓掌 爱慕 绝望的凝视 灵机一动 尬笑 送心 惊喜 舔屏 做鬼脸 捂嘴笑 大金牙 一起加油 熊吉"
)
_FACES: Final = frozenset(_FACE_WORDS.split())
_EMOJI: Final = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u200d\ufe0f\u20e3\U000e0020-\U000e007f]+"
)
# a thumb up alone says 好
_AGREES: Final = re.compile(
    "\\s*(?:(?:[👌🆗👍🤝🙏][\U0001f3fb-\U0001f3ff]?|[\\[【](?:好的|ok|强|赞|握手)[\\]】])\\s*)+",
    re.IGNORECASE,
)
_SAYS: Final = re.compile(r"[^\W_]")

# attachment type -> how it reads in a text
_ATTACHED: Final[dict[str, str]] = {
    "image": PICTURE,
    "picture": PICTURE,
    "photo": PICTURE,
    "video": VIDEO,
    "file": FILE,
    "link": LINK,
    "product": LINK,
}
ORDER_TYPES: Final = frozenset({"order", "order_card"})
RECALL_TYPES: Final = frozenset({"recall", "recalled"})


@frozen
class Received:
    """A text as it is to be understood. says: whether anything is said or shown; recalls: it only tells of a recall."""

    text: str
    says: bool = True
    recalls: bool = False


def receive(text: str) -> Received:
    """What a received text means, at the same offsets. Never raises."""
    if _AGREES.fullmatch(text):
        return Received("好".ljust(len(text)))
    if _LOOKS.search(text) is None:
        return Received(text, _says(text))
    if is_recall(text):
        return Received(" " * len(text), says=False, recalls=True)
    read = _MARKS.sub(_mark, _LINK.sub(_link, text))
    return Received(read, _says(read))


def is_recall(text: str) -> bool:
    """Whether a text is the note that a message was taken back (「对方撤回了一条消息」)."""
    return len(text) < 60 and _RECALL.match(text) is not None


def attached(attachments: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """How attachments read, each like a message of its own; what says nothing (a sticker) is left out."""
    found: list[str] = []
    for attachment in attachments:
        kind, name = attachment.get("type", ""), attachment.get("name", "")
        if kind in ORDER_TYPES:
            found.append(f"订单号 {name}" if name else LINK)
        elif kind in _ATTACHED:
            found.append(_ATTACHED[kind])
    return tuple(dict.fromkeys(found))


def without_recalled(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns without what was taken back; a note of a recall stays as a turn that says nothing.

    A recall means the message it names, else the same side's latest.
    """
    if not any(_recalls(turn) for turn in turns):
        return tuple(turns)
    kept: list[Turn] = []
    for turn in turns:
        if not _recalls(turn):
            kept.append(turn)
            continue
        named = _named(turn)
        for index in range(len(kept) - 1, -1, -1):
            before = kept[index]
            if before.message_id in named if named else (before.role == turn.role and before.text):
                del kept[index]
                break
        if turn.role == "customer":
            kept.append(replace(turn, text="", attachments=()))
    return tuple(kept)


def recalls(text: str, attachments: Iterable[Mapping[str, str]]) -> bool:
    """Whether a message only takes another one back."""
    if any(attachment.get("type") in RECALL_TYPES for attachment in attachments):
        return True
    return ("回" in text or "recalled" in text) and is_recall(text)


def _recalls(turn: Turn) -> bool:
    return recalls(turn.text, turn.attachments)


def _named(turn: Turn) -> frozenset[str]:
    found = (attachment for attachment in turn.attachments if attachment.get("type") in RECALL_TYPES)
    return frozenset(attachment["name"] for attachment in found if attachment.get("name"))


def _mark(found: Match[str]) -> str:
    """A mark as its one spelling, a sticker as spaces, anything else as it is; always as long as before."""
    whole, name = found[0], found[1].strip()
    square = whole[0] in "[【"
    mark = _SEEN_WORDS.get(_NUMBERED.sub("", name).lower())
    if mark in (PICTURE, VIDEO) or (mark is not None and square):
        return mark.ljust(len(whole)) if len(mark) <= len(whole) else whole
    if not square:
        return whole
    if name in _FACES:
        return " " * len(whole)
    return f" {found[1]} " if _CARD.match(name) else whole


def _link(found: Match[str]) -> str:
    return LINK.ljust(len(found[0]))


def _says(text: str) -> bool:
    if _SAYS.search(text) is None and _EMOJI.search(text) is None:
        return any(mark in text for mark in "?？!！。.…")
    return _SAYS.search(_EMOJI.sub("", text)) is not None
