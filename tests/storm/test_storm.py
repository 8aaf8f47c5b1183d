"""While Microsoft fails in every way and our processes are killed, nothing is lost and nothing is done twice."""

from pathlib import Path

import pytest

from tests.installation import running
from tests.storm import weather
from tests.storm.appointments import Appointments
from tests.storm.letters import Letters
from tests.storm.talks import Talks
from tests.waiting import eventually


def _storm(data: Path, size: weather.Size) -> None:
    with running(data) as there:
        desk = weather.Desk(there)
        parts = (Letters(there, desk, size), Talks(there, desk, size), Appointments(there, desk, size))
        weather.begin(there)
        killer = weather.Killer(there, size.kills)
        for part in (*parts, killer):
            part.start()
        for part in parts:
            part.join(1_800)
        killer.stop()
        weather.end(there)
        assert all(part.done for part in parts)
        for part in parts:
            eventually(part.settled, seconds=300, every=0.5)
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
