"""While Microsoft fails in every way and our processes are killed, nothing is lost and nothing is done twice."""

from pathlib import Path

import pytest

from tests.installation import running
from tests.storm import restore, weather
from tests.storm.appointments import Appointments
from tests.storm.letters import Letters
from tests.storm.talks import Talks
from tests.waiting import eventually

# Everything is let out: whether something was said twice shows only where it may be said at all.
_NO_BRAKES = {"BRAKE_ANSWERS": "10000", "BRAKE_ADDRESS": "100000", "BRAKE_MAILBOX": "100000"}


def _storm(data: Path, size: weather.Size) -> None:
    with running(data, **_NO_BRAKES) as there:
        desk = weather.Desk(there)
        letters = Letters(there, desk, size)
        parts = (letters, Talks(there, desk, size), Appointments(there, desk, size))
        weather.begin(there, size)
        killer = weather.Killer(there, size)
        for part in (*parts, killer):
            part.start()
        if size.mails > weather.SMALL.mails:
            eventually(lambda: len(letters.answered) > size.replies // 4, seconds=900, every=0.5)
            print(f"Restored elsewhere from a backup made meanwhile:\n{restore.backup_and_check(there)}", flush=True)
        for part in parts:
            part.join(1_800)
        killer.stop()
        weather.end(there)
        assert all(part.done for part in parts)
        for part in parts:
            eventually(part.settled, seconds=600, every=0.5)
        wrong = [sentence for part in parts for sentence in part.wrong()]
        print(f"{size}: killed {killer.killed} times, {len(wrong)} things wrong")
        assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_a_small_storm(tmp_path: Path) -> None:
    _storm(tmp_path, weather.SMALL)


@pytest.mark.soak
def test_a_middle_storm(tmp_path: Path) -> None:
    _storm(tmp_path, weather.MIDDLE)


@pytest.mark.soak
def test_a_whole_storm(tmp_path: Path) -> None:
    _storm(tmp_path, weather.FULL)
