"""Fills in the manifests for one installation: the package for Microsoft 365, the XML for Mac and phones.

    python -m manifests.build --url https://desk.example.com --client-id GUID --out DIR

Which clients read which: docs/manifests.md. The formats are Microsoft's app manifest 1.30 with its
localisation files, and Office's add-in only manifest with mail version overrides 1.1.
"""

import argparse
import json
import re
import sys
import uuid
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from backend import __version__

HERE = Path(__file__).parent
PACKAGE, ADD_IN = "deskside-microsoft365.zip", "deskside-outlook.xml"
DEFAULT_LANGUAGE = "en"
# Outlook compares whole culture names in the XML, so each language names the regions it serves.
CULTURES = {
    "de": ("de-DE", "de-AT", "de-CH"),
    "es": ("es-ES", "es-MX"),
    "fr": ("fr-FR", "fr-BE", "fr-CA", "fr-CH"),
    "it": ("it-IT", "it-CH"),
}
_LOOPBACK = {"localhost", "127.0.0.1"}
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PICTURES = {"color.png": "color-192.png", "outline.png": "outline-32.png", "color32.png": "icon-32.png"}

Texts = Mapping[str, Mapping[str, str]]


class ManifestError(ValueError):
    """An address, id or version that no manifest can be made of; the message is a sentence for a person."""


@dataclass(frozen=True)
class Installation:
    """What differs between two installations, checked: `base` is scheme and host, without a path."""

    base: str
    client_id: str
    version: str

    @property
    def domain(self) -> str:
        """Host and port, as the list of valid domains wants it."""
        return self.base.partition("://")[2]

    def id_of(self, format_name: str) -> str:
        """The add-in's id in one format: the same at every build for this address, another for each format.

        It hangs on the address alone, so that a renewed app registration updates the add-in in its place.
        """
        return str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, self.base), f"manifest/{format_name}"))


def address(raw: str) -> str:
    """The installation's address as scheme and host, port only where it is not the usual one.

    Raises ManifestError for http (except on this machine), for a path or query, for what is no address.
    """
    try:
        parts = urlsplit(raw.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ManifestError(f"{raw!r} is not a web address such as https://desk.example.com.") from error
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise ManifestError(f"{raw!r} is not a web address such as https://desk.example.com.")
    if parts.username is not None or parts.password is not None:
        raise ManifestError("The address must not hold a user name or password.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ManifestError(f"Give the bare address without a path: {parts.scheme}://{parts.netloc}.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ManifestError(f"Outlook and Teams open https addresses only: use https://{parts.netloc}.")
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if port in (None, usual) else f"{parts.scheme}://{host}:{port}"


def guid(raw: str) -> str:
    """The application (client) id in lower case. Raises ManifestError where it is none."""
    value = raw.strip().lower()
    if not _GUID.fullmatch(value) or uuid.UUID(value).int == 0:
        raise ManifestError(
            f"{raw!r} is not an application (client) id such as 12345678-90ab-cdef-1234-567890abcdef; "
            "it stands on the app registration's overview page in Microsoft Entra."
        )
    return value


def manifest_version(project: str) -> str:
    """`n.n.n` for the manifests: one major version ahead of the project's, what follows a patch cut off.

    Microsoft's checks refuse versions below 1.0 and pre-release marks, and an update must count upwards.
    """
    found = re.match(r"(\d{1,4})\.(\d{1,5})\.(\d{1,5})(?!\d)", project)
    if not found:
        raise ManifestError(f"The project's version {project!r} does not begin with three numbers.")
    major, minor, patch = map(int, found.groups())
    return f"{major + 1}.{minor}.{patch}"


def texts() -> Texts:
    """Names and descriptions by language and key, as people see them in lists and on the ribbon."""
    found: Texts = json.loads((HERE / "texts.json").read_text("utf-8"))
    return found


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    match value:
        case str():
            return Template(value).substitute(values)
        case list():
            return [_filled(item, values) for item in value]
        case dict():
            return {key: item if key == "$schema" else _filled(item, values) for key, item in value.items()}
        case _:
            return value


def _placed(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a template with its path as localisation files write it: `a.b[0].c`."""
    match value:
        case str():
            yield path, value
        case list():
            for index, item in enumerate(value):
                yield from _placed(item, f"{path}[{index}]")
        case dict():
            for key, item in value.items():
                yield from _placed(item, f"{path}.{key}" if path else key)


def unified(installation: Installation) -> dict[str, dict[str, Any]]:
    """The app package's JSON files by name: manifest.json and one file for each further language."""
    template = json.loads((HERE / "teams" / "manifest.json").read_text("utf-8"))
    words = texts()
    facts = {
        "base": installation.base,
        "domain": installation.domain,
        "client_id": installation.client_id,
        "version": installation.version,
        "id": installation.id_of("unified"),
        "other_id": installation.id_of("xml"),
    }
    manifest: dict[str, Any] = _filled(template, {**words[DEFAULT_LANGUAGE], **facts})
    files = {"manifest.json": manifest}
    worded = {f"${{{key}}}": key for key in words[DEFAULT_LANGUAGE]}
    places = {path: worded[text] for path, text in _placed(template) if text in worded}
    for language in sorted(words.keys() - {DEFAULT_LANGUAGE}):
        manifest["localizationInfo"]["additionalLanguages"].append(
            {"languageTag": language, "file": f"{language}.json"}
        )
        schema = template["$schema"].replace("MicrosoftTeams.schema", "MicrosoftTeams.Localization.schema")
        files[f"{language}.json"] = {"$schema": schema} | {path: words[language][key] for path, key in places.items()}
    return files


def xml(installation: Installation) -> str:
    """The add-in only manifest."""
    words = texts()
    values = {
        "base": installation.base,
        "version": f"{installation.version}.0",
        "id": installation.id_of("xml"),
    } | {key: _attribute(text) for key, text in words[DEFAULT_LANGUAGE].items()}
    for key in words[DEFAULT_LANGUAGE]:
        for prefix, tag in (("", "Override"), ("bt_", "bt:Override")):
            values[f"{prefix}overrides_{key}"] = "".join(
                f'<{tag} Locale="{culture}" Value="{_attribute(words[language][key])}"/>'
                for language, cultures in CULTURES.items()
                for culture in cultures
            )
    return Template((HERE / "outlook" / "manifest.xml").read_text("utf-8")).substitute(values)


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;", "\n": "&#10;"})


def build(base_url: str, client_id: str, out: Path) -> list[Path]:
    """Write both manifests for the installation at `base_url` into the folder `out` and return the files.

    The same input gives the same bytes. Raises ManifestError, with a sentence, before anything is written.
    """
    installation = Installation(address(base_url), guid(client_id), manifest_version(__version__))
    files = {
        name: json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"
        for name, content in unified(installation).items()
    }
    files |= {name: (HERE / "icons" / picture).read_bytes() for name, picture in _PICTURES.items()}
    document = xml(installation).encode()
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out / PACKAGE, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    (out / ADD_IN).write_bytes(document)
    return [out / PACKAGE, out / ADD_IN]


def urls(paths: Iterable[Path]) -> set[str]:
    """Every web address a client opens because one of these built manifests (.zip or .xml) names it.

    Names of schemas and namespaces are not among them.
    """
    found: set[str] = set()
    for path in paths:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as package:
                for name in package.namelist():
                    if name.endswith(".json"):
                        strings = _placed(json.loads(package.read(name)))
                        found |= {text for place, text in strings if place != "$schema"}
        else:
            for element in ElementTree.parse(path).iter():
                found |= {element.text or "", *element.attrib.values()}
    return {text for text in found if text.startswith(("https://", "http://"))}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 and the written files, or 2 and a sentence."""
    parser = argparse.ArgumentParser(prog="python -m manifests.build", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--url", required=True, help="the installation's address, as people open it")
    parser.add_argument("--client-id", required=True, help="the app registration's application (client) id")
    parser.add_argument("--out", type=Path, default=Path("var/manifests"), help="folder (default: %(default)s)")
    given = parser.parse_args(arguments)
    try:
        for path in build(given.url, given.client_id, given.out):
            print(path)
    except ManifestError as error:
        print(error, file=sys.stderr)
        return 2
    if given.url.strip().startswith("http://"):
        print("Outlook takes https addresses only: these two serve trials on this machine.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
