"""Chats of the last weeks: what customers wrote to the bot in Teams and who of us answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend import config
from backend.chat.models import Chat, ChatState, Place, TeamsConversation
from backend.db import session
from backend.demo.cast import Cast
from backend.demo.talk import Step, Story, moment
from backend.people.models import Person
from backend.sandbox import people as tenant
from backend.sandbox import teams_people as teams


@dataclass(frozen=True)
class Talk:
    """One chat that is over: who wrote when, about what; lines in turns, ours begin with ">"."""

    contact: str
    by: str
    when: str
    subject: str
    lines: tuple[str, ...]
    category: str = ""
    minutes: int = 10


TALKS = (
    Talk("jana", "aylin", "-2 13:12", "Teams: Kollegin im Gespräch nicht zu hören", (
        "Hallo, in der Besprechung gerade hört mich niemand, ich höre aber alle.",
        "> Guten Tag Frau Wiedekind, steht in Teams unter Geräte das Headset oder „Standardmikrofon“?",
        "Standardmikrofon. Das Headset steht darunter auch.",
        "> Dann bitte das Headset wählen, Teams nimmt sonst das Mikrofon im geschlossenen Notebook.",
        "Geht! Danke, das war schnell.",
    ), "Software", 5),
    Talk("jana", "tomma", "-3 09:41", "Bestellung A-20417: zweite Teillieferung", (
        "Guten Morgen, kommt heute noch etwas von den Docks? Die Kollegen warten.",
        "> Guten Morgen, vier sind gestern angekommen, die übrigen acht hat der Lieferant für morgen zugesagt.",
        "Vormittags oder nachmittags? Die Rampe ist ab 13 Uhr voll.",
        "> Ich habe „bis 12 Uhr“ vermerkt und melde mich, sobald der Fahrer unterwegs ist.",
        "Perfekt.",
    ), "Beschaffung", 10),
    Talk("jana", "piet", "-6 15:20", "Drucker Einkauf druckt einseitig", (
        "Der Drucker im Einkauf druckt plötzlich alles einseitig, wir haben nichts verstellt.",
        "> Gestern Abend kam ein neuer Treiber, der die Vorgabe überschreibt. Ich stelle sie am Server zurück.",
        "> Bitte einmal das Dokument schließen und neu drucken.",
        "Ja, wieder beidseitig.",
    ), "Hardware", 15),
    Talk("jana", "callum", "-9 11:05", "Kennwort läuft ab, Meldung auf dem Telefon", (
        "Auf dem Telefon steht, mein Kennwort läuft in 2 Tagen ab. Muss ich das am PC ändern?",
        "> Am besten am PC, im Büro: Strg, Alt, Entf, „Kennwort ändern“. Das Telefon fragt danach einmal.",
        "Erledigt, Telefon hat gefragt und ist zufrieden.",
    ), "Konto und Zugang", 5),
    Talk("owen", "callum", "-2 10:02", "Shared calendar of the slip does not open", (
        "Morning. The slip calendar says I have no permission since this morning, it worked yesterday.",
        "> Morning Owen. The group was renamed last night and your entry got lost on the way. Adding you back now.",
        "> Please close Outlook once and open it again.",
        "That's it, all boats back in their places. Ta.",
    ), "Konto und Zugang", 10),
    Talk("owen", "marek", "-4 14:36", "Tablet will not join the yard Wi-Fi", (
        "One of the rugged tablets will not join the yard Wi-Fi, the others do.",
        "> Does it show the network and refuse the password, or not show it at all?",
        "Shows it, says incorrect password. Same password as the others, I typed it three times.",
        "> Its clock is probably wrong: flat for a week, it thinks it is 2019. Date and time, automatic, please.",
        "It thought it was January 2019. Works.",
        "> Happens to the best of tablets. Anything else, just write.",
    ), "Netzwerk", 10),
    Talk("owen", "aylin", "-8 16:10", "Invoice R-31140: number of seats", (
        "Hello, R-31140 has 22 seats, we should be 21 since Phil left in spring.",
        "> Hello Owen, the renewal took the number of March. I hand it to Renate, who corrects the next one.",
        "No hurry. Thanks.",
    ), "Beschaffung", 5),
    Talk("torben", "piet", "-2 18:05", "Bondrucker am Tresen ohne Papiermeldung", (
        "Der Bondrucker am Tresen piept und blinkt rot, Papier ist drin.",
        "> Bitte einmal die Rolle umdrehen: Läuft das Papier von unten ab?",
        "Lief von oben. Jetzt druckt er. Wer hat das denn eingelegt.",
        "> Das verraten wir nicht. Schönen Abend!",
    ), "Hardware", 5),
)  # fmt: skip


def _steps(talk: Talk, begin: datetime) -> tuple[Step, ...]:
    """The lines, a minute or so apart; who answers takes the ticket with the first answer."""
    steps: list[Step] = []
    for number, line in enumerate(talk.lines):
        ours = line.startswith("> ")
        at = begin + timedelta(seconds=70 * number + 11 * (number % 3))
        if ours and not any(step.kind == "set" for step in steps):
            steps.append(Step("set", talk.by, at, f"assignee={talk.by}"))
        by, text = (talk.by, line[2:]) if ours else (talk.contact, line)
        steps.append(Step("reply" if ours else "mail", by, at, text, channel="teams"))
    last = begin + timedelta(seconds=70 * len(talk.lines) + 40)
    steps.append(Step("set", talk.by, last, "status=resolved", minutes=talk.minutes))
    return tuple(steps)


def chat_stories(cast: Cast) -> list[Story]:
    """The chats as tickets."""
    zone = config.current().timezone
    return [
        Story(talk.subject, talk.contact, _steps(talk, moment(talk.when, cast.now, zone)), category=talk.category)
        for talk in TALKS
    ]


def _conversation(person: Person, at: datetime) -> TeamsConversation:
    """The personal chat as the sandbox has it, so that what is said in it next goes on there."""
    account = tenant.by_mail(person.mail or "")
    assert account is not None
    return TeamsConversation(
        conversation_id=teams.chat_id(account),
        kind=Place.PERSONAL,
        service_url=f"{config.current().sandbox_url}/",
        tenant_id=teams.tenant(account),
        user_id=teams.teams_id(account),
        object_id=teams.object_id(account),
        name=person.name,
        person_id=person.id,
        locale=teams.LOCALES[account.language],
        created_at=at,
        updated_at=at,
    )


def remember_chats(cast: Cast) -> None:
    """Writes down that these tickets were chats, which are over."""
    known: dict[str, TeamsConversation] = {}
    for talk in TALKS:
        ticket, person = cast.tickets[talk.subject], cast.people[talk.contact]
        if talk.contact not in known:
            known[talk.contact] = _conversation(person, ticket.created_at)
            session.add(known[talk.contact])
            session.flush()
        session.add(
            Chat(
                ticket_id=ticket.id,
                conversation_id=known[talk.contact].id,
                contact_id=person.id,
                technician_id=cast.people[talk.by].id,
                state=ChatState.ENDED,
                waiting_since=ticket.created_at,
                answered_at=ticket.created_at + timedelta(seconds=50),
                ended_at=ticket.updated_at,
                ended_by_id=cast.people[talk.by].id,
                matter_known=True,
            )
        )
    session.flush()
