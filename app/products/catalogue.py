"""The shop's products: kept in the database, held in memory for every message, imported whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.background import Repeating
from app.errors import Conflict, InvalidRequest, NotFound, StoreUnavailable
from app.products.sheet import MAX_PRODUCTS, Line, Listed, RowError, read_products, write_products
from app.reply.goods import Goods, Product, Size
from app.store import audit
from app.store import products as rows
from app.store.database import Database
from app.store.products import Stored, Upload

_EVERY: Final = 1.0
_GONE: Final = "这次上传已经导入过，或者放得太久了，请重新上传"
_TEXTS: Final = ("shop", "code", "name", "category", "fabric", "care", "colours", "notes")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an uploaded list would do. broken: how many of its products have errors."""

    upload: str
    file: str
    new: int
    changed: int
    same: int
    broken: int
    errors: tuple[RowError, ...]
    names: tuple[str, ...] = field(default=())

    @property
    def does_nothing(self) -> bool:
        """Whether importing would leave everything as it is."""
        return not (self.new or self.changed)


class Products:
    """The products of a database. `current` is the index in memory, at most seconds old on every replica."""

    def __init__(self, database: Database, shops: Callable[[], Iterable[str]]) -> None:
        """shops: the ids of the shops being served."""
        self._database = database
        self._shops = shops
        self._version = ""
        self.current = Goods(())
        self._repeating = Repeating("products", _EVERY, self.refresh)

    def start(self) -> None:
        """Read the products, then look for newer ones in the background."""
        self.refresh()
        self._repeating.start()

    def stop(self) -> None:
        """End that, after the round that is running."""
        self._repeating.stop()

    def refresh(self) -> None:
        """Read the products if they have changed; while the database is away the last ones stay."""
        try:
            with self._database.read() as session:
                version = rows.version(session)
                if version == self._version:
                    return
                stored = rows.every(session)
        except StoreUnavailable:
            return
        self.current = Goods(as_product(each) for each in stored)
        self._version = version

    def find(self, product_id: int) -> Stored:
        """Raises NotFound, StoreUnavailable."""
        with self._database.read() as session:
            found = rows.find(session, product_id)
        if found is None:
            raise NotFound("没有这款商品，可能刚被删掉")
        return found

    def export(self) -> bytes:
        """All products as a workbook. Raises StoreUnavailable."""
        with self._database.read() as session:
            return write_products(each.values for each in rows.every(session))

    def save(self, product_id: int | None, values: Mapping[str, Any], who: str) -> None:
        """Store one product, new when product_id is None. Raises Conflict when another has its number, NotFound."""
        if values["shop"] and values["shop"] not in set(self._shops()):
            raise InvalidRequest(f"没有「{values['shop']}」这个店铺")
        with self._database.write() as session:
            rows.change(session)
            stored = rows.every(session)
            before = next((each for each in stored if each.id == product_id), None)
            if product_id is not None and before is None:
                raise NotFound("没有这款商品，可能刚被删掉")
            key = (values["shop"], values["code"])
            if any(
                (each.values["shop"], each.values["code"]) == key and each.id != product_id for each in stored
            ):
                raise Conflict(f"已经有款号「{values['code']}」的商品了")
            if before is not None and (before.values["shop"], before.values["code"]) != key:
                rows.remove(session, before.id)
            rows.put(session, [values], who)
            audit.record(session, who, "product.saved", code=values["code"], shop=values["shop"])
        self.refresh()

    def remove(self, product_id: int, who: str) -> None:
        """Doing it twice is fine. Raises StoreUnavailable."""
        with self._database.write() as session:
            found = rows.find(session, product_id)
            if found is not None:
                rows.change(session)
                rows.remove(session, product_id)
                audit.record(
                    session, who, "product.removed", code=found.values["code"], shop=found.values["shop"]
                )
        self.refresh()

    def upload(self, data: bytes, file: str, who: str) -> str:
        """Keep an uploaded list for two hours; returns its id. Raises InvalidRequest when it is no product list."""
        read_products(data, self._shops())
        with self._database.write() as session:
            return rows.keep_upload(session, who, file, data)

    def preview(self, upload_id: str) -> Plan:
        """What confirming would do now. Raises NotFound when the upload has been used or is too old."""
        upload = self._find_upload(upload_id)
        listed = read_products(upload.data, self._shops())
        with self._database.read() as session:
            return self._plan(upload_id, upload.name, listed, _by_key(rows.every(session)))[0]

    def confirm(self, upload_id: str, who: str, *, skip_broken: bool) -> Plan:
        """Store an uploaded list, all of it or, with skip_broken, what is without errors.

        Raises InvalidRequest when there are errors not to be skipped or too many products, NotFound.
        """
        upload = self._find_upload(upload_id)
        listed = read_products(upload.data, self._shops())
        with self._database.write() as session:
            rows.change(session)
            if not rows.forget_upload(session, upload_id):
                raise NotFound(_GONE)
            stored = _by_key(rows.every(session))
            plan, values = self._plan(upload_id, upload.name, listed, stored)
            if plan.errors and not skip_broken:
                raise InvalidRequest(f"还有 {len(plan.errors)} 处有错，改好再上传，现在一行都没有导入")
            if len(stored) + plan.new > MAX_PRODUCTS:
                raise InvalidRequest(f"商品最多 {MAX_PRODUCTS} 款，这次没有导入")
            rows.put(session, values, who)
            audit.record(
                session, who, "products.imported", new=plan.new, changed=plan.changed, skipped=plan.broken
            )
        self.refresh()
        return plan

    def _find_upload(self, upload_id: str) -> Upload:
        with self._database.read() as session:
            upload = rows.find_upload(session, upload_id)
        if upload is None:
            raise NotFound(_GONE)
        return upload

    def _plan(
        self, upload_id: str, file: str, listed: Listed, stored: Mapping[tuple[str, str], Stored]
    ) -> tuple[Plan, list[Mapping[str, Any]]]:
        new = changed = same = 0
        values: list[Mapping[str, Any]] = []
        names: list[str] = []
        for line in listed.lines:
            if line.broken:
                continue
            before = stored.get((line.values["shop"], line.values["code"]))
            after = _merged(before, line)
            if before is None:
                new += 1
            elif dict(before.values) == after:
                same += 1
                continue
            else:
                changed += 1
                names.append(f"{after['code']} {after['name']}")
            values.append(after)
        broken = sum(line.broken for line in listed.lines)
        return Plan(
            upload_id, file, new, changed, same, broken, tuple(listed.errors), tuple(names[:20])
        ), values


def as_product(stored: Stored) -> Product:
    """A stored product as messages look for it."""
    values = stored.values
    sizes = tuple(
        Size(size["name"], {name: (ends[0], ends[1]) for name, ends in size["fits"].items()}, size["cm"])
        for size in values["sizes"]
    )
    return Product(
        id=stored.id,
        aliases=tuple(values["aliases"]),
        links=tuple(values["links"]),
        sizes=sizes,
        **{name: values[name] for name in _TEXTS},
    )


def _by_key(stored: Iterable[Stored]) -> dict[tuple[str, str], Stored]:
    return {(each.values["shop"], each.values["code"]): each for each in stored}


def _merged(before: Stored | None, line: Line) -> dict[str, Any]:
    """A line over what is stored; what the line does not speak of stays."""
    blank: dict[str, Any] = {**dict.fromkeys(_TEXTS, ""), "aliases": [], "links": [], "sizes": []}
    after = {**blank, **(before.values if before is not None else {}), **line.values}
    if line.sizes is not None:
        after["sizes"] = line.sizes
    return after
