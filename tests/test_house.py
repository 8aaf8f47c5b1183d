"""The rules of docs/house.md, held by reading the source."""

import ast
import functools
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend import jobs, work

ROOT = Path(__file__).parent.parent
FEATURES = """people orders tickets mail drafts chat mentions visits settings contracts surveys statuses staff
merging deletion worklog textmodules checklists fields devices presence lists writing changes languages""".split()
DOORS = ("desk", "api", "signin", "ui")
WIRING = """app wsgi arbiter compile cli serve work supervisor trial prepare child postgres postgres_place demo migrate
migrations health doctor""".split()
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


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of the file."""
    return tuple(ast.walk(tree(path)))


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that `path` imports."""
    for node in nodes(path):
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


def hold(rule: Callable[[Path], Iterator[str]], paths: list[Path] | None = None) -> None:
    """Every file keeps `rule`, which says a sentence for each place that does not."""
    offences = [sentence for path in (sources() if paths is None else paths) for sentence in rule(path)]
    assert not offences, "\n".join(offences)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _long(path: Path) -> Iterator[str]:
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
    data = "demo" in path.parts or path.name == "seed_mails.py"
    if lines > 300 and not data:
        yield f"{path} has {lines} lines"
    for node in functions(path):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > 50:
            yield f"{path}:{node.lineno} {node.name} has {length} lines"


def test_files_and_functions_are_short() -> None:
    hold(_long)


def _import_inside(path: Path) -> Iterator[str]:
    for node in functions(path):
        if any(isinstance(inside, ast.Import | ast.ImportFrom) for inside in ast.walk(node)):
            yield f"{path}:{node.lineno} {node.name} imports"


def test_no_import_inside_a_function() -> None:
    hold(_import_inside)


def _reads_the_environment(path: Path) -> Iterator[str]:
    names = ("environ", "getenv", "environb")
    if any(isinstance(node, ast.Attribute) and node.attr in names for node in nodes(path)):
        yield f"{path} reads the environment"


def test_only_config_reads_the_environment() -> None:
    hold(_reads_the_environment, [path for path in sources() if path != Path("backend/config.py")])


def _commits(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield f"{path}:{node.lineno} commits"


def test_only_requests_and_jobs_commit() -> None:
    may = (Path("backend/web.py"), Path("backend/jobs.py"), Path("backend/worker.py"), Path("backend/cli.py"))
    separate = (("backend", "sandbox"), ("backend", "demo"), ("backend", "migrations"))
    hold(_commits, [path for path in sources() if path not in may and path.parts[:2] not in separate])


def _upward(path: Path) -> Iterator[str]:
    own = level(module_of(path))
    if own is None:
        return
    for name in imported(path):
        other = level(name)
        depth = 1 if path.parts[0] in ("addin", "bot") else 2
        same_folder = name.split(".")[:depth] == module_of(path).split(".")[:depth]
        if other is None or (same_folder and other <= own):
            continue
        if not (other < own or (own == other and own in (0, 1, 2, 6))):
            yield f"{path} imports {name}"


def test_imports_go_downward() -> None:
    hold(_upward)


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


def _in_the_open(path: Path) -> Iterator[str]:
    folder = path.parts[:2]
    at_the_edge = folder in (("backend", "microsoft"), ("backend", "signin"))
    for name in imported(path):
        package = name.split(".")[0]
        allowed = True
        if package in ("msgraph", "msgraph_core", "kiota_abstractions", "kiota_http", "kiota_authentication_azure"):
            allowed = folder == ("backend", "microsoft")
        elif package == "msal":
            allowed = at_the_edge
        elif package.startswith(("botbuilder", "botframework")):
            allowed = path.parts[0] == "bot" or path == Path("backend/microsoft/teams.py")
        elif name.startswith("backend.microsoft"):
            job = len(path.parts) > 2 and path.parts[2].removesuffix(".py") in ("incoming", "outgoing")
            allowed = (
                at_the_edge or job or path.parts[0] == "bot" or path.name == "cli.py" or folder == ("backend", "doctor")
            )
        if not allowed:
            yield f"{path} imports {name}"


def test_microsoft_packages_stay_behind_their_modules() -> None:
    hold(_in_the_open)


def _leaves_the_sandbox(path: Path) -> Iterator[str]:
    for name in imported(path):
        icons = path.name == "outlook.py" and name == "backend.ui.assets"  # draws with the same icons
        if name.startswith("backend.") and not name.startswith("backend.sandbox") and not icons:
            yield f"{path} imports {name}"


def test_the_sandbox_is_a_world_of_its_own() -> None:
    hold(_leaves_the_sandbox, [path for path in sources() if path.parts[:2] == ("backend", "sandbox")])


def test_names_say_what_a_module_is() -> None:
    named = [str(p) for p in sources() if p.stem in FORBIDDEN_NAMES or p.parent.name in FORBIDDEN_NAMES]
    assert not named


def _asked_for() -> Iterator[tuple[str, str, set[str]]]:
    for path in sources():
        for node in nodes(path):
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


def _asks_to_send(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Constant) and node.value == "mail.draft":
            yield f"{path} has mail sent"
        if isinstance(node, ast.Attribute) and node.attr in ("create_draft", "send_draft"):
            yield f"{path} has mail sent"


def test_every_mail_leaves_by_the_gate() -> None:
    """Nobody else asks for a mail to be sent: but for the job itself, and who sends again what the gate knows."""
    gate = ("backend/mail/actions/gate.py", "backend/mail/actions/receipts.py", "backend/mail/outgoing.py")
    outside = ("backend/microsoft/", "backend/sandbox/")
    hold(_asks_to_send, [path for path in sources() if str(path) not in gate and not str(path).startswith(outside)])
