"""Teams for tests of the bot: activities by hand, tokens of all kinds, and people who write, press and block."""

import uuid
from datetime import UTC, datetime
from typing import Any

from werkzeug.test import TestResponse

from backend.sandbox import people as tenant
from backend.sandbox import teams_people
from tests.world import World

PIET = "piet.hagenauer@nordlicht-it.example"
AYLIN = "aylin.demirsoy@nordlicht-it.example"
MAREK = "marek.ostwald@nordlicht-it.example"


def person(mail: str) -> tenant.Person:
    """Somebody of the sandbox."""
    found = tenant.by_mail(mail)
    assert found is not None
    return found


class Teams:
    """What a test does in Teams, and what it sees there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.service_url = f"{world.settings.sandbox_url}/"

    def control(self, method: str, path: str, **given: Any) -> Any:
        """A control call of the sandbox below /_sandbox/teams."""
        answer = self.world.sandbox.request(method, f"/_sandbox/teams{path}", **given)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def token(self, **asked: Any) -> str:
        """A channel's token; see POST /_sandbox/teams/token."""
        return str(self.control("POST", "/token", json=asked)["access_token"])

    def activity(self, mail: str, text: str = "Guten Tag", **more: Any) -> dict[str, Any]:
        """A message of that person to the bot, as the Connector sends it."""
        who = person(mail)
        made = {
            "type": "message",
            "id": uuid.uuid4().hex,
            "timestamp": datetime.now(UTC).isoformat(),
            "localTimestamp": datetime.now(UTC).isoformat(),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": teams_people.account(who),
            "recipient": teams_people.bot(),
            "conversation": {
                "id": teams_people.chat_id(who),
                "conversationType": "personal",
                "tenantId": teams_people.tenant(who),
            },
            "channelData": {"tenant": {"id": teams_people.tenant(who)}},
            "locale": "de-DE",
            "text": text,
            "textFormat": "plain",
        }
        return {**made, **more}

    def bring(self, activity: Any, header: str | None = None) -> TestResponse:
        """Posts an activity; with a good token unless another header is given ("": none)."""
        if header is None:
            header = f"Bearer {self.token()}"
        headers = {"Authorization": header} if header else {}
        return self.world.app.test_client().post("/api/messages", json=activity, headers=headers)

    def says(self, mail: str, text: str, **more: Any) -> dict[str, Any]:
        """That person writes to the bot, and everything that follows is done."""
        found = self.control("POST", "/messages", json={"from": mail, "text": text, **more})
        self.world.work()
        return dict(found)

    def press(self, mail: str, activity: str, verb: str, **data: Any) -> dict[str, Any]:
        """That person presses the button with this verb on a card."""
        asked = {"from": mail, "activity": activity, "verb": verb, "data": data}
        return dict(self.control("POST", "/actions", json=asked))

    def switch(self, **switches: str) -> None:
        """Chooses among the ways in which Teams is known to behave."""
        assert self.world.sandbox.post("/_sandbox/switches", json=switches).is_success

    def chat(self, mail: str) -> list[dict[str, Any]]:
        """What stands in that person's chat with the bot."""
        answer = self.world.sandbox.get(f"/_sandbox/teams/conversations/{teams_people.chat_id(person(mail))}")
        return list(answer.json()["activities"]) if answer.status_code == 200 else []

    def words(self, mail: str) -> list[str]:
        """What the bot wrote there as text, oldest first."""
        return [str(one["text"]) for one in self.chat(mail) if one["from"]["id"].startswith("28:") and one.get("text")]

    def cards(self, mail: str) -> list[dict[str, Any]]:
        """The bot's cards there, each with its activity's id as `activity`."""
        return [
            {**one["content"], "activity": said["id"]}
            for said in self.chat(mail)
            for one in said.get("attachments") or []
            if str(one.get("contentType")).endswith("card.adaptive")
        ]

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """What Microsoft was asked for since then."""
        return list(self.world.sandbox.get("/_sandbox/requests", params={"since": since}).json())

    def last_request(self) -> int:
        """The number of the latest request."""
        return max((int(one["index"]) for one in self.requests()), default=0)


def installed(teams: Teams, *mails: str) -> None:
    """These people get the bot, and it knows its chat with each."""
    for mail in mails:
        teams.control("POST", f"/people/{mail}/install")
    teams.world.work()
