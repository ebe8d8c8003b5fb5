"""Tokens of programs. They come in already hashed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.store.tables_access import ApiTokenRow


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is known of a token, without the token."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def add(
    session: Session,
    name: str,
    token_hash: str,
    scopes: tuple[str, ...],
    by: str,
    expires_at: datetime | None,
) -> ApiToken:
    """Raises Conflict when the name was ever used: what a name did in the audit log must stay plain."""
    row = ApiTokenRow(
        name=name,
        token_hash=token_hash,
        scopes=list(scopes),
        created_by=by,
        created_at=datetime.now(UTC),
        expires_at=expires_at,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"已经有叫「{name}」的接口令牌了，换一个名字") from error
    return _token(row)


def find(session: Session, token_hash: str) -> ApiToken | None:
    """The token if it is neither revoked nor expired."""
    now = datetime.now(UTC)
    row = session.scalar(
        select(ApiTokenRow).where(
            ApiTokenRow.token_hash == token_hash,
            ApiTokenRow.revoked_at.is_(None),
            or_(ApiTokenRow.expires_at.is_(None), ApiTokenRow.expires_at > now),
        )
    )
    return None if row is None else _token(row)


def everything(session: Session) -> list[ApiToken]:
    """All tokens, the newest first."""
    return [_token(row) for row in session.scalars(select(ApiTokenRow).order_by(ApiTokenRow.id.desc()))]


def touch(session: Session, token_id: int) -> None:
    """Note that the token was used now."""
    session.execute(
        update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=datetime.now(UTC))
    )


def revoke(session: Session, name: str) -> bool:
    """End a token; False when no token of this name is in force."""
    ended = session.scalars(
        update(ApiTokenRow)
        .where(ApiTokenRow.name == name, ApiTokenRow.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
        .returning(ApiTokenRow.id)
    )
    return ended.one_or_none() is not None


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        row.id,
        row.name,
        tuple(row.scopes),
        row.created_by,
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
    )
