"""Who talks in Teams: identities as the bot sees them, the personal chats and the one team with its channels.

Shapes: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
"""

import base64
import hashlib
import uuid
from typing import Any

from backend.sandbox.people import CLIENT_ID, HOME_DOMAIN, HOME_TENANT, PEOPLE, Person, by_mail

BOT_ID = f"28:{CLIENT_ID}"
BOT_NAME = "Deskside"
# People of another organisation with a guest account in the home tenant; they switch to it to talk to the bot.
GUESTS = ("svea.grootmann@kanzlei-lindhagen.example", "owen.prentice@harcastle-marine.example")
# Customers in whose Teams the bot is installed from the start: two in their own tenant, one guest.
KNOWN = (
    "jana.wiedekind@moebelwerk-tressow.example",
    "owen.prentice@harcastle-marine.example",
    "torben.lasch@brauhaus-kettwin.example",
)
TEAM_NAME = "Servicedesk"
TEAM_GROUP = str(uuid.uuid5(uuid.UUID(HOME_TENANT), "team:servicedesk"))
LOCALES = {"de": "de-DE", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "it": "it-IT"}


def _digest(text: str, length: int) -> str:
    raw = hashlib.sha512(text.encode()).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")[:length]


def _channel_id(name: str) -> str:
    return f"19:{_digest(f'channel:{name}', 44)}1@thread.tacv2"


TEAM_ID = _channel_id("General")  # a team goes by the id of its first channel
CHANNELS = {TEAM_ID: "General", _channel_id("Hotline"): "Hotline"}
HOTLINE = _channel_id("Hotline")
TALKERS = tuple(person for person in PEOPLE if not person.is_mailbox)
STAFF = tuple(person for person in TALKERS if person.tenant == HOME_TENANT)


def is_guest(person: Person) -> bool:
    """Whether they talk to the bot as a guest of the home tenant."""
    return person.mail in GUESTS


def teams_id(person: Person) -> str:
    """The `29:` id: another one for every bot, therefore made of both."""
    return f"29:1{_digest(f'{CLIENT_ID}:{person.mail}', 64)}"


def chat_id(person: Person) -> str:
    """The conversation id of their personal chat with the bot."""
    return f"a:1{_digest(f'chat:{CLIENT_ID}:{person.mail}', 80)}"


def object_id(person: Person) -> str:
    """The directory's id in the tenant where they talk: a guest has one of its own there."""
    return str(uuid.uuid5(uuid.UUID(HOME_TENANT), f"guest:{person.mail}")) if is_guest(person) else person.id


def tenant(person: Person) -> str:
    """The tenant in which they talk to the bot."""
    return HOME_TENANT if is_guest(person) else person.tenant


_BY_TEAMS_ID = {teams_id(person): person for person in TALKERS}
_BY_CHAT = {chat_id(person): person for person in TALKERS}
_BY_OBJECT = {object_id(person): person for person in TALKERS}


def by_teams_id(key: str) -> Person | None:
    """The person behind a `29:` id."""
    return _BY_TEAMS_ID.get(key)


def by_chat(conversation: str) -> Person | None:
    """The person whose personal chat this is."""
    return _BY_CHAT.get(conversation)


def by_any_id(key: str) -> Person | None:
    """The person behind a `29:` id, an object id or an address, as a member is asked for."""
    return _BY_TEAMS_ID.get(key) or _BY_OBJECT.get(key.lower()) or by_mail(key)


def account(person: Person) -> dict[str, Any]:
    """The person as the `from` of an activity."""
    return {"id": teams_id(person), "name": person.name, "aadObjectId": object_id(person)}


def bot() -> dict[str, Any]:
    """The bot as an account."""
    return {"id": BOT_ID, "name": BOT_NAME}


def member(person: Person) -> dict[str, Any]:
    """The person as the Connector lists a member (TeamsChannelAccount)."""
    given, _, family = person.name.rpartition(" ")
    upn = f"{person.mail.replace('@', '_')}#EXT#@{HOME_DOMAIN}" if is_guest(person) else person.mail
    return {
        **account(person), "objectId": object_id(person), "givenName": given, "surname": family, "email": person.mail,
        "userPrincipalName": upn, "tenantId": tenant(person), "userRole": "guest" if is_guest(person) else "user",
    }  # fmt: skip


def channel_of(conversation: str) -> str | None:
    """The channel's id of a channel or of a thread in it."""
    channel = conversation.partition(";messageid=")[0]
    return channel if channel in CHANNELS else None


def members_of(conversation: str) -> tuple[Person, ...]:
    """Who is in a chat or channel, without the bot."""
    person = by_chat(conversation)
    return (person,) if person else STAFF if channel_of(conversation) else ()
