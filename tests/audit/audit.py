"""Known weaknesses of what Deskside depends on: `make audit`.

Asks by the registries' own clients, pip-audit and npm, at the registries that those are set to. Ends with status 1
when one is found that reviewed.toml does not name. Where a registry does not answer such questions (no network, a
mirror), it says so and ends well: a test must not fail because the network is away.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "var" / "audit"
PIP_AUDIT = "pip-audit==2.10.1"
_SECONDS = 120
Found = list[tuple[str, frozenset[str], str]]  # package, the names of the weakness, what is to be said of it


class NotAnswered(Exception):
    """The registry said nothing about weaknesses; the message tells why."""


def of_python(answer: str) -> Found:
    """What `pip-audit --format json` says. Raises NotAnswered when it could look nothing up."""
    try:
        packages: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnswered("pip-audit gave no answer") from error
    known = [one for one in packages if "skip_reason" not in one]
    if not known:
        raise NotAnswered("the package index knows nothing of weaknesses")
    return [
        (one["name"], frozenset({each["id"], *each.get("aliases", ())}),
         f"{one['name']} {one['version']}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'no version'}")
        for one in known for each in one["vulns"]
    ]  # fmt: skip


def of_browser(answer: str) -> Found:
    """What `npm audit --json` says. Raises NotAnswered when the registry refused."""
    try:
        packages: dict[str, dict[str, Any]] = json.loads(answer)["vulnerabilities"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnswered("the package registry does not answer audits") from error
    found = []
    for name, one in packages.items():
        for via in one["via"]:
            if isinstance(via, dict):  # a text names another package, which has an entry of its own
                advisory = str(via.get("url", via.get("source", ""))).rpartition("/")[2]
                found.append((name, frozenset({advisory}), f"{name}: {advisory} {via.get('title', '')}"))
    return found


def unreviewed(found: Found, reviewed: str) -> list[str]:
    """What is to be said of the weaknesses that `reviewed` (TOML) does not name."""
    names = {one["id"] for one in tomllib.loads(reviewed).get("reviewed", []) if one["because"]}
    return sorted({said for _package, ids, said in found if ids.isdisjoint(names)})


def _run(*command: str) -> str:
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAnswered(type(error).__name__) from error
    return answer.stdout


def _pip_audit(*locks: Path) -> str:
    tool = TOOLS / "bin" / "pip-audit"
    if not tool.exists():
        _run(sys.executable, "-m", "venv", str(TOOLS))
        _run(str(TOOLS / "bin" / "pip"), "install", "--quiet", PIP_AUDIT)
    options = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10")
    return _run(str(tool), *options, *(word for lock in locks for word in ("--requirement", str(lock))))


def _python() -> Found:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    # One package first: whoever knows nothing of it is not asked about all.
    one = ROOT / "var" / "audit.txt"
    one.parent.mkdir(exist_ok=True)
    one.write_text(next(line for line in lock if line.lower().startswith("flask==")) + "\n", encoding="utf-8")
    of_python(_pip_audit(one))
    return of_python(_pip_audit(ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock"))


def _browser() -> Found:
    npm = shutil.which("npm") or str(Path(sys.executable).with_name("npm"))
    return of_browser(_run(npm, "audit", "--json"))


def main() -> int:
    """Asks both registries; 1 when there is a weakness that nobody has looked at."""
    reviewed = (Path(__file__).parent / "reviewed.toml").read_text(encoding="utf-8")
    status = 0
    for name, ask in (("Python packages", _python), ("browser files", _browser)):
        try:
            wrong = unreviewed(ask(), reviewed)
        except NotAnswered as error:
            print(f"Audit of {name}: not possible from here, {error}.")
            continue
        print(f"Audit of {name}: {len(wrong)} known weaknesses nobody has looked at.")
        for line in wrong:
            print(f"  {line}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
