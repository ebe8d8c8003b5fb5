"""The web application, put together. Nothing is opened before it starts."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool

from app.accounts import Sessions, any_account
from app.assist import Assistant
from app.channels.manage import protect
from app.channels.service import Channels
from app.company import company_of
from app.config import Settings
from app.content.packs import restrict
from app.conversations import Conversations
from app.errors import UsageError
from app.feedback import Ratings
from app.limits import Limiter
from app.models import Forgetting
from app.nlu.engine import Engine
from app.orders import Orders
from app.outbound import Outbound
from app.privacy import Retention
from app.products.catalogue import Products
from app.releases import Live, LoadedRelease, seed
from app.store.database import Database
from app.store.vault import Vault
from app.studio.health import Health
from app.studio.learning import Learning
from app.studio.outside import Outside
from app.studio.pictures import Tidying
from app.studio.trials import Trials
from app.studio.workshop import Workshop
from app.tokens import Programs
from app.training import Trainer, train_outside
from app.usage import Views
from app.web import (
    access,
    alerts,
    api,
    auth,
    case_pages,
    cases,
    channel_api,
    channels,
    company,
    conversations,
    desk,
    drafts,
    events,
    evidence,
    health,
    hooks,
    images,
    learning,
    library,
    library_health,
    mcp,
    metrics,
    own,
    pages,
    panel,
    privacy,
    problems,
    products,
    promises,
    register_pages,
    registers,
    replies,
    studio,
    studio_pages,
    toolbar,
    trials,
)
from app.web.conversation_answers import answering, consulting
from app.web.deps import Services, current_person
from app.web.guard import Guard
from app.web.measure import Measured, Metrics
from app.web.openapi import ABOUT, TAGS, Application
from app.web.quick import Quick

_log = logging.getLogger(__name__)

_PLAIN: Final[dict[str, Any]] = {"telemetry": {"tracing": False, "metrics": False, "logs": False}}
"""Newer versions of FastAPI would look for a tracing library's settings at every request; `/metrics` has the figures."""

Build = Callable[[LoadedRelease], Assistant]

_PUBLIC: Final = (health, company, auth, pages, hooks)
_SIGNED_IN: Final = (
    panel,
    access,
    alerts,
    api,
    cases,
    case_pages,
    registers,
    register_pages,
    conversations,
    replies,
    drafts,
    mcp,
    metrics,
    privacy,
    products,
    desk,
    promises,
    channels,
    channel_api,
    events,
    studio,
    studio_pages,
    images,
    own,
    learning,
    library,
    library_health,
    trials,
    evidence,
    toolbar,
)
"""Modules with a `router` each: open to everybody, and open to who is signed in."""


def create_app(
    settings: Settings,
    *,
    content: Path | None = None,
    trainer: Trainer = train_outside,
    build: Build | None = None,
) -> FastAPI:
    """The application for these settings.

    content: where the first release comes from on an empty database. build: makes the assistant of a release.
    Raises UsageError when sign-in is off although other machines could reach the address, and for settings of company
    accounts that cannot work.
    """
    if settings.auth == "off" and not settings.is_local:
        raise UsageError("HUASHU_AUTH=off 只能监听本机地址，例如 --host 127.0.0.1")
    services = _services(settings, build or _Builder(settings.pack_list()), trainer)
    app = Application(
        title="话术助手",
        version="1",
        description=ABOUT,
        openapi_tags=TAGS,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(services, content, trainer),
        **_PLAIN,
    )
    app.told = tuple(module.router for module in _SIGNED_IN)
    app.state.services = services
    app.add_middleware(Quick, services=services)
    app.add_middleware(Guard, settings=settings, has_accounts=lambda: any_account(services.database))
    app.add_middleware(Measured, metrics=services.metrics)
    problems.install(app)
    # looked through in this order: what is asked most comes first
    for signed_in in sorted(_SIGNED_IN, key=lambda module: module is not api):
        app.include_router(
            signed_in.router, dependencies=[Depends(current_person)], responses=problems.RESPONSES
        )
    for public in _PUBLIC:
        app.include_router(public.router)
    return app


def _services(settings: Settings, build: Build, trainer: Trainer) -> Services:
    database = Database(settings.database_address(), Vault(settings.secret_key, settings.key_file()))
    live = Live(database, build, trainer=trainer, cache=settings.prepared_folder())
    conversations = Conversations(database)
    ratings = Ratings(database, lambda: live.current.content if live.current is not None else None)
    products = Products(database, lambda: live.current.content.shops if live.current is not None else ())
    workshop = Workshop(database, settings.pack_list(), trainer=trainer)
    trials = Trials(database, workshop.drafts, lambda: live.current)
    orders = Orders(settings.order_hook, settings.order_secret, Outbound(settings.outbound_allow))
    return Services(
        settings=settings,
        database=database,
        live=live,
        sessions=Sessions(database),
        conversations=conversations,
        ratings=ratings,
        views=Views(database),
        programs=Programs(database),
        metrics=Metrics(),
        limiter=Limiter(database),
        channels=Channels(
            database,
            conversations,
            assistant=lambda: live.current,
            answer=answering(products, orders),
            consult=consulting(products, orders),
            liking=lambda: ratings.current,
            http=Outbound(settings.outbound_allow),
            ahead=trials.of,
        ),
        workshop=workshop,
        learning=Learning(database, workshop.drafts),
        library_health=Health(database, workshop, settings.pack_list(), Outside),
        trials=trials,
        orders=orders,
        products=products,
        company=company_of(database, settings),
    )


def _lifespan(
    services: Services, content: Path | None, trainer: Trainer
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    background = (
        services.live,
        services.ratings,
        services.products,
        services.orders,
        services.views,
        services.limiter,
        services.channels,
        services.workshop,
        services.learning,
        services.library_health,
        services.trials,
        Retention(services.database, services.settings.retention_days),
        Tidying(services.database),
        Forgetting(services.database, services.settings.keep_models),
    )

    def open_up() -> None:
        services.settings.data.mkdir(parents=True, exist_ok=True)
        services.database.upgrade()
        protect(services.database)
        seed(services.database, content, trainer, services.settings.prepared_folder())
        for part in background:
            part.start()

    def close() -> None:
        for part in reversed(background):
            part.stop()
        services.database.close()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(open_up)
        yield
        await run_in_threadpool(close)

    return lifespan


class _Builder:
    """Makes the assistant of a release. A publish that leaves the intents alone keeps the engine: it is slow to build."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        self._packs = packs
        self._engine: Engine | None = None
        self._built_from: tuple[object, ...] = ()

    def __call__(self, release: LoadedRelease) -> Assistant:
        missing = set(self._packs) - set(release.content.packs)
        if missing:
            _log.warning("release %s has no pack %s", release.number, ", ".join(sorted(missing)))
        content = restrict(release.content, (pack for pack in self._packs if pack not in missing))
        heard = (
            sha256(release.model).digest(),
            content.lexicon,
            content.intents,
            content.groups,
            content.words,
            content.emotions,
        )
        engine = self._engine
        if engine is None or heard != self._built_from:
            engine = Engine(content, release.model)
        assistant = Assistant(content, engine, release.number, content.packs)
        self._engine, self._built_from = engine, heard
        return assistant
