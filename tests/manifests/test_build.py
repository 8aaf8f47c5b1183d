"""The manifests for an installation: filled in, linked, stable, and refused where they could not work."""

import json
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from backend import __version__
from manifests.build import (
    CULTURES,
    ManifestError,
    address,
    build,
    guid,
    main,
    manifest_version,
    texts,
    urls,
)

URL = "https://desk.example.com"
CLIENT = "3f2a1c9e-5b7d-4e60-8a91-2c4d6e8f0a1b"
CONTENT = "{http://schemas.microsoft.com/office/appforoffice/1.1}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build(URL, CLIENT, tmp_path_factory.mktemp("manifests"))


def unified(paths: list[Path], name: str = "manifest.json") -> dict[str, Any]:
    with zipfile.ZipFile(paths[0]) as package:
        content: dict[str, Any] = json.loads(package.read(name))
    return content


def test_nothing_is_left_to_fill_in(built: list[Path]) -> None:
    with zipfile.ZipFile(built[0]) as package:
        files = {name: package.read(name) for name in package.namelist() if name.endswith(".json")}
    assert sorted(files) == ["de.json", "es.json", "fr.json", "it.json", "manifest.json"]
    files["manifest.xml"] = built[1].read_bytes()
    assert [name for name, content in files.items() if b"${" in content] == []


def test_package_holds_the_pictures_it_names(built: list[Path]) -> None:
    icons = unified(built)["icons"]
    with zipfile.ZipFile(built[0]) as package:
        assert set(icons.values()) <= set(package.namelist())
        assert all(package.read(name).startswith(b"\x89PNG") for name in icons.values())


def test_pane_opens_beside_a_mail_and_can_stay(built: list[Path]) -> None:
    extension = unified(built)["extensions"][0]
    action = extension["runtimes"][0]["actions"][0]
    assert extension["runtimes"][0]["code"]["page"] == f"{URL}/addin/pane"
    assert (action["type"], action["pinnable"], action["supportsNoItemContext"]) == ("openPage", True, True)
    assert [ribbon["contexts"] for ribbon in extension["ribbons"]] == [["mailRead"]]
    button = extension["ribbons"][0]["tabs"][0]["groups"][0]["controls"][0]
    assert button["actionId"] == action["id"]
    document = built[1].read_text()
    assert document.count("<SupportsPinning>true</SupportsPinning>") == 1
    assert f'<bt:Url id="pane" DefaultValue="{URL}/addin/pane"/>' in document


def test_teams_gets_the_bot_and_the_desk_as_a_tab(built: list[Path]) -> None:
    manifest = unified(built)
    assert [(bot["botId"], bot["scopes"], bot["supportsFiles"]) for bot in manifest["bots"]] == [
        (CLIENT, ["personal", "team"], True)
    ]
    tabs = {tab["entityId"]: tab for tab in manifest["staticTabs"]}
    assert (tabs["desk"]["contentUrl"], tabs["desk"]["scopes"]) == (f"{URL}/tab", ["personal"])
    assert unified(built, "de.json")["staticTabs[1].name"] == "Tickets"


def test_both_ask_for_what_is_needed_and_no_more(built: list[Path]) -> None:
    manifest = unified(built)
    assert manifest["extensions"][0]["requirements"]["capabilities"] == [{"name": "Mailbox", "minVersion": "1.5"}]
    assert manifest["authorization"]["permissions"]["resourceSpecific"] == [
        {"name": "MailboxItem.Read.User", "type": "Delegated"}
    ]
    assert manifest["webApplicationInfo"] == {"id": CLIENT, "resource": f"api://{CLIENT}"}
    assert manifest["validDomains"] == ["desk.example.com"]
    document = etree.parse(built[1])
    assert document.findtext(f"{CONTENT}Permissions") == "ReadItem"
    sets = [(e.get("Name"), e.get("MinVersion")) for e in document.iter() if etree.QName(e).localname == "Set"]
    assert sets == [("Mailbox", "1.5"), ("Mailbox", "1.5")]


def test_every_reference_in_the_xml_has_its_resource(built: list[Path]) -> None:
    document = etree.parse(built[1])
    named = {str(e.get("id")) for e in document.iter("{*}Image", "{*}Url", "{*}String") if e.get("id")}
    used = {str(e.get("resid")) for e in document.iter() if e.get("resid")}
    assert used == named


def test_phone_icons_are_given_at_their_real_size(built: list[Path]) -> None:
    document = etree.parse(built[1])
    scaled = {
        (int(e.get("size")) * int(e.get("scale")), e.get("resid")) for e in document.iter("{*}Image") if e.get("scale")
    }
    assert {(pixels, f"icon{pixels}") for pixels in (25, 50, 75, 32, 64, 96, 48, 144)} == scaled


def test_ids_stay_and_differ(built: list[Path], tmp_path: Path) -> None:
    manifest = unified(built)
    xml_id = etree.parse(built[1]).findtext(f"{CONTENT}Id")
    assert uuid.UUID(manifest["id"]) != uuid.UUID(xml_id)
    assert manifest["extensions"][0]["alternates"] == [{"hide": {"customOfficeAddin": {"officeAddinId": xml_id}}}]
    again = build(f"{URL.upper()}:443/", CLIENT.upper(), tmp_path / "again")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]
    renewed = unified(build(URL, "9" * 8 + CLIENT[8:], tmp_path / "renewed"))
    elsewhere = unified(build("https://desk.example.org", CLIENT, tmp_path / "elsewhere"))
    assert renewed["id"] == manifest["id"] != elsewhere["id"]


def test_the_two_can_be_told_apart_in_lists(built: list[Path]) -> None:
    document = etree.parse(built[1])
    assert document.find(f"{CONTENT}DisplayName").get("DefaultValue") != unified(built)["name"]["short"]
    assert document.findtext(f"{CONTENT}Version") == unified(built)["version"] + ".0"


def test_every_language_says_everything(built: list[Path]) -> None:
    words = texts()
    assert words.keys() == {"en"} | CULTURES.keys() == {"de", "en", "es", "fr", "it"}
    assert [language for language in words if words[language].keys() != words["en"].keys()] == []
    assert len({words[language]["tip"] for language in words}) == 5
    listed = unified(built)["localizationInfo"]["additionalLanguages"]
    assert [entry["languageTag"] for entry in listed] == ["de", "es", "fr", "it"]
    for entry in listed:
        spoken = unified(built, entry["file"])
        assert spoken["description.short"] == words[entry["languageTag"]]["tagline"]
        place = "extensions[0].ribbons[0].tabs[0].groups[0].controls[0].supertip.description"
        assert spoken[place] == words[entry["languageTag"]]["tip"]
    document = built[1].read_text()
    for culture in ("de-DE", "es-ES", "fr-FR", "it-IT"):
        assert document.count(f'Locale="{culture}"') == 4


def test_urls_are_all_those_a_client_opens(built: list[Path]) -> None:
    pages = {f"{URL}/addin/{page}" for page in ("pane", "help", "privacy", "terms")} | {f"{URL}/tab", f"{URL}/sign-in"}
    sizes = (16, 25, 32, 48, 50, 64, 75, 80, 96, 128, 144)
    assert urls(built) == pages | {f"{URL}/addin/icons/icon-{size}.png" for size in sizes}
    assert urls(built[:1]) < urls(built)


def test_every_icon_named_by_url_is_drawn(built: list[Path]) -> None:
    icons = Path(__file__).parents[2] / "manifests" / "icons"
    named = {urlsplit(url).path.rpartition("/")[2] for url in urls(built) if "/addin/icons/" in url}
    assert named
    assert named <= {file.name for file in icons.iterdir()}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("http://desk.example.com", "https://desk.example.com"),
        ("ftp://desk.example.com", "not a web address"),
        ("desk.example.com", "not a web address"),
        ("https://", "not a web address"),
        ("https://desk..example", "not a web address"),
        ("https://desk.example.com:port", "not a web address"),
        ('https://desk.example.com"/><x', "not a web address"),
        ("https://desk.example.com/desk", "bare address"),
        ("https://desk.example.com/?a=1", "bare address"),
        ("https://ann:secret@desk.example.com", "user name"),
        ("http://localhost.example.com", "https://localhost.example.com"),
    ],
)
def test_addresses_that_cannot_work_are_refused(raw: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as refused:
        build(raw, CLIENT, tmp_path / "out")
    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (" https://Desk.Example.com/ ", "https://desk.example.com"),
        ("https://desk.example.com:8443", "https://desk.example.com:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://localhost:3000", "https://localhost:3000"),
    ],
)
def test_addresses_that_work_are_made_plain(raw: str, clean: str) -> None:
    assert address(raw) == clean


@pytest.mark.parametrize("raw", ["", "deskside", CLIENT[:-1], f"{{{CLIENT}}}", "0" * 32, str(uuid.UUID(int=0))])
def test_ids_that_are_none_are_refused(raw: str) -> None:
    with pytest.raises(ManifestError, match="application \\(client\\) id"):
        guid(raw)


def test_versions_count_upwards_from_one() -> None:
    assert [manifest_version(v) for v in ("0.1.0", "0.2.0.dev3", "1.0.0rc1", "1.10.12")] == [
        "1.1.0",
        "1.2.0",
        "2.0.0",
        "2.10.12",
    ]
    with pytest.raises(ManifestError):
        manifest_version("next")


def test_version_is_the_projects(built: list[Path]) -> None:
    assert unified(built)["version"] == manifest_version(__version__)


def test_command_writes_both_and_says_where(tmp_path: Path) -> None:
    command = ["-m", "manifests.build", "--url", URL, "--client-id", CLIENT, "--out", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert sorted(run.stdout.split()) == sorted(str(path) for path in tmp_path.iterdir())
    assert run.stderr == ""


def test_command_refuses_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--url", "http://desk.example.com", "--client-id", CLIENT, "--out", str(tmp_path)])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err == "Outlook and Teams open https addresses only: use https://desk.example.com.\n"
    assert list(tmp_path.iterdir()) == []
