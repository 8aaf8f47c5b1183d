"""The audit tells a weakness from silence: only the first fails it."""

import json

import pytest

from tests.audit import audit

# As pip-audit 2.10 and npm 11 write it.
PYTHON = {
    "dependencies": [
        {"name": "good", "version": "1.0", "vulns": []},
        {"name": "gone", "skip_reason": "Dependency not found on PyPI and could not be audited: gone (1.0)"},
        {"name": "bad", "version": "0.5", "vulns": [
            {"id": "PYSEC-2019-179", "fix_versions": ["1.0"], "aliases": ["CVE-2019-1010083"], "description": "x"}]},
    ],
    "fixes": [],
}  # fmt: skip
ADVISORY = {"source": 1, "name": "deep", "title": "Bad", "url": "https://example.com/advisories/GHSA-aaaa-bbbb-cccc"}
BROWSER = {"auditReportVersion": 2, "vulnerabilities": {
    "deep": {"name": "deep", "severity": "high", "via": [ADVISORY]},
    "above": {"name": "above", "severity": "high", "via": ["deep"]}}}  # fmt: skip
REVIEWED = '[[reviewed]]\nid = "{}"\nbecause = "{}"\n'


def test_a_known_weakness_is_found_in_both() -> None:
    assert audit.unreviewed(audit.of_python(json.dumps(PYTHON)), "") == ["bad 0.5: PYSEC-2019-179, mended in 1.0"]
    assert audit.unreviewed(audit.of_browser(json.dumps(BROWSER)), "") == ["deep: GHSA-aaaa-bbbb-cccc Bad"]


def test_what_was_looked_at_with_a_reason_is_passed_over() -> None:
    found = audit.of_python(json.dumps(PYTHON))
    assert audit.unreviewed(found, REVIEWED.format("CVE-2019-1010083", "not used")) == []
    assert audit.unreviewed(found, REVIEWED.format("CVE-2019-1010083", "")) != []
    assert audit.unreviewed(found, REVIEWED.format("CVE-2000-1", "another")) != []


@pytest.mark.parametrize("answer", ["", "null", "[]", '{"message": "405 Method Not Allowed", "statusCode": 405}'])
def test_silence_is_no_weakness_and_no_all_clear(answer: str) -> None:
    for read in (audit.of_python, audit.of_browser):
        with pytest.raises(audit.NotAnswered):
            read(answer)
    with pytest.raises(audit.NotAnswered):
        audit.of_python(json.dumps({"dependencies": [PYTHON["dependencies"][1]]}))
