"""A backup is whole although mail arrives while it is made."""

import re
import threading

import httpx
import pytest

from tests.installation import Installation
from tests.storm.restore import backup_and_check
from tests.waiting import eventually
from tests.world import mail

pytestmark = pytest.mark.slow


class _Post(threading.Thread):
    """Delivers one mail after the other until told to stop."""

    def __init__(self, there: Installation) -> None:
        super().__init__(daemon=True)
        self._there = there
        self.delivered: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Each with a file of its own."""
        while not self.over.wait(0.05):
            number = len(self.delivered)
            file = ("zahlen.csv", "text/csv", f"Zeile {number}\n".encode() * 200)
            self.delivered.append(self._there.deliver(mail(subject=f"Sicherung {number}", files=[file])))


def test_a_backup_made_while_mail_arrives_is_whole_when_restored_elsewhere(installation: Installation) -> None:
    headers = {"Authorization": f"Bearer {installation.token()}"}
    with httpx.Client(base_url=f"{installation.web}/api/v1", headers=headers, timeout=30) as api:

        def taken_in(message_id: str) -> bool:
            return bool(api.get("/inbound", params={"internet_message_id": message_id}).json())

        post = _Post(installation)
        post.start()
        eventually(lambda: post.delivered and taken_in(post.delivered[0]), seconds=30, every=0.2)
        said = backup_and_check(installation)
        last = post.delivered[-1]
        post.over.set()
        post.join()
        assert re.search(r"ok    All inbound_mails have .* \([1-9]", said), said
        assert re.search(r"ok    Every file that a row names is there, unchanged. \([1-9][\d,]", said), said
        eventually(lambda: taken_in(last), seconds=60, every=0.2)
