"""Whatever is posted to a mailbox stands in the log of incoming mail, with its original, and nothing breaks by it."""

import random
import time
from collections import Counter
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from backend.mail.parse import parse
from tests.installation import running
from tests.mail import disasters
from tests.mail.mutations import mutated, samples
from tests.mail.test_machine import REFERENCE
from tests.storm.weather import Desk
from tests.waiting import eventually
from tests.world import SERVICE

MAILS = 300
LONGEST_IN_ADDRESS = 2_000


def _mine(desk: Desk, message_id: str, raw: bytes) -> str:
    """What became of the mail `raw`; "" as long as it is not on record with all its bytes.

    The same mail again, by Message-ID, sender, date, words and files, stands there once.
    """
    sayable = message_id.isprintable() and len(quote(message_id)) < LONGEST_IN_ADDRESS
    asked = {"internet_message_id": message_id} if sayable else {}
    for row in desk.all("/inbound", **asked):
        original = desk.content(row["original"])
        if original == raw or parse(original).content_hash == parse(raw).content_hash:
            return str(row["outcome"])
    return ""


@pytest.mark.soak
def test_any_bytes_that_arrive_over_the_wire_are_on_record_with_their_original(tmp_path: Path) -> None:
    corpus = samples(REFERENCE)
    made = [make() for make in disasters.SMALL.values()]
    made += [mutated(random.Random(f"wire:{number}"), corpus) for number in range(MAILS - len(made))]
    made = [raw.replace(b"<disaster@", b"<disaster-%d@" % number) for number, raw in enumerate(made)]
    with running(tmp_path) as there:
        desk, arrived, slowest = Desk(there), list[tuple[str, bytes]](), 0.0
        for raw in made:
            started = time.monotonic()
            answer = httpx.post(f"{there.sandbox}/_sandbox/mail", params={"to": SERVICE}, content=raw, timeout=60)
            slowest = max(slowest, time.monotonic() - started)
            assert answer.status_code == 201, answer.text
            arrived.append((str(answer.json()["internetMessageId"]), raw))
        outcomes = Counter[str]()
        for message_id, raw in arrived:
            outcome = eventually(
                partial(_mine, desk, message_id, raw), seconds=120, otherwise=partial(repr, (message_id, raw[:500]))
            )
            outcomes[outcome] += 1
        print(f"{len(made)} mails over the wire: {dict(outcomes)}; posted within {slowest:.1f} s each")
        assert "failed" not in outcomes
