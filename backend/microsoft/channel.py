"""The Bot Connector as it comes to us: whether it is it, and whether an address is one of its.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import jwt
import structlog

from backend import clock, config
from backend.config import Config
from backend.microsoft import identity
from backend.microsoft.keys import Keys, NoKeys, signing_keys

log = structlog.get_logger(__name__)
ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
_HOME = "https://login.botframework.com"
# Microsoft's hosts below which the Connector answers; the bot's token goes to no other.
_HOSTS = ("smba.trafficmanager.net",)
_DOMAINS = (".botframework.com", ".teams.microsoft.com")
# Where files that people send lie; their addresses open by themselves.
_FILES = (".sharepoint.com", ".svc.ms", ".teams.microsoft.com")
# An address as whoever reads it takes it in the same way: some clients hold a backslash for a slash, others do not.
_PLAIN = re.compile(r"[!-\[\]-~]{1,4000}")
_HOST = re.compile(r"[a-z0-9.-]+")
# https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#get-attachment
_PICTURE = re.compile(r"(/[A-Za-z0-9_-]+)*/v3/attachments/[A-Za-z0-9_-]+/views/[A-Za-z0-9_-]+")
_LEEWAY = 300  # seconds; the channel's documentation asks for so much
_LONGEST_LIFE = 24 * 3600.0  # seconds; Microsoft's live for an hour
_LONGEST_TOKEN = 16_384
_NEEDED = ["exp", "nbf", "iss", "aud", "serviceurl"]


class Stranger(Exception):
    """What came is not from the Bot Connector, or cannot be shown to be. The message is for the log alone."""


@dataclass(frozen=True)
class _Key:
    public: Any
    endorsements: frozenset[str]


def trusted_service(url: str) -> bool:
    """Whether `url` is an address of the Bot Connector; beside the sandbox tenant, the sandbox's own alone."""
    return _is_at(url, _HOSTS, _DOMAINS)


def trusted_file(url: str) -> bool:
    """Whether `url` is an address at which Microsoft keeps files that were sent in Teams."""
    return _is_at(url, (), _FILES)


def trusted_picture(url: str) -> bool:
    """Whether `url` is where the Connector keeps a picture of a message; nothing else of it is read with the token."""
    return trusted_service(url) and _PICTURE.fullmatch(urlsplit(url).path) is not None


def _is_at(url: str, hosts: tuple[str, ...], domains: tuple[str, ...]) -> bool:
    sandbox = config.current().sandbox_url
    if not _PLAIN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or not parts.hostname:
        return False
    if sandbox:
        return parts[:2] == urlsplit(sandbox)[:2]
    return (
        parts.scheme == "https"
        and port in (None, 443)
        and _HOST.fullmatch(parts.hostname) is not None
        and (parts.hostname in hosts or parts.hostname.endswith(domains))
    )


def check(header: str, *, service_url: str, channel_id: str) -> None:
    """Whether the Authorization `header` shows that the Connector sends an activity with these two values.

    Raises Stranger. Nothing is asked of anybody for a token that could not be the channel's anyway, and for one whose
    key is unknown at most once a minute.
    """
    scheme, _space, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_TOKEN:
        raise Stranger("no token")
    if channel_id != CHANNEL:
        raise Stranger("another channel")
    try:
        claims = _signed(token, channel_id)
    except jwt.PyJWTError as error:
        raise Stranger(type(error).__name__) from error
    _check_times(claims)
    if not service_url or claims["serviceurl"] != service_url:
        raise Stranger("another service address")


def _signed(token: str, channel_id: str) -> dict[str, Any]:
    """The claims of `token`, whose signature, issuer and audience are right. Raises Stranger or jwt.PyJWTError."""
    settings = config.current()
    head = jwt.get_unverified_header(token)
    key_id = head.get("kid")
    if head.get("alg") != "RS256" or not isinstance(key_id, str) or not key_id:
        raise Stranger("not signed with RS256 and a named key")
    said = jwt.decode(token, options={"verify_signature": False})
    if said.get("iss") != ISSUER or said.get("aud") != settings.client_id:
        raise Stranger("another issuer or audience")
    key = _key(key_id, settings)
    if channel_id not in key.endorsements:
        raise Stranger("the key does not speak for this channel")
    claims: dict[str, Any] = jwt.decode(
        token,
        key.public,
        algorithms=["RS256"],
        audience=settings.client_id,
        issuer=ISSUER,
        # Times are checked by our own clock, which follows the sandbox's.
        options={"require": _NEEDED, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    return claims


def _check_times(claims: dict[str, Any]) -> None:
    now = clock.now().timestamp()
    try:
        exp, nbf = float(claims["exp"]), float(claims["nbf"])
    except (TypeError, ValueError) as error:
        raise Stranger("times that are none") from error
    if not now - _LEEWAY < exp < now + _LONGEST_LIFE or not nbf <= now + _LEEWAY:
        raise Stranger("expired or not valid yet")


def _key(key_id: str, settings: Config) -> _Key:
    try:
        key = _keys(settings).find(key_id)
    except NoKeys as error:
        raise Stranger("there are no keys of the channel") from error
    if key is None:
        raise Stranger("signed with an unknown key")
    return key


@lru_cache(maxsize=2)
def _keys(settings: Config) -> Keys[_Key]:
    home = settings.sandbox_url or _HOME

    def read() -> dict[str, _Key]:
        http = identity.transport(settings)
        answer = http.get(f"{home}/v1/.well-known/openidconfiguration")
        answer.raise_for_status()
        address = str(answer.json()["jwks_uri"])
        if urlsplit(address)[:2] != urlsplit(home)[:2]:
            raise ValueError("the channel's keys are said to be somewhere else")
        answer = http.get(address)
        answer.raise_for_status()
        document = answer.json()
        speaks = {one.get("kid"): frozenset(map(str, one.get("endorsements") or ())) for one in document["keys"]}
        return {name: _Key(public, speaks.get(name, frozenset())) for name, public in signing_keys(document).items()}

    return Keys(read)
