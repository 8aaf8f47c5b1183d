"""What the doctor says of one thing it looked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Whether it works, and a sentence that says so, or what is wrong, why, and what to do.

    `note`: it works, and is worth reading all the same.
    """

    works: bool
    says: str
    note: bool = False

    def __str__(self) -> str:
        mark = "FAIL" if not self.works else "note" if self.note else "ok  "
        return f"{mark}  {self.says}"


def right(says: str) -> Finding:
    """It works."""
    return Finding(True, says)


def note(says: str) -> Finding:
    """It works; somebody should know this."""
    return Finding(True, says, note=True)


def wrong(says: str) -> Finding:
    """It does not work."""
    return Finding(False, says)
