"""The list of failures stays true: each protection stands where it says, each test exists, and fails without it."""

from pathlib import Path

import pytest

from tests.failures.taken_out import ROOT, failures, main


@pytest.mark.parametrize("file", sorted(Path(__file__).parent.glob("*.toml")), ids=lambda file: file.stem)
def test_each_protection_stands_where_the_list_says(file: Path) -> None:
    for failure in failures(file):
        broken = failure.broken()
        if failure.file.endswith(".py"):
            compile(broken, failure.file, "exec")
        path, _, name = failure.test.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(), f"there is no test {failure.test}"


@pytest.mark.soak
def test_each_test_fails_without_its_protection() -> None:
    assert main() == 0
