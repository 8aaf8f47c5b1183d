"""How many mails one worker process makes tickets of: parsed, stored, found, the acknowledgement asked for.

A process of its own, so that nothing else takes its time; Graph is left out. Prints figures as JSON.
"""

import json
import sys
import time
from pathlib import Path

from backend import config, db, migrate
from backend.db import session
from backend.mail.actions import desk_mailboxes, take_in
from tests.load.company import settings

_MAIL = """\
From: {name} <{address}>
To: service@nordlicht-it.example
Subject: Drucker {number} druckt nicht
Message-ID: <{number}.{stamp}@load.example>
Date: Thu, 26 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=part

--part
Content-Type: text/plain; charset=utf-8

Guten Tag, der Drucker {number} im Lager druckt seit heute Morgen nicht mehr.
--part
Content-Type: text/html; charset=utf-8

<p>Guten Tag, der Drucker <b>{number}</b> im Lager druckt seit heute Morgen nicht mehr.</p>
--part--
"""


def main(url: str, data: str, address: str, seconds: float) -> None:
    """Takes mails in for so many seconds, each from somebody else in the domain of `address`."""
    config.use(config.load(settings(url, Path(data))))
    migrate.load_models()
    db.configure(url, pool=1)
    domain = address.partition("@")[2]
    stamp, number, began, work = time.time_ns(), 0, 0.0, 0.0
    while not began or time.perf_counter() < began + seconds:
        number += 1
        raw = _MAIL.format(name="Kundin", address=f"k{number}-{stamp}@{domain}", number=number, stamp=stamp).replace(
            "\n", "\r\n"
        )
        with db.scope(), session.begin():
            assert take_in(desk_mailboxes()[0], raw.encode()).ticket_id
        if number == 5:  # statements are put together once
            began, work = time.perf_counter(), time.process_time()
    took, work = time.perf_counter() - began, time.process_time() - work
    figures = {"mails": number - 5, "per_second": (number - 5) / took, "work": work / (number - 5) * 1000}
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
