"""What the bot does in Teams, by botbuilder's connector client. Nothing else imports that package, which has an heir.

Nothing is tried again here: a message has no key by which it could be found, so what may have been said is never said
twice. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import structlog
import urllib3
from botbuilder.schema import Activity, ChannelAccount, ConversationParameters, ErrorResponseException, Mention
from botframework.connector import ConnectorClient
from msrest.authentication import Authentication
from msrest.exceptions import ClientRequestError

from backend import config
from backend.errors import OutsideDown
from backend.i18n import _
from backend.jobs import TryAgainIn
from backend.microsoft import channel, identity
from backend.microsoft.waiting import retry_after

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
LARGEST_FILE = 25_000_000  # bytes of a file that somebody sent
_TIMEOUT = (5.0, 20.0)  # seconds to connect, to answer
_THREAD = ";messageid="


class Blocked(Exception):
    """The bot may not write there (any more): somebody blocked or removed it."""


class Gone(Exception):
    """There is no such conversation or activity."""


class TooLarge(Exception):
    """Teams does not take a message of this size."""


class TeamsRefused(Exception):
    """Teams refuses the request itself; trying the same again would be refused again."""


class Unclear(Exception):
    """Nobody knows whether it was done: the line broke, or Teams failed while at it."""


FAILURES = (Blocked, Gone, TooLarge, TeamsRefused, Unclear)


@dataclass(frozen=True)
class Member:
    """Somebody in a conversation: their `29:` id, the account's object id and tenant, and the name that Teams shows."""

    id: str
    object_id: str
    name: str
    tenant_id: str


class _BotToken(Authentication):
    """Gives every client's requests the one token of this process."""

    def signed_session(self, session: requests.Session | None = None) -> requests.Session:
        """`session` with the token. Raises OutsideDown when there is none to be had."""
        signed: requests.Session = super().signed_session(session)
        signed.headers["Authorization"] = f"Bearer {identity.bot_token()}"
        return signed


class _Once(urllib3.Retry):
    """No second attempt. msrest reads the name that this waiting time had in urllib3 1."""

    BACKOFF_MAX = 0.0


_TOKEN = _BotToken()


@lru_cache(maxsize=16)
def _made(service_url: str, *, proxies: bool) -> ConnectorClient:
    client = ConnectorClient(_TOKEN, base_url=service_url)
    client.config.retry_policy.policy = _Once(0, redirect=0, status=0, respect_retry_after_header=False)
    client.config.redirect_policy.allow = False
    client.config.connection.timeout = _TIMEOUT
    client.config.proxies.use_env_settings = proxies
    return client


def _client(service_url: str) -> ConnectorClient:
    """The client for the Connector at `service_url`. Raises TeamsRefused for an address that is none of its."""
    if not channel.trusted_service(service_url):
        log.error("the bot's token is not sent there", service_url=service_url[:200])
        raise TeamsRefused("not an address of the Bot Connector")
    return _made(service_url.rstrip("/") + "/", proxies=not config.current().sandbox_url)


def post(service_url: str, conversation_id: str, activity: Mapping[str, Any], reply_to: str = "") -> str:
    """Says `activity` there; returns its id.

    Raises Blocked, Gone, TooLarge, TeamsRefused, TryAgainIn, OutsideDown, and Unclear when it may have been said.
    """
    there, body = _client(service_url).conversations, _activity(activity)
    if reply_to:
        return str(_do(lambda: there.reply_to_activity(conversation_id, reply_to, body)).id)
    return str(_do(lambda: there.send_to_conversation(conversation_id, body)).id)


def update(service_url: str, conversation_id: str, activity_id: str, activity: Mapping[str, Any]) -> None:
    """Replaces what the bot said. Raises as `post`, but nothing is Unclear: the same once more does no harm."""
    there, body = _client(service_url).conversations, _activity(activity)
    _again_if_unclear(lambda: there.update_activity(conversation_id, activity_id, body))


def delete(service_url: str, conversation_id: str, activity_id: str) -> None:
    """Takes back what the bot said; what is gone already is good too. Raises as `update`."""
    there = _client(service_url).conversations
    try:
        _again_if_unclear(lambda: there.delete_activity(conversation_id, activity_id))
    except Gone:
        return


def typing(service_url: str, conversation_id: str) -> None:
    """Shows for some seconds that an answer is being written. Raises as `post`."""
    post(service_url, conversation_id, {"type": "typing"})


def open_personal(service_url: str, tenant_id: str, user_id: str) -> str:
    """The id of the bot's personal chat with `user_id` (29:…), made if needed. Raises as `update`."""
    given = ConversationParameters(
        is_group=False,
        bot=ChannelAccount(id=_bot_id()),
        members=[ChannelAccount(id=user_id)],
        # Not as `tenant_id`: the library writes that under a name the Connector does not know.
        channel_data={"tenant": {"id": tenant_id}},
    )
    there = _client(service_url).conversations
    return str(_again_if_unclear(lambda: there.create_conversation(given)).id)


def open_thread(service_url: str, channel_id: str, activity: Mapping[str, Any]) -> tuple[str, str]:
    """Begins a thread in a channel with `activity`; returns the thread's conversation id and the activity's.

    Raises as `post`.
    """
    given = ConversationParameters(
        is_group=True,
        bot=ChannelAccount(id=_bot_id()),
        channel_data={"channel": {"id": channel_id}},
        activity=_activity(activity),
    )
    there = _client(service_url).conversations
    made = _do(lambda: there.create_conversation(given))
    activity_id = str(made.activity_id or str(made.id).partition(_THREAD)[2])
    return str(made.id), activity_id


def members(service_url: str, conversation_id: str) -> list[Member]:
    """Everybody in a conversation. Raises as `update`."""
    there = _client(service_url).conversations
    found = _again_if_unclear(lambda: there.get_conversation_members(conversation_id))
    return [_member(one) for one in found]


def _member(one: Any) -> Member:
    more = one.additional_properties or {}
    return Member(
        id=str(one.id),
        object_id=str(one.aad_object_id or more.get("objectId") or "").lower(),
        name=str(one.name or ""),
        tenant_id=str(more.get("tenantId") or "").lower(),
    )


def fetch(service_url: str, url: str, *, plain: bool) -> tuple[bytes, str]:
    """The content and type of a file that somebody sent. `plain`: its address opens by itself and never sees our token.

    Raises TeamsRefused for an address that is not Microsoft's, else as `update`.
    """
    trusted = (
        channel.trusted_file(url) if plain else channel.trusted_picture(url) and channel.trusted_service(service_url)
    )
    if not trusted:
        log.warning("a file is not fetched from there", host=urlsplit(url).hostname)
        raise TeamsRefused("not an address for files of Teams")
    headers = {} if plain else {"Authorization": f"Bearer {identity.bot_token()}"}
    try:
        with identity.transport(config.current()).get(url, headers=headers, stream=True) as answer:
            if answer.status_code != 200:
                error = _said(answer)
                raise OutsideDown(_("Teams could not do this at the moment.")) if isinstance(error, Unclear) else error
            content = answer.raw.read(LARGEST_FILE + 1, decode_content=True)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        # What these say holds the whole address, by which anybody opens the file: it stands in no log.
        log.warning("a file could not be fetched", error=type(error).__name__)
        raise OutsideDown(_("Teams cannot be reached at the moment.")) from None
    if len(content) > LARGEST_FILE:
        raise TooLarge("file")
    return content, answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _bot_id() -> str:
    return f"28:{config.current().client_id}"


def _activity(given: Mapping[str, Any]) -> Activity:
    """`given` (as it goes over the line) as the client's own class."""
    made: Activity = Activity.deserialize(dict(given))
    entities = [one for one in given.get("entities") or () if one.get("type") == "mention"]
    made.entities = [
        Mention(type="mention", text=one["text"], mentioned=ChannelAccount(**one["mentioned"])) for one in entities
    ]
    return made


def _again_if_unclear(ask: Callable[[], Result]) -> Result:
    """`ask` for what may be done twice: then an unclear end is one like any other failure."""
    try:
        return _do(ask)
    except Unclear as error:
        raise OutsideDown(_("Teams could not do this at the moment.")) from error


def _do(ask: Callable[[], Result]) -> Result:
    """What `ask` gives. Raises the errors of this module."""
    try:
        return ask()
    except ErrorResponseException as error:
        if error.response.status_code != 401:
            raise _said(error.response) from error
    except ClientRequestError as error:
        raise _line(error) from error
    # The token may have been withdrawn; a request answered with 401 was not carried out.
    identity.forget_bot_token()
    try:
        return ask()
    except ErrorResponseException as error:
        raise _said(error.response) from error
    except ClientRequestError as error:
        raise _line(error) from error


def _line(error: ClientRequestError) -> Exception:
    """What a broken line means: nothing was done as long as there was no connection."""
    cause = error.inner_exception
    log.warning("teams could not be reached", error=type(cause).__name__)
    inner = getattr(cause.args[0], "reason", None) if getattr(cause, "args", None) else None
    unconnected = isinstance(cause, requests.ConnectTimeout | requests.exceptions.ProxyError)
    if unconnected or isinstance(inner, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return OutsideDown(_("Teams cannot be reached at the moment."))
    return Unclear(type(cause).__name__)


def _said(answer: requests.Response) -> Exception:
    """A refusal as one of our errors."""
    status = answer.status_code
    code = _code(answer)
    log.warning("teams refused", status=status, code=code)
    if status == 403:
        return Blocked(code or "403")
    if status == 404:
        return Gone(code or "404")
    if status == 413:
        return TooLarge(code or "413")
    if status == 429:
        return TryAgainIn(retry_after(answer.headers) or 2.0, f"429 {code}")
    if status == 412 or status == 401:
        return OutsideDown(_("Teams could not do this at the moment."))
    if status >= 500 or status == 408:
        return Unclear(f"{status} {code}")
    return TeamsRefused(f"{status} {code}")


def _code(answer: requests.Response) -> str:
    try:
        said = answer.json()["error"]
        return str((said.get("innerHttpError") or {}).get("code") or said.get("code") or said.get("subCode") or "")[:80]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
