"""The table that `make bench` prints: each line with its goal, and whether it is reached."""

from dataclasses import dataclass, field


@dataclass
class Table:
    """What was measured, in the order it was."""

    lines: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def add(self, name: str, size: str, measured: str, goal: str = "", *, met: bool = True) -> None:
        """A line. `met`: whether what was measured reaches the goal."""
        mark = "" if not goal else "reached" if met else "MISSED"
        self.lines.append(f"{name:10} {size:>9}  {measured:66} {goal:28} {mark}".rstrip())
        if not met:
            self.missed.append(f"{name} {size}: {measured}; goal: {goal}")

    def check(self, name: str, size: str, measured: str, goal: str, *, met: bool) -> None:
        """A line whose goal has to be reached. Raises AssertionError when it is not."""
        self.add(name, size, measured, goal, met=met)
        assert met, f"{name} with {size} tickets: {measured}; the goal is {goal}"


def slope(minutes: list[float], values: list[float]) -> float:
    """By how much `values` grow in an hour: the straight line nearest to them."""
    middle, mean = sum(minutes) / len(minutes), sum(values) / len(values)
    spread = sum((minute - middle) ** 2 for minute in minutes)
    return 60 * sum((m - middle) * (v - mean) for m, v in zip(minutes, values, strict=True)) / spread if spread else 0.0
