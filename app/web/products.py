"""The page 「商品」: the list, one product with its size table, and lists from and to Excel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from app.accounts import allows
from app.errors import AppError, InvalidRequest
from app.nlu.slot_wear import DIMENSIONS
from app.products.form import WEARER, size_fields, values_from
from app.products.sheet import template
from app.store import audit
from app.store.people import Person
from app.web.answers import as_json
from app.web.deps import CurrentPerson, Services, ServicesDep, Trainer
from app.web.files import download
from app.web.schemas import ProductBriefOut
from app.web.workspace import workspace_page

HERE: Final = "/products"
PER_PAGE: Final = 50
SPARE_ROWS: Final = 3

router = APIRouter()
ProductId = Annotated[int, Path(ge=1, le=2_000_000_000)]
UploadId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{10,40}$")]


class ProductListOut(BaseModel):
    """Products found by their words, the closest first, 100 at most."""

    items: list[ProductBriefOut] = Field(description="最像的在前")


@router.get(
    "/api/v1/products", tags=["商品"], responses={200: {"model": ProductListOut}}, response_class=Response
)
async def search(
    services: ServicesDep,
    q: Annotated[str, Query(max_length=500, description="款号、名称、链接，写错一两个字也行")] = "",
    limit: Annotated[int, Query(ge=1, le=100, description="最多几款")] = 20,
) -> Response:
    """找商品。把款号作为 slots 里的「商品」交给 suggest，就按这一款答。"""
    found = await run_in_threadpool(services.products.current.find, q, limit)
    return as_json({"items": [{"code": product.code, "name": product.name} for product in found]})


@router.get(HERE, include_in_schema=False)
async def listing(
    request: Request,
    person: CurrentPerson,
    services: ServicesDep,
    q: Annotated[str, Query(max_length=500)] = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
    done: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """The products, a page of them, found by name, code or alias. done: what was just done, told on top."""
    goods = services.products.current
    found = await run_in_threadpool(goods.find, q, 200) if q.strip() else goods.products
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page, pages)
    return workspace_page(
        request, person, "products/list.html", here=HERE, q=q, page=page, pages=pages, total=len(goods), done=done,
        found=len(found), products=found[(page - 1) * PER_PAGE : page * PER_PAGE], edits=allows(person, "trainer"),
    )  # fmt: skip


@router.get(f"{HERE}/template.xlsx", include_in_schema=False)
async def download_template(_person: CurrentPerson) -> Response:
    """An empty workbook with the columns an import reads."""
    return download(await run_in_threadpool(template), "商品模板.xlsx")


@router.get(f"{HERE}/export.xlsx", include_in_schema=False)
async def export(person: Trainer, services: ServicesDep) -> Response:
    """All products as a workbook, for trainers; audited."""

    def read() -> bytes:
        audit.note(services.database, person.name, "products.exported")
        return services.products.export()

    return download(await run_in_threadpool(read), "商品.xlsx")


@router.post(f"{HERE}/import", include_in_schema=False, response_model=None)
async def upload(request: Request, person: Trainer, services: ServicesDep, file: UploadFile) -> Response:
    """A workbook is kept for two hours, to be looked at first; the page says why when it cannot be read."""
    data = await file.read()
    try:
        upload_id = await run_in_threadpool(services.products.upload, data, file.filename or "", person.name)
    except InvalidRequest as error:
        return _refused(request, person, services, error.detail)
    return RedirectResponse(f"{HERE}/import/{upload_id}", 303)


@router.get(f"{HERE}/import/{{upload_id}}", include_in_schema=False)
async def preview(
    request: Request, person: Trainer, services: ServicesDep, upload_id: UploadId
) -> HTMLResponse:
    """What an uploaded workbook would change. 404 once it is imported or two hours old."""
    plan = await run_in_threadpool(services.products.preview, upload_id)
    return workspace_page(request, person, "products/import.html", here=HERE, plan=plan)


@router.post(f"{HERE}/import/{{upload_id}}", include_in_schema=False, response_model=None)
async def confirm(request: Request, person: Trainer, services: ServicesDep, upload_id: UploadId) -> Response:
    """The uploaded workbook is imported whole, or without the rows that are wrong if asked to; audited."""
    skip = (await request.form()).get("skip") == "1"

    def store() -> str:
        plan = services.products.confirm(upload_id, person.name, skip_broken=skip)
        return f"导入好了：新增 {plan.new}，更新 {plan.changed}，没变 {plan.same}"

    try:
        done = await run_in_threadpool(store)
    except InvalidRequest as error:
        return _refused(request, person, services, error.detail)
    return _back(done)


@router.get(f"{HERE}/new", include_in_schema=False)
async def blank(request: Request, person: Trainer, services: ServicesDep) -> HTMLResponse:
    """The form of a new product."""
    return _form(request, person, services, None, {})


@router.get(f"{HERE}/{{product_id}}", include_in_schema=False)
async def show(
    request: Request, person: CurrentPerson, services: ServicesDep, product_id: ProductId
) -> HTMLResponse:
    """One product: a form for trainers, to be read by others. 404 when it is gone."""
    found = await run_in_threadpool(services.products.find, product_id)
    return _form(request, person, services, product_id, found.values)


@router.post(f"{HERE}/{{product_id}}/delete", include_in_schema=False)
async def remove(person: Trainer, services: ServicesDep, product_id: ProductId) -> RedirectResponse:
    """A product is deleted; audited."""
    await run_in_threadpool(services.products.remove, product_id, person.name)
    return _back("删掉了一款商品")


@router.post(f"{HERE}/{{product_id}}", include_in_schema=False, response_model=None)
async def save(
    request: Request,
    person: Trainer,
    services: ServicesDep,
    product_id: Annotated[str, Path(pattern=r"^(new|[0-9]{1,9})$")],
) -> Response:
    """A product is kept, new or changed; the form again, as typed, when something is wrong with it."""
    form = _texts(await request.form())
    number = None if product_id == "new" else int(product_id)
    values, problems = values_from(form)
    if not problems:
        try:
            await run_in_threadpool(services.products.save, number, values, person.name)
            return _back(f"「{values['name'][:20]}」存好了")
        except AppError as error:
            if error.status >= 500:
                raise
            problems = [error.detail]
    return _form(request, person, services, number, values, problems, status=422)


def _form(
    request: Request, person: Person, services: Services, number: int | None, values: Mapping[str, Any],
    problems: list[str] | None = None, *, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    assistant = services.live.current
    edits = allows(person, "trainer")
    sizes = [size_fields(size) for size in values.get("sizes", ())] + [{}] * (SPARE_ROWS if edits else 0)
    return workspace_page(
        request, person, "products/edit.html", here=HERE, status=status, number=number, values=values, sizes=sizes,
        columns=("尺码", *WEARER, *DIMENSIONS), problems=problems or [], edits=edits,
        shops=tuple(assistant.content.shops.values()) if assistant is not None else (),
    )  # fmt: skip


def _texts(form: FormData) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def _refused(request: Request, person: Person, services: Services, problem: str) -> HTMLResponse:
    goods = services.products.current
    return workspace_page(
        request, person, "products/list.html", here=HERE, status=422, q="", page=1, pages=1, total=len(goods), done="",
        found=len(goods), products=goods.products[:PER_PAGE], edits=True, problem=problem,
    )  # fmt: skip


def _back(done: str) -> RedirectResponse:
    return RedirectResponse(f"{HERE}?done={quote(done)}", 303)
