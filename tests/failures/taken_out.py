"""Takes each protection out of a copy of the tree and sees its test fail.

The failures are those that other desks had in public. Each entry of the `*.toml` files beside this says what happened
(`case`), where it was seen, which `test` holds us against it, and the lines that are the `protection`: they stand once
in `file`, and with `without` in their place that test must fail.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
_TREE = ("addin", "backend", "bot", "manifests", "tests", "pyproject.toml")
_LONGEST_SECONDS = 900
# What pytest ends with: https://docs.pytest.org/en/stable/reference/exit-codes.html
_PASSED, _FAILED = 0, 1


@dataclass(frozen=True)
class Failure:
    """One failure of others, and what keeps it from us."""

    case: str
    seen: str
    test: str
    file: str
    protection: str
    without: str

    def broken(self) -> str:
        """The file's text without the protection. Raises ValueError unless the protection stands in it once."""
        text = (ROOT / self.file).read_text()
        times = text.count(self.protection)
        if times != 1:
            raise ValueError(f"{self.case}: its protection stands {times} times in {self.file}, not once")
        return text.replace(self.protection, self.without)


def failures(*files: Path) -> list[Failure]:
    """What the given files list, or all of them. Raises TypeError for an entry that lacks something."""
    chosen = files or sorted(Path(__file__).parent.glob("*.toml"))
    return [Failure(**entry) for file in chosen for entry in tomllib.loads(file.read_text())["failure"]]


def _run(tree: Path, test: str) -> tuple[int, str]:
    """How pytest ended for `test` in `tree`, and what it printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0", "-m", "", test]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _FAILED, f"not over after {_LONGEST_SECONDS} s"
    return done.returncode, done.stdout + done.stderr


@contextmanager
def _copy() -> Iterator[Path]:
    """A copy of the tree beside which nothing else works."""
    with TemporaryDirectory(prefix="taken-out-") as folder:
        tree = Path(folder)
        for name in _TREE:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns(".*"))
            else:
                shutil.copy2(ROOT / name, tree / name)
        yield tree


def taken_out(failure: Failure) -> str:
    """Empty when the test failed without the protection, else what was wrong."""
    with _copy() as tree:
        (tree / failure.file).write_text(failure.broken())
        status, said = _run(tree, failure.test)
    if status == _FAILED:
        return ""
    said = said[-2000:]
    return f"passes without its protection:\n{said}" if status == _PASSED else f"pytest ended with {status}:\n{said}"


def main(*names: str) -> int:
    """Takes out everything in the named files, two at a time, and prints how it went; gives how many tests slept."""
    listed = failures(*(Path(name) for name in names))
    slept = 0
    with ThreadPoolExecutor(2) as together:
        for failure, wrong in zip(listed, together.map(taken_out, listed), strict=True):
            print(f"{'SLEPT ' if wrong else 'failed'}  {failure.case}  ({failure.test})", flush=True)
            if wrong:
                print(wrong)
            slept += bool(wrong)
    print(f"{len(listed)} protections taken out, {slept} not noticed")
    return slept


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
