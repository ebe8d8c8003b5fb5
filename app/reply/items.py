"""Which goods a link or a card points at: the platform's number in the address, or a short link as it is given.

Forms of address (as seen in the platforms' own share texts): item.taobao.com and detail.tmall.com `item.htm?id=`,
h5.m.taobao.com `detail.htm?id=`, a.m.taobao.com `/i<id>.htm`, item.jd.com and item.m.jd.com `/<id>.html`,
haohuo.jinritemai.com `?id=` (Douyin), mobile.yangkeduo.com `goods.html?goods_id=` (Pinduoduo).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from app import regex as re
from app.types import Slot

LINK_SLOT: Final = "商品链接"
CODE_SLOT: Final = "款号"
TITLE_SLOT: Final = "商品标题"
GOODS_TYPES: Final = frozenset({"link", "product", "item", "goods"})
MAX_LINKS: Final = 5
_ADDRESS: Final = re.compile(
    r"(?:https?://|(?<![\w.@])(?:[a-z0-9-]{1,40}\.){1,4}(?:com|cn|hk|net)/)[^\s，。；！？、）)】\]」』<>\"'\u4e00-\u9fff]{1,500}",
    re.IGNORECASE,
)
_PLATFORMS: Final = (
    ("淘宝", ("taobao.com", "tmall.com", "tmall.hk", "liangxinyao.com")),
    ("京东", ("jd.com", "jd.hk")),
    ("抖音", ("jinritemai.com", "douyin.com")),
    ("拼多多", ("yangkeduo.com", "pinduoduo.com")),
)
_SHORT: Final = (
    "tb.cn",
    "3.cn",
    "u.jd.com",
    "v.douyin.com",
    "p.pinduoduo.com",
    "iesdouyin.com",
    "s.click.taobao.com",
)
_KEYS: Final = ("id", "itemid", "item_id", "goods_id", "goodsid", "product_id", "productid", "sku", "wareid")
_IN_PATH: Final = re.compile(r"/(?:i|product/|goods/|item/)?([0-9]{5,20})(?:\.html?|/|$)")
_CODE: Final = re.compile(
    r"(?:款号|货号|商品编[码号]|编码|型号)[:：是为\s]{0,3}(?P<named>[A-Za-z0-9][A-Za-z0-9_-]{1,29})"
    r"|(?<![A-Za-z0-9./_#-])(?P<bare>[A-Za-z]{1,5}-?[0-9]{2,10}[A-Za-z]{0,2})(?![A-Za-z0-9./_-])"
)


def item_key(address: str) -> str:
    """「淘宝:612345678901」 for a product's page, else the address without its scheme and, for short links, without its query.

    Empty when it is no address.
    """
    address = address.strip()
    if not _ADDRESS.fullmatch(address):
        return ""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    if not host:
        return ""
    if _is_of(host, _SHORT):
        return f"{host}{parts.path.rstrip('/')}"
    number = _number(parts.query, parts.path) or _number(parts.fragment.partition("?")[2], "")
    platform = next((name for name, hosts in _PLATFORMS if _is_of(host, hosts)), None)
    if platform is not None and number:
        return f"{platform}:{number}"
    return f"{host}{parts.path.rstrip('/')}" + (f"?{number}" if number else "")


def item_slots(text: str) -> tuple[Slot, ...]:
    """商品链接 and 款号 of a received text, with their places in it."""
    found: list[Slot] = []
    taken: list[tuple[int, int]] = []
    if "." in text and "/" in text:
        for match in list(_ADDRESS.finditer(text))[:MAX_LINKS]:
            taken.append(match.span())
            if key := item_key(match[0]):
                found.append(Slot(LINK_SLOT, key, match.start(), match.end()))
    for match in _CODE.finditer(text):
        start, end = match.span(match.lastgroup or "bare")
        if not any(left <= start < right for left, right in taken):
            found.append(Slot(CODE_SLOT, text[start:end].upper(), start, end))
    return tuple(found[: 2 * MAX_LINKS])


def attached_items(attachments: Iterable[Mapping[str, str]]) -> tuple[Slot, ...]:
    """商品链接, 款号 and 商品标题 of the cards that came with a message."""
    found: list[Slot] = []
    for attachment in attachments:
        if attachment.get("type") not in GOODS_TYPES:
            continue
        if key := item_key(attachment.get("url", "")):
            found.append(Slot(LINK_SLOT, key, origin="channel"))
        if name := attachment.get("name", "").strip():
            found += [Slot(slot.name, slot.value, origin="channel") for slot in item_slots(name)]
            found.append(Slot(TITLE_SLOT, name[:200], origin="channel"))
    return tuple(found)


def _is_of(host: str, names: Iterable[str]) -> bool:
    return any(host == name or host.endswith("." + name) for name in names)


def _number(query: str, path: str) -> str:
    given = {
        name.lower(): value
        for name, value in parse_qsl(query)
        if value.isascii() and value.isdigit() and len(value) <= 24
    }
    named = next((given[name] for name in _KEYS if name in given), "")
    if named:
        return named
    in_path = _IN_PATH.search(path)
    return in_path[1] if in_path else ""
