"""Both manifests against Microsoft's published schemas, where these are at hand."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from lxml import etree

from manifests.build import build

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(os.environ.get("DESKSIDE_REFERENCE", ROOT.parent / "shared" / "reference")) / "schemas"
CLIENT = "3f2a1c9e-5b7d-4e60-8a91-2c4d6e8f0a1b"
# The stub comes first: it stands for a schema of Excel's content add-ins that the others name but never use.
SCHEMA_FILES = {
    "http://schemas.microsoft.com/office/contentappversionoverrides": "ContentAppVersionOverridesStub",
    "http://schemas.microsoft.com/office/officeappbasictypes/1.0": "OfficeAppBasicTypesV1_0",
    "http://schemas.microsoft.com/office/taskpaneappversionoverrides": "TaskPaneAppVersionOverridesV1_0",
    "http://schemas.microsoft.com/office/mailappversionoverrides/1.1": "MailAppVersionOverridesV1_1",
    "http://schemas.microsoft.com/office/mailappversionoverrides": "MailAppVersionOverridesV1_0",
    "http://schemas.microsoft.com/office/appforoffice/1.1": "OfficeAppManifestV1_1",
}

pytestmark = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason=f"Microsoft's manifest schemas are not at {SCHEMAS} (DESKSIDE_REFERENCE)"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build("https://desk.example.com", CLIENT, tmp_path_factory.mktemp("manifests"))


def json_schema(name: str) -> Draft4Validator:
    schema = json.loads((SCHEMAS / "teams-v1.30" / f"{name}.schema.json").read_text("utf-8-sig"))
    return Draft4Validator(schema)


def package(built: list[Path]) -> dict[str, Any]:
    with zipfile.ZipFile(built[0]) as file:
        return {name: json.loads(file.read(name)) for name in file.namelist() if name.endswith(".json")}


@pytest.fixture(scope="module")
def xml_schema() -> etree.XMLSchema:
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{file}.xsd"/>' for namespace, file in SCHEMA_FILES.items()
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver, base_url=(SCHEMAS / "outlook-xsd" / "driver.xsd").as_uri()))


def test_unified_manifest_is_valid(built: list[Path]) -> None:
    errors = json_schema("MicrosoftTeams").iter_errors(package(built)["manifest.json"])
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_localisation_files_are_valid(built: list[Path]) -> None:
    schema = json_schema("MicrosoftTeams.Localization")
    languages = {name: content for name, content in package(built).items() if name != "manifest.json"}
    assert len(languages) == 4
    for name, content in languages.items():
        assert [f"{name} {error.json_path}: {error.message}" for error in schema.iter_errors(content)] == []


def test_xml_manifest_is_valid(built: list[Path], xml_schema: etree.XMLSchema) -> None:
    xml_schema.validate(etree.parse(built[1]))
    assert [f"{error.line}: {error.message}" for error in xml_schema.error_log] == []


@pytest.mark.parametrize("cut", ["DesktopFormFactor", "MobileFormFactor"])
def test_schema_looks_into_the_innermost_part(built: list[Path], xml_schema: etree.XMLSchema, cut: str) -> None:
    document = etree.parse(built[1])
    part = document.find(f".//{{*}}{cut}//{{*}}Label")
    part.getparent().remove(part)
    assert not xml_schema.validate(document)


def test_schema_refuses_plain_http(tmp_path: Path) -> None:
    trial = package(build("http://localhost:8000", CLIENT, tmp_path))["manifest.json"]
    places = {error.json_path for error in json_schema("MicrosoftTeams").iter_errors(trial)}
    assert places == {"$.extensions[0].runtimes[0].code.page"}
