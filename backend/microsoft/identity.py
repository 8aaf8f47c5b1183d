"""Microsoft's identity platform: tokens that we ask for, and tokens that people bring; beside the sandbox tenant only
the transport differs."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import jwt
import msal
import requests
import structlog
from requests.adapters import HTTPAdapter

from backend import clock, config
from backend.config import Config
from backend.errors import OutsideDown
from backend.i18n import _
from backend.microsoft import certificate
from backend.microsoft.keys import Keys, NoKeys, signing_keys

log = structlog.get_logger(__name__)
AUTHORITY = "https://login.microsoftonline.com"
SCOPE = "access_as_user"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
BOT_SCOPE = "https://api.botframework.com/.default"
_TIMEOUT = (5.0, 20.0)  # seconds to connect, to answer
_LEEWAY = 120  # seconds that two machines' clocks may differ
_LONGEST_TOKEN = 16_384
_LONGEST_LIFE = 31 * 24 * 3600.0  # seconds; Microsoft's live for an hour, or a day
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"AADSTS(\d+)")
_ROOM = timedelta(minutes=5)
# What MSAL raises when Microsoft does not answer as it should; RuntimeError is its own word for a bad state.
_FAILURES = (requests.RequestException, msal.exceptions.MsalServiceError, ValueError)


class AppRefused(OutsideDown):
    """Microsoft answered, and does not let the app in; `numbers` are those of its AADSTS messages."""

    def __init__(self, message: str, numbers: tuple[int, ...]) -> None:
        super().__init__(message)
        self.numbers = numbers


class TokenRefused(Exception):
    """A token that proves nothing to us. The message says why, for the log; it never holds the token."""


@dataclass(frozen=True)
class Claims:
    """Who an access token says it is: the account's tenant and object id. `name` and `mail` are for display only."""

    tenant_id: str
    object_id: str
    name: str
    mail: str
    roles: tuple[str, ...]
    expires_at: datetime


class _ToSandbox(HTTPAdapter):
    """Carries requests for Microsoft's authority to the sandbox tenant on this machine."""

    def __init__(self, sandbox_url: str) -> None:
        super().__init__()
        self._sandbox_url = sandbox_url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Sends `request` to the sandbox instead of the address it names."""
        request.url = self._sandbox_url + cast(str, request.url).removeprefix(AUTHORITY)
        return super().send(request, *args, **kwargs)


class _Transport(requests.Session):
    """A session with a time limit on every request."""

    def request(self, method: str, url: str | bytes, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """As requests.Session.request."""
        kwargs.setdefault("timeout", _TIMEOUT)
        kwargs["allow_redirects"] = False  # Session.get asks for them by itself
        return super().request(method, url, **kwargs)


def transport(settings: Config) -> requests.Session:
    """A session for requests to Microsoft: time limits, no redirects, the authority reached at the sandbox's."""
    session = _Transport()
    session.trust_env = not settings.sandbox_url
    if settings.sandbox_url:
        session.mount(AUTHORITY, _ToSandbox(settings.sandbox_url))
    return session


class _Forgetful(msal.TokenCache):  # type: ignore[misc]
    """Keeps nothing: a person's tokens are looked at once, when they sign in."""

    def add(self, event: Any, now: Any = None) -> None:
        """Lets `event` go."""


def _credential(settings: Config) -> Any:
    """What MSAL proves with who we are: the certificate, read anew each time, else the secret."""
    if settings.client_certificate is None:
        return settings.client_secret
    try:
        return certificate.read(settings.client_certificate, settings.client_certificate_passphrase).credential
    except certificate.Unusable as error:
        raise _down("the certificate cannot be used", error) from error


def _client(settings: Config, cache: Any) -> Any:
    credential = _credential(settings)
    try:
        return msal.ConfidentialClientApplication(
            settings.client_id,
            authority=settings.authority,
            client_credential=credential,
            http_client=transport(settings),
            instance_discovery=False if settings.sandbox_url else None,
            token_cache=cache,
            exclude_scopes=["offline_access"],
        )
    except _FAILURES as error:
        raise _down("the sign-in service could not be reached", error) from error


@lru_cache(maxsize=2)
def _sign_in_application(settings: Config, _certificate: int) -> Any:
    return _client(settings, _Forgetful())


def sign_in_application(settings: Config) -> Any:
    """MSAL's client for people who sign in with a browser. Raises OutsideDown when Microsoft cannot be reached."""
    return _sign_in_application(settings, certificate.stamp(settings))


def _down(what: str, error: object) -> OutsideDown:
    """What is said to people, while the log has why; an AppRefused where Microsoft gave its reasons."""
    log.warning(what, error=str(error)[:300])
    sentence = _("Microsoft's sign-in cannot be reached at the moment. Please try again shortly.")
    numbers = tuple(int(one) for one in _NUMBER.findall(str(error)))
    return AppRefused(sentence, numbers) if numbers else OutsideDown(sentence)


class _AppTokens:
    """The app-only token for one resource in this process, asked for anew some minutes before it ends."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._lock = threading.Lock()
        self._settings: Config | None = None
        self._token = ""
        self._until: datetime | None = None

    def get(self) -> str:
        settings = config.current()
        with self._lock:
            if self._settings is settings and self._until and clock.now() < self._until:
                return self._token
            # A client of its own, and no cache but ours: ours follows the tenant's clock.
            app = _client(settings, _Forgetful())
            try:
                answer = app.acquire_token_for_client([self._scope])
            except _FAILURES as error:
                raise _down("no app token", error) from error
            if "access_token" not in answer:
                numbers = " ".join(f"AADSTS{one}" for one in answer.get("error_codes") or ())
                raise _down("no app token", f"{answer.get('error')} {numbers}")
            self._settings, self._token = settings, str(answer["access_token"])
            self._until = clock.now() + timedelta(seconds=int(answer["expires_in"])) - _ROOM
            return self._token

    def forget(self) -> None:
        with self._lock:
            self._until = None


_app_tokens = _AppTokens(GRAPH_SCOPE)
_bot_tokens = _AppTokens(BOT_SCOPE)


def app_token() -> str:
    """An app-only access token for Graph. Raises OutsideDown when there is none to be had."""
    return _app_tokens.get()


def forget_app_token() -> None:
    """Graph did not take the token: the next `app_token` is a new one."""
    _app_tokens.forget()


def bot_token() -> str:
    """The bot's access token for the Bot Connector. Raises OutsideDown when there is none to be had."""
    return _bot_tokens.get()


def forget_bot_token() -> None:
    """The Bot Connector did not take the token: the next `bot_token` is a new one."""
    _bot_tokens.forget()


def _read_keys() -> dict[str, Any]:
    answer = transport(config.current()).get(f"{AUTHORITY}/common/discovery/v2.0/keys")
    answer.raise_for_status()
    return signing_keys(answer.json())


@lru_cache(maxsize=2)
def _keys(settings: Config) -> Keys[Any]:
    return Keys(_read_keys)


def _key(key_id: str, settings: Config) -> Any | None:
    try:
        return _keys(settings).find(key_id)
    except NoKeys as error:
        raise _down("there are no signing keys", settings.authority) from error


def validate(token: str) -> Claims:
    """Who brings `token`, an access token of version 2.0 for our own API (scope access_as_user) of a known tenant.

    The rules are those of https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens, with
    the algorithm pinned, the issuer bound to the tenant and the tenant on our list. Raises TokenRefused, and
    OutsideDown when the signing keys cannot be read.
    """
    settings = config.current()
    claims = _signed(token, settings)
    tenant, account = _text(claims, "tid").lower(), _text(claims, "oid").lower()
    if tenant not in settings.tenants:
        raise TokenRefused("another tenant")
    if claims.get("ver") != "2.0" or _text(claims, "iss") != f"{AUTHORITY}/{tenant}/v2.0":
        raise TokenRefused("the issuer is not the tenant's")
    if claims.get("idtyp") == "app" or SCOPE not in str(claims.get("scp") or "").split():
        raise TokenRefused("not given to a person for our scope")
    _check_times(claims)
    if not _ID.fullmatch(account):
        raise TokenRefused("an account that is none")
    roles = claims.get("roles")
    return Claims(
        tenant_id=tenant,
        object_id=account,
        name=" ".join(str(claims.get("name") or "").replace("\x00", "").split())[:200],
        mail=str(claims.get("preferred_username") or ""),
        roles=tuple(str(role) for role in roles) if isinstance(roles, list) else (),
        expires_at=datetime.fromtimestamp(float(claims["exp"]), clock.now().tzinfo),
    )


def _signed(token: str, settings: Config) -> Mapping[str, Any]:
    """The claims of `token`, whose signature and audience are right. Raises TokenRefused."""
    if not token or len(token) > _LONGEST_TOKEN:
        raise TokenRefused("no token")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256":
            raise TokenRefused("not signed with RS256")
        key = _key(str(header.get("kid") or ""), settings)
        if key is None:
            raise TokenRefused("signed with an unknown key")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=settings.client_id,
            # Times are checked by our own clock, which follows the sandbox's.
            options={
                "require": ["exp", "nbf", "iat", "iss", "aud", "tid", "oid", "scp"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_iss": False,
            },
        )
    except jwt.PyJWTError as error:
        raise TokenRefused(type(error).__name__) from error
    if claims.get("aud") != settings.client_id:
        raise TokenRefused("for another audience")
    return claims


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise TokenRefused(f"no {name}")
    return value


def _check_times(claims: Mapping[str, Any]) -> None:
    now = clock.now().timestamp()
    try:
        exp, nbf, iat = (float(claims[name]) for name in ("exp", "nbf", "iat"))
    except (TypeError, ValueError) as error:
        raise TokenRefused("times that are none") from error
    if not now - _LEEWAY < exp < now + _LONGEST_LIFE or not nbf <= now + _LEEWAY or not iat <= now + _LEEWAY:
        raise TokenRefused("expired or not valid yet")
