"""The rules of docs/house.md, held by reading the source."""

import ast
import functools
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import jobs, work

ROOT = Path(__file__).parent.parent
FEATURES = ("people", "orders", "tickets", "mail", "drafts", "chat", "mentions", "visits")
DOORS = ("desk", "api", "signin", "ui")
WIRING = """app wsgi cli serve work supervisor trial prepare child postgres postgres_place demo migrate migrations
health doctor""".split()
WORDS = ("models", "actions", "incoming", "outgoing", "views")
FORBIDDEN_NAMES = ("service", "services", "manager", "helper", "helpers", "utils", "util", "repository", "base")
ALLOWED_TOP = {
    "addin", "bot", "backend", "manifests", "tests", "docs", "pyproject.toml", "Procfile", "README.md", "LICENSE",
    "CHANGELOG.md", "Makefile", "requirements.lock", "package.json", "package-lock.json",
}  # fmt: skip


@functools.cache
def tracked() -> tuple[str, ...]:
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    return tuple(name for name in answer.stdout.splitlines() if (ROOT / name).is_file())


def sources(*, tests: bool = False) -> list[Path]:
    """Our Python files; migrations are data and left out."""
    return [
        Path(name)
        for name in tracked()
        if name.endswith(".py") and "/migrations/versions/" not in name and (tests or not name.startswith("tests/"))
    ]


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that `path` imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                module = ROOT / Path(*whole.split("."))
                is_module = module.with_suffix(".py").exists() or (module / "__init__.py").exists()
                yield whole if is_module else str(node.module)


def level(module: str) -> int | None:
    """How high in the house a module stands; imports go downward only. None: not ours or a separate world."""
    parts = module.split(".")
    if parts[0] in ("addin", "bot"):
        return 5
    if parts[0] != "backend" or len(parts) == 1:
        return None
    if parts[1] in ("sandbox", "microsoft"):
        return None
    if parts[1] in WIRING:
        return 6
    if parts[1] == "ui" and parts[2:3] != ["views"]:
        return 1
    if parts[1] in DOORS:
        return 5
    if parts[1] in FEATURES and len(parts) > 2:
        return {"models": 1, "actions": 2, "incoming": 3, "outgoing": 3, "views": 4}.get(parts[2], 1)
    return 0


def module_of(path: Path) -> str:
    parts = list(path.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_top_level_holds_only_what_was_agreed() -> None:
    top = {name.split("/")[0] for name in tracked()}
    assert {name for name in top if not name.startswith(".")} <= ALLOWED_TOP


@pytest.mark.parametrize("path", sources(), ids=str)
def test_files_and_functions_are_short(path: Path) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
    data = "demo" in path.parts or path.name == "seed_mails.py"
    assert lines <= 300 or data, f"{path} has {lines} lines"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 50, f"{path}:{node.lineno} {node.name} has {length} lines"


@pytest.mark.parametrize("path", sources(), ids=str)
def test_no_import_inside_a_function(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not inside, f"{path}:{node.lineno} {node.name} imports"


@pytest.mark.parametrize("path", sources(), ids=str)
def test_only_config_reads_the_environment(path: Path) -> None:
    names = ("environ", "getenv", "environb")
    reads = any(isinstance(node, ast.Attribute) and node.attr in names for node in ast.walk(tree(path)))
    assert not reads or path == Path("backend/config.py"), f"{path} reads the environment"


@pytest.mark.parametrize("path", sources(), ids=str)
def test_only_requests_and_jobs_commit(path: Path) -> None:
    separate = path.parts[:2] in (("backend", "sandbox"), ("backend", "demo"), ("backend", "migrations"))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            allowed = path in (Path("backend/web.py"), Path("backend/jobs.py"), Path("backend/cli.py"))
            assert allowed or separate, f"{path}:{node.lineno} commits"


@pytest.mark.parametrize("path", sources(), ids=str)
def test_imports_go_downward(path: Path) -> None:
    own = level(module_of(path))
    if own is None:
        return
    for name in imported(path):
        other = level(name)
        depth = 1 if path.parts[0] in ("addin", "bot") else 2
        same_folder = name.split(".")[:depth] == module_of(path).split(".")[:depth]
        if other is None or (same_folder and other <= own):
            continue
        assert other < own or (own == other and own in (0, 1, 2, 6)), f"{path} imports {name}"


def test_actions_of_features_form_no_circle() -> None:
    edges = {
        (path.parts[1], name.split(".")[1])
        for path in sources()
        if path.parts[0] == "backend" and path.parts[1] in FEATURES and level(module_of(path)) == 2
        for name in imported(path)
        if level(name) == 2 and name.split(".")[1] in FEATURES and name.split(".")[1] != path.parts[1]
    }
    reached = set(edges)
    while True:
        more = {(a, d) for a, b in reached for c, d in edges if b == c} - reached
        if not more:
            break
        reached |= more
    assert not [feature for feature in FEATURES if (feature, feature) in reached]


@pytest.mark.parametrize("path", sources(), ids=str)
def test_microsoft_packages_stay_behind_their_modules(path: Path) -> None:
    folder = path.parts[:2]
    for name in imported(path):
        package = name.split(".")[0]
        if package in ("msgraph", "msgraph_core", "kiota_abstractions", "kiota_http", "kiota_authentication_azure"):
            assert folder == ("backend", "microsoft"), f"{path} imports {name}"
        if package == "msal":
            assert folder in (("backend", "microsoft"), ("backend", "signin")), f"{path} imports {name}"
        if package.startswith("botbuilder") or package.startswith("botframework"):
            assert path.parts[0] == "bot" or path == Path("backend/microsoft/teams.py"), f"{path} imports {name}"
        if name.startswith("backend.microsoft"):
            allowed = folder in (("backend", "microsoft"), ("backend", "signin")) or path.parts[0] == "bot"
            job = len(path.parts) > 2 and path.parts[2].removesuffix(".py") in ("incoming", "outgoing")
            assert allowed or job or path.name in ("cli.py", "doctor.py"), f"{path} imports {name}"


@pytest.mark.parametrize("path", [p for p in sources() if p.parts[:2] == ("backend", "sandbox")], ids=str)
def test_the_sandbox_is_a_world_of_its_own(path: Path) -> None:
    for name in imported(path):
        icons = path.name == "outlook.py" and name == "backend.ui.assets"  # draws with the same icons
        own = not name.startswith("backend.") or name.startswith("backend.sandbox")
        assert own or icons, f"{path} imports {name}"


def test_names_say_what_a_module_is() -> None:
    named = [str(p) for p in sources() if p.stem in FORBIDDEN_NAMES or p.parent.name in FORBIDDEN_NAMES]
    assert not named


def _asked_for() -> Iterator[tuple[str, str, set[str]]]:
    for path in sources():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "later":
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}:{node.lineno} the job's name is not written out"
                names = {k.arg for k in node.keywords if k.arg} - {"once", "at"}
                yield f"{path}:{node.lineno}", str(first.value), names


def test_each_job_that_is_asked_for_exists_with_those_arguments() -> None:
    assert work.__name__  # importing it registers every job
    asked = list(_asked_for())
    assert asked
    for where, name, arguments in asked:
        assert name in jobs.JOBS, f"{where}: there is no job {name}"
        parameters = set(inspect.signature(jobs.JOBS[name].work).parameters)
        assert arguments == parameters, f"{where}: {name} takes {parameters}, gets {arguments}"


@pytest.mark.slow
def test_web_processes_never_load_msgraph() -> None:
    code = (
        "import sys, importlib\nfrom backend.app import VIEWS\n"
        "[importlib.import_module(name) for name in VIEWS]\n"
        "print([m for m in ('msgraph', 'procrastinate.worker', 'botbuilder') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "msgraph" not in answer.stdout
    assert "botbuilder" not in answer.stdout
