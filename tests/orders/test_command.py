"""`deskside import orders FILE`: the same as the page."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.orders.conftest import TWO, Sales

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def run(sales: Sales, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    settings = sales.world.settings
    environment = {
        "DATABASE_URL": settings.database_url,
        "DESKSIDE_DATA": str(settings.deskside_data),
        "PUBLIC_URL": settings.url,
        "SANDBOX_URL": settings.sandbox_url,
        "SECRET_KEY": settings.secret_key,
        "TENANT_ID": settings.tenant_id,
        "CLIENT_ID": settings.client_id,
        "CLIENT_SECRET": settings.client_secret,
        "DESK_MAILBOXES": "service@nordlicht-it.example",
    }
    command = [sys.executable, "-m", "backend.cli", "import", "orders", str(path), *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def test_it_imports_what_is_right_and_says_the_counts(sales: Sales, tmp_path: Path) -> None:
    table = tmp_path / "orders.csv"
    table.write_text(TWO)
    tried = run(sales, table, "--dry-run")
    assert (tried.returncode, tried.stdout) == (0, "2 new, 0 changed, 0 unchanged, 0 refused; nothing was imported\n")
    assert sales.orders() == {}
    done = run(sales, table)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 new, 0 changed, 0 unchanged, 0 refused\n", "")
    assert set(sales.orders()) == {"A-1", "A-2"}
    assert run(sales, table).stdout == "0 new, 0 changed, 2 unchanged, 0 refused\n"


def test_what_is_wrong_ends_with_status_1(sales: Sales, tmp_path: Path) -> None:
    table = tmp_path / "orders.csv"
    table.write_text(f"{TWO}A-3;K9;13.11.2026;1;Kabel;10;1,5\n")
    refused = run(sales, table)
    assert refused.returncode == 1
    assert refused.stderr == "row 5, Kundennummer: There is no customer “K9”.\n"
    assert refused.stdout.endswith("1 refused; nothing was imported\n")
    assert sales.orders() == {}
    skipped = run(sales, table, "--skip-wrong")
    assert (skipped.returncode, skipped.stdout) == (1, "2 new, 0 changed, 0 unchanged, 1 refused\n")
    assert set(sales.orders()) == {"A-1", "A-2"}


def test_a_file_that_is_no_table_is_refused_in_a_sentence(sales: Sales, tmp_path: Path) -> None:
    table = tmp_path / "orders.xlsx"
    table.write_bytes(b"PK\x03\x04 not a workbook")
    refused = run(sales, table)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("This workbook is damaged")
    assert "Traceback" not in refused.stderr
