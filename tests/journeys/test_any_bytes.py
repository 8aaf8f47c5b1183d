"""Whatever is posted to a mailbox stands in the log of incoming mail, with its original, and nothing breaks by it."""

import random
from collections import Counter
from functools import partial
from pathlib import Path

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


@pytest.mark.soak
def test_any_bytes_that_arrive_over_the_wire_are_on_record_with_their_original(tmp_path: Path) -> None:
    corpus = samples(REFERENCE)
    made = [make() for make in disasters.SMALL.values()]
    made += [mutated(random.Random(f"wire:{number}"), corpus) for number in range(MAILS - len(made))]
    with running(tmp_path) as there:
        desk, arrived = Desk(there), list[tuple[str, bytes]]()
        for raw in made:
            answer = httpx.post(f"{there.sandbox}/_sandbox/mail", params={"to": SERVICE}, content=raw, timeout=60)
            assert answer.status_code == 201, answer.text
            arrived.append((str(answer.json()["internetMessageId"]), raw))
        outcomes = Counter[str]()
        for message_id, raw in arrived:
            rows = eventually(
                partial(desk.get, "/inbound", internet_message_id=message_id),
                seconds=120,
                otherwise=partial(str, message_id),
            )
            outcomes.update(row["outcome"] for row in rows)
            # The same mail again, by Message-ID, sender, date, words and files, stands there once.
            originals = [desk.content(row["original"]) for row in rows]
            assert raw in originals or parse(raw).content_hash in {parse(one).content_hash for one in originals}
        print(f"{len(made)} mails over the wire: {dict(outcomes)}")
        assert "failed" not in outcomes
