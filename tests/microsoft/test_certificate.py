"""A certificate proves who the app is, wherever a secret would: Graph, the bot, people who sign in."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jwt
import pytest

from backend import config
from backend.errors import OutsideDown
from backend.microsoft import certificate, identity
from tests.microsoft import certificates
from tests.signin.test_sign_in import MAREK, sign_in
from tests.world import World


@pytest.fixture
def certified(world: World, tmp_path: Path) -> Iterator[World]:
    """A Deskside without a secret, whose certificate is uploaded in the tenant."""
    path, public = certificates.make(tmp_path)
    assert world.sandbox.post("/_sandbox/registration/certificates", content=public).status_code == 201
    before = world.settings
    world.settings = replace(before, client_secret="", client_certificate=path)
    config.use(world.settings)
    yield world
    config.use(before)


def refused(settings: config.Config) -> tuple[int, ...]:
    config.use(settings)
    with pytest.raises(identity.AppRefused) as caught:
        identity.app_token()
    return caught.value.numbers


def token_requests(world: World) -> list[str]:
    asked = world.sandbox.get("/_sandbox/requests").json()
    return [str(one["body"]) for one in asked if one["path"].endswith("/oauth2/v2.0/token")]


def test_the_app_and_the_bot_sign_in_with_a_certificate(certified: World) -> None:
    graph = jwt.decode(identity.app_token(), options={"verify_signature": False})
    assert graph["aud"] == "https://graph.microsoft.com"
    bot = jwt.decode(identity.bot_token(), options={"verify_signature": False})
    assert bot["aud"] == "https://api.botframework.com"
    bodies = token_requests(certified)
    assert len(bodies) == 2
    assert all("client_assertion" in body and "client_secret" not in body for body in bodies)


def test_a_person_signs_in_where_there_is_only_a_certificate(certified: World) -> None:
    back = sign_in(certified, certified.browser(), MAREK)
    assert (back.status_code, back.headers["Location"]) == (303, "/tickets")
    [body] = [one for one in token_requests(certified) if "authorization_code" in one]
    assert "client_assertion" in body
    assert "client_secret" not in body


def test_a_key_with_a_passphrase_is_opened(certified: World, tmp_path: Path) -> None:
    path, public = certificates.make(tmp_path, passphrase="four quiet words", name="locked.pem")
    certified.sandbox.post("/_sandbox/registration/certificates", content=public)
    config.use(
        replace(
            certified.settings,
            client_certificate=path,
            client_certificate_passphrase="four quiet words",
            client_secret="",
        )
    )
    assert identity.app_token()


def test_a_renewed_certificate_is_taken_up_without_a_restart(certified: World, tmp_path: Path) -> None:
    path = certified.settings.client_certificate
    assert path is not None
    sign_in(certified, certified.browser(), MAREK)
    _, public = certificates.make(tmp_path)
    os.utime(path, ns=(1, 1))
    certified.sandbox.delete("/_sandbox/registration/certificates")
    certified.sandbox.post("/_sandbox/registration/certificates", content=public)
    identity.forget_app_token()
    assert identity.app_token()
    assert sign_in(certified, certified.browser(), MAREK).status_code == 303


def test_a_certificate_that_is_not_uploaded_is_refused(world: World, tmp_path: Path) -> None:
    path, _ = certificates.make(tmp_path)
    assert refused(replace(world.settings, client_certificate=path)) == (700027,)


def test_a_certificate_that_has_ended_is_refused(world: World, tmp_path: Path) -> None:
    path, public = certificates.make(tmp_path, days=-1)
    world.sandbox.post("/_sandbox/registration/certificates", content=public)
    assert refused(replace(world.settings, client_certificate=path)) == (1000502,)


def test_a_file_that_others_can_read_is_not_used(certified: World) -> None:
    path = certified.settings.client_certificate
    assert path is not None
    path.chmod(0o644)
    with pytest.raises(certificate.Unusable, match="can be read by others"):
        certificate.read(path)
    identity.forget_app_token()
    with pytest.raises(OutsideDown):
        identity.app_token()


def test_what_cannot_be_used_is_said_in_a_sentence_that_holds_none_of_it(tmp_path: Path) -> None:
    path, public = certificates.make(tmp_path, passphrase="four quiet words")
    other, _ = certificates.make(tmp_path, name="other.pem")
    with pytest.raises(certificate.Unusable, match="set CLIENT_CERTIFICATE_PASSPHRASE"):
        certificate.read(path)
    with pytest.raises(certificate.Unusable, match="PASSPHRASE is wrong") as caught:
        certificate.read(path, "three words")
    assert "three words" not in str(caught.value)
    other.write_text(other.read_text().partition("-----BEGIN CERTIFICATE")[0] + public)
    with pytest.raises(certificate.Unusable, match="no certificate that belongs"):
        certificate.read(other)
    key = other.read_text().splitlines()[2]
    found = certificate.read(path, "four quiet words")
    assert key not in repr(found)
    assert "four quiet words" not in repr(found)


def settings_with(**given: str) -> config.Config:
    needed = {
        "DATABASE_URL": "postgresql:///x",
        "SECRET_KEY": "0" * 64,
        "TENANT_ID": "11111111-aaaa-4aaa-8aaa-000000000001",
        "CLIENT_ID": "22222222-bbbb-4bbb-8bbb-000000000001",
    }
    return config.load({**needed, **given})


def test_one_of_secret_and_certificate_is_needed(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="CLIENT_CERTIFICATE or CLIENT_SECRET is missing"):
        settings_with()
    path, _ = certificates.make(tmp_path)
    assert settings_with(CLIENT_CERTIFICATE=str(path)).client_certificate == path
    path.chmod(0o640)
    with pytest.raises(config.ConfigError, match="CLIENT_CERTIFICATE can be read by others") as caught:
        settings_with(CLIENT_CERTIFICATE=str(path))
    assert len(caught.value.problems) == 1
    for wrong in (tmp_path / "nothing.pem", tmp_path):
        with pytest.raises(config.ConfigError, match="CLIENT_CERTIFICATE cannot be read"):
            settings_with(CLIENT_CERTIFICATE=str(wrong))


def assertion(path: Path, *, alg: str = "PS256", **changed: object) -> str:
    found = certificate.read(path)
    thumbprint = jwt.utils.base64url_encode(bytes.fromhex(found.thumbprint)).decode()
    now = time.time()
    claims: dict[str, object] = {
        "aud": f"https://login.microsoftonline.com/{ids()[0]}/oauth2/v2.0/token",
        "iss": ids()[1], "sub": ids()[1], "exp": now + 600, "nbf": now, "jti": "one",
    }  # fmt: skip
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode(claims, found.key, algorithm=alg, headers={"x5t#S256": thumbprint})


def ids() -> tuple[str, str]:
    return "11111111-aaaa-4aaa-8aaa-000000000001", "22222222-bbbb-4bbb-8bbb-000000000001"


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({}, 0),
        ({"aud": "https://login.microsoftonline.com/common/oauth2/v2.0/token"}, 700023),
        ({"exp": 1_000_000}, 700024),
        ({"jti": None}, 50027),
        ({"iss": "33333333-bbbb-4bbb-8bbb-000000000001"}, 700021),
        ({"alg": "RS256"}, 700027),
    ],
    ids=str,
)
def test_the_sandbox_is_as_strict_about_assertions_as_microsoft(
    certified: World, changed: dict[str, str], number: int
) -> None:
    assert certified.settings.client_certificate is not None
    form = {
        "client_id": ids()[1], "grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(certified.settings.client_certificate, **changed),
    }  # fmt: skip
    answer = certified.sandbox.post(f"/{ids()[0]}/oauth2/v2.0/token", data=form)
    assert answer.json().get("error_codes", [0]) == [number]


def test_a_foreign_signature_under_our_thumbprint_is_refused(certified: World, tmp_path: Path) -> None:
    assert certified.settings.client_certificate is not None
    other, _ = certificates.make(tmp_path, name="other.pem")
    ours, theirs = assertion(certified.settings.client_certificate), assertion(other)
    forged = ".".join([*ours.split(".")[:2], theirs.split(".")[2]])
    form = {
        "client_id": ids()[1], "grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": forged,
    }  # fmt: skip
    answer = certified.sandbox.post(f"/{ids()[0]}/oauth2/v2.0/token", data=form)
    assert answer.json()["error_codes"] == [700027]
