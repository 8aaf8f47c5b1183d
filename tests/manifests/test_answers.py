"""Every address in the built manifests answers, to somebody who is not signed in."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from backend.app import VIEWS
from manifests.build import build, urls

ROOT = Path(__file__).parents[2]
CLIENT = "22222222-bbbb-4bbb-8bbb-000000000001"
# In a process of its own: an application binds its process to its settings and database. Nobody is signed in and
# Microsoft fetches these at any time, so the database named here is none: no page may need it.
SCRIPT = """
import json, sys
from backend.app import create_app
from backend.config import load
client = create_app(load(json.loads(sys.argv[1]))).test_client()
answers = {}
for path in sys.argv[2:]:
    with client.get(path) as answer:
        headers = answer.headers
        answers[path] = [answer.status_code, answer.mimetype, headers.get("Cache-Control", ""), len(answer.data)]
print(json.dumps(answers))
"""
SETTINGS = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "PUBLIC_URL": "https://desk.example.com",
    "SECRET_KEY": "only for this test, thirty-two letters",
    "TENANT_ID": "11111111-aaaa-4aaa-8aaa-000000000001",
    "CLIENT_ID": CLIENT,
    "CLIENT_SECRET": "only for this test",
    "DESK_MAILBOXES": "service@nordlicht-it.example",
}


def missing_views() -> list[str]:
    places = {name: ROOT.joinpath(*name.split(".")) for name in VIEWS}
    return [name for name, path in places.items() if not path.with_suffix(".py").exists() and not path.is_dir()]


@pytest.mark.slow
@pytest.mark.skipif(bool(missing_views()), reason=f"not there yet: {', '.join(missing_views())}")
def test_every_address_answers(tmp_path: Path) -> None:
    named = urls(build("https://desk.example.com", CLIENT, tmp_path))
    paths = sorted(urlsplit(url).path for url in named)
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(SETTINGS), *paths],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answers = json.loads(run.stdout.splitlines()[-1])
    assert sorted(answers) == paths
    assert {path: answer for path, answer in answers.items() if answer[0] != 200 or not answer[3]} == {}
    for path, (_, kind, cache, _) in answers.items():
        if "/icons/" in path:
            # Outlook refuses icons whose answers forbid a cache.
            assert (kind, "no-store" in cache, "no-cache" in cache) == ("image/png", False, False), path
        else:
            assert kind == "text/html", path
