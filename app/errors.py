"""Every error the service reports on purpose: a stable code, an HTTP status and a Chinese sentence saying what to do.

The web layer turns each into an RFC 9457 problem document; the command line prints the sentence.
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """Base of all expected errors.

    detail: one Chinese sentence for the person who sees it. extra: JSON-ready members of the problem document.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "请求有问题"

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class InvalidRequest(AppError):
    """Well formed, but not something that can be done so; `errors` or `field` say where, if there is a where."""

    code, status, title = "invalid_request", 422, "请求内容不对"


class MalformedBody(AppError):
    """The body is not readable as JSON."""

    code, status, title = "malformed_body", 400, "请求不是有效的 JSON"


class BodyTooLarge(AppError):
    """More bytes than are taken: 256 KiB, photos and imports more."""

    code, status, title = "body_too_large", 413, "请求太大"


class MessageTooLong(AppError):
    """One message is longer than 4,000 characters."""

    code, status, title = "message_too_long", 422, "消息太长"


class NotFound(AppError):
    """What the address or the body names is not there."""

    code, status, title = "not_found", 404, "没有找到"


class SignInRequired(AppError):
    """Nobody is signed in, and no token was given that is known."""

    code, status, title = "sign_in_required", 401, "需要登录"


class SignatureRefused(AppError):
    """What a channel sent did not prove that it comes from there."""

    code, status, title = "bad_signature", 401, "签名没有通过"


class UnreadableMessage(AppError):
    """What a channel sent is well signed but no message."""

    code, status, title = "unreadable_message", 400, "消息内容不对"


class MethodNotAllowed(AppError):
    """The address is right, the method is not."""

    code, status, title = "method_not_allowed", 405, "请求方法不对"


class NotAllowed(AppError):
    """The person or token is known but may not do this; `role` or `scope` say what it takes."""

    code, status, title = "not_allowed", 403, "没有权限"


class CsrfFailed(AppError):
    """A change asked for by another site, or by a page that was open for too long."""

    code, status, title = "csrf_failed", 403, "页面已过期"


class NoAccounts(AppError):
    """The address is reachable from elsewhere and nobody could sign in."""

    code, status, title = "no_accounts", 503, "还没有账号"


class Conflict(AppError):
    """Somebody else was quicker; `extra` says what they did. Nothing was written."""

    code, status, title = "conflict", 409, "内容已被别人改过"


class TooManyRequests(AppError):
    """Tried too often; `retry_after` says after how many seconds to come again."""

    code, status, title = "too_many_requests", 429, "太频繁了"


class StoreUnavailable(AppError):
    """The database is away or too busy: nothing was written, the same request may be sent again."""

    code, status, title = "store_unavailable", 503, "暂时存不了"


class CannotSend(AppError):
    """A reply that the chat system would not take now."""

    code, status, title = "cannot_send", 409, "现在发不了"


class DraftBlocked(AppError):
    """A reply with something in it that must not be sent."""

    code, status, title = "draft_blocked", 422, "这句话不能这样发"


class PlatformUnavailable(AppError):
    """A chat system that was asked for something did not answer, or refused."""

    code, status, title = "platform_unavailable", 503, "聊天系统没有回应"


class CompanySignInUnavailable(AppError):
    """The provider of company accounts did not answer, or not as it should."""

    code, status, title = "company_sign_in_unavailable", 503, "公司账号暂时登录不了"


class NotReady(AppError):
    """Something is still starting or takes too long; try again soon."""

    code, status, title = "not_ready", 503, "正在启动"


class ContentInvalid(AppError):
    """Content that cannot become a release; `problems` lists all of them as (file, line, text)."""

    code, status, title = "content_invalid", 422, "内容有错"


class UsageError(AppError):
    """A command-line call that cannot be carried out."""

    code, status, title = "usage", 400, "用法不对"
