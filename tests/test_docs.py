"""What the documents say is so: links, commands, settings, permissions, the doctor's words, pictures."""

import ast
import functools
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from click.core import Group

from backend import cli
from backend.config import Config
from backend.doctor import rights
from backend.roles import Role
from backend.sandbox.people import GRAPH_ROLES, PEOPLE
from tests.languages.catalogues import catalogue

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HANDBOOK = ("install.md", "running.md", "changing.md")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
# What is written like a setting and is none of ours.
_FOREIGN = {"CLIENT-ID", "HTTPS_PROXY"}


@functools.cache
def text(name: str) -> str:
    return (ROOT / "docs" / name if name != "README.md" else ROOT / name).read_text(encoding="utf-8")


def anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def table(name: str, first: str) -> list[list[str]]:
    """The rows of the table in that document whose first heading is `first`."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text(name).splitlines()
        if line.strip().startswith("|")
    ]
    begin = next(number for number, row in enumerate(rows) if row[0] == first)
    end = next((number for number in range(begin + 2, len(rows)) if rows[number][0].startswith("---")), len(rows) + 1)
    return rows[begin + 2 : end - 1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, part = unquote(target).partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), target
        if part:
            headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in [anchor(one) for one in headings], target


def test_the_tour_calls_things_as_the_pages_do() -> None:
    tour = text("README.md").partition("### Ten minutes")[2].partition("\n## ")[0]
    named = {" ".join(one.split()) for one in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", tour)}
    shown = {str(one.string) for one in catalogue("en") if one.id} | {person.name for person in PEOPLE} | {"Open Teams"}
    assert named - shown == set()


def commands(name: str) -> Iterator[str]:
    """Every command line that the document shows or names."""
    for kind, block in _FENCE.findall(text(name)):
        if kind in ("sh", "ini", ""):
            for line in block.replace("ExecStart=", "").splitlines():
                yield from (part.strip() for part in re.split(r"&&|;|\|", line.partition(" #")[0]))
    yield from _INLINE.findall(_FENCE.sub("", text(name)))


def _known(words: list[str]) -> str:
    """What of `deskside …` there is not."""
    command: click.Command = cli.main
    for number, word in enumerate(words):
        if word.startswith("-"):
            options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help", "-h"}
            return "" if word.partition("=")[0] in options else word
        if isinstance(command, Group):
            found = command.commands.get(word)
            if found is None:
                return word
            command = found
        else:
            return "" if command.params or number == len(words) else word
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_is_there(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for line in commands(page.name):
        words = re.sub(r"^(sudo (-u \w+ )?|\S*\.venv/bin/|… )+", "", line).replace("[", "").replace("]", "").split()
        if words[:1] == ["deskside"] and len(words) > 1 and re.fullmatch(r"[a-z-]+", words[1]):
            assert not _known([one for one in words[1:] if re.fullmatch(r"--?[a-z-]+(=.*)?|[a-z]+", one)]), line
        if words[:1] == ["make"] and len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]):
            assert words[1] in targets, line
        if words[:2] in (["python", "-m"], ["python3", "-m"]) and len(words) > 2:
            module = ROOT / Path(*words[2].split("."))
            assert module.with_suffix(".py").exists() or module.is_dir(), line
            if words[2] == "manifests.build":
                known = (ROOT / "manifests" / "build.py").read_text(encoding="utf-8")
                assert all(f'"{one}"' in known for one in words[3:] if one.startswith("--")), line


def test_each_setting_that_is_named_is_one() -> None:
    ours = {one.name.upper() for one in fields(Config)}
    for name in HANDBOOK:
        plain = _FENCE.sub("", text(name))
        for word in _INLINE.findall(plain):
            setting = re.fullmatch(r"([A-Z]+(?:_[A-Z]+)+)(=.*)?", word)
            if setting and name != "changing.md":
                assert setting[1] in ours | _FOREIGN, word
    [example] = [block for kind, block in _FENCE.findall(text("install.md")) if block.startswith("DATABASE_URL")]
    named = {line.partition("=")[0] for line in example.splitlines()}
    assert named <= ours
    assert {"SECRET_KEY", "TENANT_ID", "CLIENT_ID", "DATABASE_URL", "CLIENT_CERTIFICATE"} <= named


def test_permissions_are_those_that_the_code_needs() -> None:
    written = {row[0].strip("`"): row[2] for row in table("install.md", "permission")}
    assert written == rights.PERMISSIONS
    assert set(written) == set(GRAPH_ROLES)
    scoped = re.findall(r'-Role "Application ([\w.]+)"', text("install.md"))
    assert sorted(scoped) == sorted(set(written) - {"User.Read.All"})
    demanded = {
        role
        for path in (ROOT / "backend" / "sandbox").glob("*.py")
        for call in re.findall(r"\b(?:needs|demand)\(([^)]*)\)", path.read_text(encoding="utf-8"))
        for role in re.findall(r'"([\w.]+)"', call)
    }
    assert set(written) <= demanded


def test_app_roles_are_those_of_the_house() -> None:
    assert [row[0].strip("`") for row in table("install.md", "value")] == [role.value for role in Role]


def test_what_the_manifests_ask_for_is_said() -> None:
    unified = json.loads((ROOT / "manifests" / "teams" / "manifest.json").read_text(encoding="utf-8"))
    asked = [one["name"] for one in unified["authorization"]["permissions"]["resourceSpecific"]]
    xml = ElementTree.fromstring((ROOT / "manifests" / "outlook" / "manifest.xml").read_text(encoding="utf-8"))
    asked += [element.text or "" for element in xml.iter() if element.tag.endswith("}Permissions")]
    assert asked
    for permission in asked:
        assert f"`{permission}`" in text("install.md")


def doctors_words() -> str:
    """All that the doctor can say, without what it fills in."""
    found = []
    for path in [*sorted((ROOT / "backend" / "doctor").glob("*.py")), ROOT / "backend" / "setting_values.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [str(one.value) if isinstance(one, ast.Constant) else "\0" for one in node.values]
                found.append("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_the_doctors_lines_are_its_own() -> None:
    words = doctors_words()
    rows = table("running.md", "what people see")
    assert len(rows) > 15
    for row in rows:
        [line] = re.findall(r"\*([^*]+)\*", row[1])
        assert line in words, line
        assert row[2], row


def test_redirect_addresses_are_those_that_are_used() -> None:
    addresses = [row[1].strip("`") for row in table("install.md", "platform")]
    assert addresses == ["https://desk.example.com/sign-in/callback", "brk-multihub://desk.example.com"]
    assert '"/sign-in/callback"' in (ROOT / "backend" / "signin" / "views.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", HANDBOOK)
def test_each_file_that_is_named_is_there(name: str) -> None:
    for word in _INLINE.findall(_FENCE.sub("", text(name))):
        if re.fullmatch(r"(backend|tests|manifests|addin|bot|docs)/[\w./-]*", word):
            assert (ROOT / word).exists(), word
    for _kind, block in _FENCE.findall(text(name)):
        for path in re.findall(r"\btests/[\w./]+\.py", block):
            assert (ROOT / path).exists(), path


def test_each_name_of_the_code_that_changing_speaks_of_is_there() -> None:
    for word, path in re.findall(
        r"`([A-Z][A-Za-z_]+)`[^`]{0,12}(?:of|in)[\s]+`((?:backend|tests|manifests)/[\w./]+)`", text("changing.md")
    ):
        place = ROOT / path
        files = [place] if place.is_file() else list(place.rglob("*.py"))
        assert any(re.search(rf"\b{word}\b", one.read_text(encoding="utf-8")) for one in files), (word, path)


def taken() -> set[str]:
    """The names of the pictures that `make pictures` takes; those of the desk in light and in dark."""
    names = set()
    for path in (ROOT / "tests" / "journeys").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) >= 2:
                name = node.args[1]
                if node.func.id in ("_picture", "_picture_of_the_desk") and isinstance(name, ast.Constant):
                    assert isinstance(name.value, str)
                    names |= {name.value} | ({f"{name.value}-dark"} if node.func.id.endswith("desk") else set())
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_picture_that_is_shown_is_there_and_can_be_taken_anew(page: Path) -> None:
    for picture in re.findall(r"pictures/([\w-]+)\.png", page.read_text(encoding="utf-8")):
        assert picture in taken(), f"`make pictures` does not take {picture}"
        assert (ROOT / "docs" / "pictures" / f"{picture}.png").exists(), picture


def test_no_picture_lies_there_that_nobody_takes() -> None:
    assert {path.stem for path in (ROOT / "docs" / "pictures").iterdir()} <= taken()


def test_what_the_documents_show_is_taken() -> None:
    wanted = {"desk", "desk-dark", "ticket", "ticket-dark", "pane", "pane-dark", "settings", "board", "chat"}
    assert wanted <= taken()
