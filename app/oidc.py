"""OpenID Connect: sending a browser to the company's provider, and who came back.

The authorization code flow with PKCE (RFC 7636), state and nonce. Sources: OpenID Connect Core 1.0 (3.1.2, 3.1.3.7),
OpenID Connect Discovery 1.0, RFC 6749 (2.3.1, 4.1), RFC 9207.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

from app.accounts import ROLES
from app.config import Settings
from app.errors import CompanySignInUnavailable, SignInRequired, UsageError
from app.later import Later
from app.outbound import Outbound, OutboundError, Reply
from app.store.people import Role

if TYPE_CHECKING:
    from joserfc import errors as jose
    from joserfc import jwk, jwt
else:
    jose, jwk, jwt = Later("joserfc.errors"), Later("joserfc.jwk"), Later("joserfc.jwt")

_log = logging.getLogger(__name__)

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
)
"""What an ID token may be signed with: no `none`, and nothing with a shared secret."""
LEEWAY: Final = 60
"""Seconds two clocks may differ."""
_SECONDS: Final = 5.0
"""How long the provider may take for an answer, and how long it is left alone after it gave none."""
_FRESH_SECONDS: Final = 600.0
_KEY_TYPES: Final = ("RSA", "EC", "OKP")
_LONGEST: Final = 255
_LAST_MOMENT: Final = 1e11
_LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_NOT_SET_UP: Final = "公司账号登录没有设置好，请告诉管理员看服务的日志；急用时请管理员发一个登录链接"
AGAIN: Final = "这次登录放得太久或者已经用过了，请再点一次「用公司账号登录」"
_REFUSED: Final = "公司账号系统给的登录凭证没有通过检查，没有登录。请再试一次，还不行请告诉管理员看服务的日志"


@dataclass(frozen=True, slots=True)
class Provider:
    """What the shop has set. roles: their roles or groups → ours."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    login_claim: str
    name_claim: str
    roles_claim: str
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is. role: of the roles the person has, the highest; None when none of them means one here."""

    issuer: str
    subject: str
    login: str
    name: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class _Endpoints:
    authorization: str
    token: str
    jwks: str
    in_header: bool


def provider_of(settings: Settings) -> Provider | None:
    """The provider that is set, if any. Raises UsageError for settings that cannot work and for a missing library."""
    if not settings.oidc_issuer:
        return None
    if find_spec("joserfc") is None:
        raise UsageError(
            "设置了 HUASHU_OIDC_ISSUER，但没有装公司账号登录要用的库：请运行 pip install 'huashu[oidc]'，"
            "或者去掉这个设置"
        )
    if not _is_safe(settings.oidc_issuer, settings.oidc_issuer):
        raise UsageError("HUASHU_OIDC_ISSUER 要是 https 开头的网址，例如 https://sso.example.com/realms/shop")
    if not settings.oidc_client_id:
        raise UsageError("设置了 HUASHU_OIDC_ISSUER，还要设置 HUASHU_OIDC_CLIENT_ID")
    if "openid" not in settings.oidc_scopes.split():
        raise UsageError("HUASHU_OIDC_SCOPES 里要有 openid")
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        scopes=settings.oidc_scopes,
        login_claim=settings.oidc_login_claim,
        name_claim=settings.oidc_name_claim,
        roles_claim=settings.oidc_roles_claim,
        roles=_roles(settings.oidc_roles),
    )


def challenge_of(verifier: str) -> str:
    """The PKCE challenge (S256) of a verifier.

    Source: RFC 7636, appendix B.

    >>> challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class OpenId:
    """Talks to the provider. What it says of itself and its keys are remembered for ten minutes.

    clock: seconds since 1970.
    """

    def __init__(self, provider: Provider, http: Outbound, clock: Callable[[], float] = time.time) -> None:
        self.provider = provider
        self._http = http
        self._clock = clock
        self._lock = threading.Lock()
        self._endpoints: _Endpoints | None = None
        self._keys: jwk.KeySet | None = None
        self._ask_at = 0.0

    def address(self, redirect_uri: str, *, state: str, nonce: str, challenge: str) -> str:
        """Where to send the browser. Raises CompanySignInUnavailable."""
        endpoint = self._discovered().authorization
        query = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.provider.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def identity(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> Identity:
        """Who the code stands for. Raises SignInRequired, CompanySignInUnavailable."""
        claims = self._verified(self._id_token(code, redirect_uri, verifier), nonce)
        provider = self.provider
        subject = claims.get("sub")
        login = _walk(claims, provider.login_claim)
        if not _is_text(subject):
            raise self._refused("no usable sub")
        if not _is_text(login) or (
            provider.login_claim == "email" and claims.get("email_verified") is not True
        ):
            _log.warning("company sign-in: the ID token has no usable claim %s", provider.login_claim)
            raise SignInRequired(_NOT_SET_UP)
        name = _walk(claims, provider.name_claim)
        return Identity(
            issuer=provider.issuer,
            subject=str(subject),
            login=login_name(str(login)),
            name=str(name) if _is_text(name) else str(login),
            role=_role(_walk(claims, provider.roles_claim), provider.roles),
        )

    def _id_token(self, code: str, redirect_uri: str, verifier: str) -> str:
        """Redeem the code."""
        endpoints, provider = self._discovered(), self.provider
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = dict(_FORM)
        if provider.client_secret and endpoints.in_header:
            pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = provider.client_id
            if provider.client_secret:
                form["client_secret"] = provider.client_secret
        answer = self._send("POST", endpoints.token, urlencode(form).encode(), headers)
        said = _object(answer.body)
        if answer.status != 200:
            error = str(said.get("error", ""))[:40]
            _log.warning("company sign-in: the token endpoint answered %s %r", answer.status, error)
            if answer.status >= 500:
                raise self._unreachable()
            raise SignInRequired(AGAIN if error == "invalid_grant" else _NOT_SET_UP)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise self._refused("no id_token")
        return token

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token meant for this browser, now. Raises SignInRequired."""
        try:
            claims = self._signed(token)
        except (jose.JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._refused(f"signature: {type(error).__name__}") from error
        audience = claims.get("aud")
        party = claims.get("azp")
        client = self.provider.client_id
        several = isinstance(audience, list) and len(audience) > 1
        if claims.get("iss") != self.provider.issuer:
            raise self._refused("another issuer")
        if client not in (audience if isinstance(audience, list) else [audience]):
            raise self._refused("another audience")
        if party != client and (party is not None or several):
            raise self._refused("another authorized party")
        given = claims.get("nonce")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
            raise self._refused("another nonce")
        self._check_times(claims)
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """The token answers this very request, so a time that is off means that one of the clocks is."""
        issued, ends = _moment(claims.get("iat")), _moment(claims.get("exp"))
        starts = _moment(claims.get("nbf", issued))
        if issued is None or ends is None or starts is None:
            raise self._refused("no usable iat, exp or nbf")
        now = self._clock()
        if max(issued, starts) <= now + LEEWAY and now <= ends + LEEWAY:
            return
        _log.warning(
            "company sign-in: iat %.0f and exp %.0f do not fit the time here, %.0f", issued, ends, now
        )
        raise SignInRequired(
            f"话术助手这台机器的时间和公司账号系统差了约 {_how_long(abs(now - issued))}，登录不了。请管理员校准时间后再试"
        )

    def _signed(self, token: str) -> dict[str, Any]:
        """The claims of a token with a good signature; a key that is not known yet is asked for once."""
        try:
            return dict(jwt.decode(token, self._known_keys(), algorithms=ALGORITHMS).claims)
        except jose.InvalidKeyIdError:
            return dict(jwt.decode(token, self._newest_keys(), algorithms=ALGORITHMS).claims)

    def _known_keys(self) -> jwk.KeySet:
        self._discovered()
        return self._keys if self._keys is not None else self._newest_keys()

    def _newest_keys(self) -> jwk.KeySet:
        stored = _object(self._get(self._discovered().jwks)).get("keys")
        keys = []
        for key in stored if isinstance(stored, list) else ():
            if isinstance(key, dict) and key.get("kty") in _KEY_TYPES and key.get("use", "sig") == "sig":
                with suppress(jose.JoseError, ValueError, TypeError, KeyError):
                    keys.append(jwk.import_key(key))
        self._keys = jwk.KeySet(keys)
        return self._keys

    def _discovered(self) -> _Endpoints:
        """The provider's addresses; the last known ones while it does not tell. One asks, the others wait for it."""
        with self._lock:
            now = time.monotonic()
            if now < self._ask_at:
                if self._endpoints is None:
                    raise self._unreachable()
                return self._endpoints
            self._ask_at = now + _SECONDS
            try:
                self._endpoints = self._read_endpoints()
            except CompanySignInUnavailable:
                self._ask_at = time.monotonic() + _SECONDS
                if self._endpoints is None:
                    raise
                return self._endpoints
            self._keys, self._ask_at = None, now + _FRESH_SECONDS
            return self._endpoints

    def _read_endpoints(self) -> _Endpoints:
        issuer = self.provider.issuer
        said = _object(self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
        if said.get("issuer") != issuer:
            _log.warning("company sign-in: the provider calls itself %.200r, not as set", said.get("issuer"))
            raise CompanySignInUnavailable(_NOT_SET_UP)
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return _Endpoints(
            authorization=self._place(said, "authorization_endpoint"),
            token=self._place(said, "token_endpoint"),
            jwks=self._place(said, "jwks_uri"),
            in_header=isinstance(methods, list) and "client_secret_basic" in methods,
        )

    def _place(self, said: Mapping[str, Any], name: str) -> str:
        """An address that the provider names."""
        address = said.get(name)
        if isinstance(address, str) and _is_safe(address, self.provider.issuer):
            return address
        _log.warning("company sign-in: the provider's %s is missing or not https", name)
        raise CompanySignInUnavailable(_NOT_SET_UP)

    def _get(self, url: str) -> bytes:
        answer = self._send("GET", url, None, {"Accept": "application/json"})
        if answer.status != 200:
            _log.warning("company sign-in: %.200s answered %s", url, answer.status)
            raise self._unreachable()
        return answer.body

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        try:
            return self._http.send(method, url, body, headers, seconds=_SECONDS)
        except OutboundError as error:
            _log.warning("company sign-in: %.200s was not reached, %s", url, error.kind)
            if error.kind == "refused":
                raise CompanySignInUnavailable(
                    f"公司账号系统 {urlsplit(url).hostname} 在内网，话术助手还不能连它。请管理员把它写进 HUASHU_OUTBOUND_ALLOW"
                ) from error
            raise self._unreachable() from error

    def _unreachable(self) -> CompanySignInUnavailable:
        return CompanySignInUnavailable("现在连不上公司账号系统，请稍后再试；急用时请管理员发一个登录链接")

    def _refused(self, why: str) -> SignInRequired:
        _log.warning("company sign-in: the ID token was refused, %s", why)
        return SignInRequired(_REFUSED)


def login_name(text: str) -> str:
    """The name of a company account as it is stored and compared: without spaces around it, capitals do not matter."""
    return text.strip().casefold()[:_LONGEST]


def _roles(text: str) -> dict[str, Role]:
    """「their-group=admin,…」 as a mapping. Raises UsageError."""
    found: dict[str, Role] = {}
    for part in (part.strip() for part in text.split(",") if part.strip()):
        theirs, _, ours = part.rpartition("=")
        role = next((role for role in ROLES if role == ours.strip()), None)
        if not theirs.strip() or role is None:
            raise UsageError(
                f"HUASHU_OIDC_ROLES 里的「{part}」看不懂，要写成 对方的组=这里的角色，角色是 {'、'.join(ROLES)} 之一"
            )
        found[theirs.strip()] = role
    return found


def _role(given: object, roles: Mapping[str, Role]) -> Role | None:
    """The highest of the roles that a claim's value means."""
    values = given if isinstance(given, list) else [given]
    found = {roles[value] for value in values if isinstance(value, str) and value in roles}
    return max(found, key=ROLES.index, default=None)


def _walk(claims: Mapping[str, Any], path: str) -> object:
    """The claim of this name, or what lies deeper: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    value: object = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST and value.isprintable()


def _is_safe(url: str, issuer: str) -> bool:
    """Whether an address is https; without it only on this machine, beside a provider on this machine."""
    try:
        parts, of_issuer = urlsplit(url), urlsplit(issuer)
    except ValueError:
        return False
    if not parts.hostname or not url.isascii() or parts.username is not None or parts.fragment:
        return False
    here = parts.hostname in _LOCAL_HOSTS and of_issuer.hostname in _LOCAL_HOSTS
    return parts.scheme == "https" or (parts.scheme == "http" and here)


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object in an answer; empty for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _moment(value: object) -> float | None:
    """Seconds since 1970, if that is what it is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LAST_MOMENT:
        return float(value)
    return None


def _how_long(seconds: float) -> str:
    return f"{round(seconds / 60)} 分钟" if seconds < 5400 else f"{round(seconds / 3600)} 小时"
