"""The page 「账号」: people, tokens of programs, and who did what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from app import accounts, company, privacy, tokens
from app.accounts import ROLE_NAMES, ROLES
from app.errors import AppError, UsageError
from app.store import audit, people
from app.store import company as company_accounts
from app.store import tokens as stored_tokens
from app.store.database import Database
from app.store.people import Person
from app.store.tokens import ApiToken
from app.web.deps import Admin, DatabaseDep, ServicesDep, services_of
from app.web.files import download
from app.web.workspace import workspace_page

PATH: Final = "/access"
_NEWEST: Final = 200
_DAYS: Final = {"": None, "30": 30, "90": 90, "365": 365}

router = APIRouter(prefix=PATH, include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]


@router.get("")
async def show(
    request: Request,
    admin: Admin,
    database: DatabaseDep,
    customer: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """What an admin manages, and what is stored about a customer if one is asked for."""
    stored = await run_in_threadpool(privacy.look_up, database, customer) if customer.strip() else None
    return await _page(request, admin, database, stored=stored)


@router.post("/people")
async def add_person(
    request: Request,
    admin: Admin,
    database: DatabaseDep,
    services: ServicesDep,
    name: Text = "",
    role: Text = "",
    login: Text = "",
) -> HTMLResponse:
    """An account is made; its one-time link is shown on the page, once."""

    def add() -> str:
        if role not in ROLES:
            raise UsageError("请选一个角色")
        if login.strip():
            issuer = company.issuer_of(services.settings)
            return company.add_expected(database, name, role, issuer, login, by=admin.name)
        return accounts.add_person(database, name, role, by=admin.name)

    return await _done(request, admin, database, add, f"{name.strip()} 的登录链接", link=True)


@router.post("/people/company")
async def set_company(
    request: Request,
    admin: Admin,
    database: DatabaseDep,
    services: ServicesDep,
    name: Text = "",
    login: Text = "",
) -> HTMLResponse:
    """This company account opens this person's account from now on, instead of the one that did before."""

    def expect() -> None:
        company.expect(database, company.issuer_of(services.settings), name, login, by=admin.name)

    words = f"{name} 以后可以用公司账号 {login.strip()} 登录"
    return await _done(request, admin, database, expect, words)


@router.post("/people/link")
async def new_link(request: Request, admin: Admin, database: DatabaseDep, name: Text = "") -> HTMLResponse:
    """Another one-time link for a person, shown on the page, once."""

    def make() -> str:
        return accounts.new_link(database, name, by=admin.name)

    return await _done(request, admin, database, make, f"{name} 的登录链接", link=True)


@router.post("/people/disable")
async def disable(request: Request, admin: Admin, database: DatabaseDep, name: Text = "") -> HTMLResponse:
    """A person may not sign in any more; open sessions end."""

    def end() -> None:
        if name == admin.name:
            raise UsageError("不能停用自己，请让另一位管理员来做")
        accounts.disable(database, name, by=admin.name)

    return await _done(request, admin, database, end, f"已停用 {name}，所有登录都已退出")


@router.post("/tokens")
async def add_token(
    request: Request,
    admin: Admin,
    database: DatabaseDep,
    name: Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Text = "",
) -> HTMLResponse:
    """A token for a program; it is shown on the page, once. days: of the choices on the page, none for ever."""

    def issue() -> str:
        lifetime = _DAYS.get(days)
        return tokens.issue(
            database,
            name,
            scopes or (),
            by=admin.name,
            lifetime=timedelta(days=lifetime) if lifetime else None,
        )

    return await _done(request, admin, database, issue, f"{name.strip()} 的接口令牌")


@router.post("/tokens/revoke")
async def revoke(request: Request, admin: Admin, database: DatabaseDep, name: Text = "") -> HTMLResponse:
    """A token opens nothing from now on."""

    def end() -> None:
        tokens.revoke(database, name, by=admin.name)

    return await _done(request, admin, database, end, f"已停用接口令牌 {name}")


@router.post("/customers/export")
async def export_customer(admin: Admin, database: DatabaseDep, customer: Text = "") -> Response:
    """All that is stored about a customer as a ZIP, unmasked; audited. 404 when there is nothing."""
    packed = await run_in_threadpool(privacy.export, database, customer, by=admin.name)
    return download(packed, "customer.zip")


@router.post("/customers/erase")
async def erase_customer(
    request: Request, admin: Admin, database: DatabaseDep, customer: Text = ""
) -> HTMLResponse:
    """All that is stored about a customer is deleted; refused while a case is open."""

    def erase() -> None:
        privacy.erase(database, customer, by=admin.name)

    return await _done(request, admin, database, erase, "已删除这位顾客的全部记录")


async def _done(
    request: Request,
    admin: Person,
    database: Database,
    work: Callable[[], str | None],
    words: str,
    *,
    link: bool = False,
) -> HTMLResponse:
    """The page again, with what came of it: a secret that is shown this once, or why nothing was done."""
    try:
        made = await run_in_threadpool(work)
    except AppError as error:
        if error.status >= 500:
            raise
        return await _page(request, admin, database, problem=error.detail, status=error.status)
    secret = f"{str(request.base_url).rstrip('/')}/sign-in/{made}" if link else made
    return await _page(request, admin, database, notice=words, secret=secret)


async def _page(
    request: Request,
    admin: Person,
    database: Database,
    *,
    notice: str = "",
    secret: str | None = None,
    problem: str = "",
    stored: privacy.Stored | None = None,
    status: int = 200,
) -> HTMLResponse:
    everybody, logins, programs, entries = await run_in_threadpool(_read, database)
    return workspace_page(
        request,
        admin,
        "access.html",
        here=PATH,
        status=status,
        people=everybody,
        logins=logins,
        has_company=services_of(request).company is not None,
        programs=programs,
        audit_entries=[(entry, told(entry.what)) for entry in entries],
        roles=ROLE_NAMES,
        scopes=tokens.SCOPES,
        notice=notice,
        secret=secret,
        problem=problem,
        stored=stored,
    )


def _read(
    database: Database,
) -> tuple[list[people.Account], dict[int, str], list[ApiToken], list[audit.AuditEntry]]:
    with database.read() as session:
        everybody = people.everybody(session)
        logins = company_accounts.logins(session)
        return everybody, logins, stored_tokens.everything(session), audit.latest(session, _NEWEST)


def told(what: str) -> str:
    """What an entry of the audit log is called on the page."""
    return _TOLD.get(what, what)


_TOLD: Final = {
    "person.added": "新建账号",
    "person.link": "发登录链接",
    "person.disabled": "停用账号",
    "person.signed_in": "登录",
    "person.company": "设公司账号",
    "person.role": "公司账号的角色变了",
    "person.refused": "公司账号没让进",
    "token.added": "新建接口令牌",
    "token.revoked": "停用接口令牌",
    "release.published": "发布",
    "case.opened": "登记投诉",
    "case.changed": "改登记表",
    "case.taken_over": "接手登记表",
    "case.withdrawn": "作废登记表",
    "case.photo_added": "加证据照片",
    "case.photo_removed": "删证据照片",
    "case.printed": "打印登记表",
    "case.exported": "导出登记表",
    "case.appeal_exported": "导出申诉材料",
    "cases.exported": "导出一批登记表",
    "register.exported": "导出登记",
    "handover.left": "留下交接",
    "handover.taken": "接手交接",
    "handover.done": "办完交接",
    "vip.added": "加 VIP",
    "vip.removed": "移出 VIP",
    "vip.called": "回访 VIP",
    "quality.settled": "处理质量通知",
    "customer.exported": "导出顾客数据",
    "customer.erased": "删除顾客数据",
    "conversations.forgotten": "自动删除旧会话",
    "images.forgotten": "自动删除没人用的图片",
    "own_script.added": "存自己的话术",
    "own_script.changed": "改自己的话术",
    "own_script.removed": "删自己或团队的话术",
    "own_script.moved": "把自己的话术放进公司草稿",
    "person.signed_out": "退出登录",
    "conversation.opened": "打开别人的会话",
    "conversation.changed": "改会话的名字、备注或结束",
    "conversation.given": "填会话里知道的事",
    "turn.undone": "撤销一句话",
    "risk.marked": "标风险",
    "alert.seen": "看过提醒",
    "evidence.ticked": "勾证据",
    "promise.changed": "改承诺",
    "clock.started": "开始计时",
    "clock.stopped": "停止计时",
    "channel.added": "新建渠道",
    "channel.changed": "改渠道",
    "channel.removed": "删除渠道",
    "channel.resumed": "渠道恢复发送",
    "channel.rotated": "换渠道密钥",
    "channel.stopped": "渠道停止发送",
    "product.saved": "改商品",
    "product.removed": "删除商品",
    "products.imported": "导入商品",
    "products.exported": "导出商品",
    "studio.clash_settled": "解决话术冲突",
    "studio.discarded": "放弃草稿",
    "studio.gate_overridden": "越过考试发布",
    "studio.golden_added": "加考题",
    "studio.golden_removed": "删考题",
    "studio.imported": "导入话术",
    "studio.exported": "导出话术",
    "studio.health_exported": "导出话术库健康",
    "studio.taught": "教会一句话",
    "studio.trial_started": "开始话术对比",
    "studio.trial_ended": "结束话术对比",
    "studio.not_taught": "不教这句话",
    "studio.teaching_undone": "撤回教过的话",
    "studio.review_asked": "请人复核",
    "studio.reviewed": "复核",
    "studio.review_setting": "改复核设置",
}
