"""Tokens that are not meant for us, not from who they say, or over: all are refused."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest

from backend import config
from backend.microsoft import identity
from backend.sandbox import people as tenant
from tests.world import World

MAREK = "marek.ostwald@nordlicht-it.example"
STRANGER = "33333333-cccc-4ccc-8ccc-000000000009"


def refused(token: str) -> str:
    with pytest.raises(identity.TokenRefused) as caught:
        identity.validate(token)
    return str(caught.value)


def test_a_good_token_says_who_it_is(world: World) -> None:
    claims = identity.validate(world.access_token(MAREK))
    account = tenant.by_mail(MAREK)
    assert account is not None
    assert (claims.tenant_id, claims.object_id) == (tenant.HOME_TENANT, account.id)
    assert (claims.name, set(claims.roles)) == ("Marek Ostwald", {"technician", "administrator"})


@pytest.mark.parametrize(
    "claims",
    [
        {"tid": STRANGER, "iss": f"https://login.microsoftonline.com/{STRANGER}/v2.0"},
        {"iss": f"https://login.microsoftonline.com/{STRANGER}/v2.0"},
        {"iss": f"https://login.microsoftonline.com/{tenant.CUSTOMER_TENANT}/v2.0"},
        {"tid": tenant.CUSTOMER_TENANT},
        {"iss": "https://login.microsoftonline.com/common/v2.0"},
        {"iss": f"https://sts.windows.net/{tenant.HOME_TENANT}/", "ver": "1.0"},
        {"ver": "1.0", "aud": f"api://{tenant.CLIENT_ID}"},
        {"aud": "https://graph.microsoft.com"},
        {"aud": STRANGER},
        {"aud": [tenant.CLIENT_ID, STRANGER]},
        {"aud": None},
        {"scp": None},
        {"scp": "User.Read"},
        {"scp": "access_as_user_too"},
        {"idtyp": "app"},
        {"scp": None, "idtyp": "app", "roles": ["administrator"]},
        {"oid": None},
        {"oid": 7},
        {"tid": None},
        {"exp": None},
        {"nbf": None},
        {"iat": None},
        {"exp": int(time.time()) - 600},
        {"nbf": int(time.time()) + 86_400},
        {"iat": int(time.time()) + 86_400},
        {"exp": "soon"},
    ],
    ids=lambda claims: "+".join(claims),
)
def test_a_token_with_one_wrong_claim_is_refused(world: World, claims: dict[str, Any]) -> None:
    identity.validate(world.access_token(MAREK))
    assert refused(world.access_token(MAREK, **claims))


def test_other_signatures_are_refused(world: World) -> None:
    account = tenant.by_mail(MAREK)
    assert account is not None
    claims = {k: v for k, v in world.sandbox_keys.user_token(account).items() if v is not None}
    kid = {"kid": world.sandbox_keys.kid}
    good = world.access_token(MAREK)
    public = jwt.PyJWK(world.sandbox_keys.jwks("x")["keys"][0]).key.public_numbers().n.to_bytes(256, "big")
    head, body, signature = good.split(".")
    other = world.access_token("piet.hagenauer@nordlicht-it.example").split(".")[1]
    for token in (
        jwt.encode(claims, public, algorithm="HS256", headers=kid),
        jwt.encode(claims, "a" * 32, algorithm="HS256", headers=kid),
        jwt.encode(claims, "", algorithm="none", headers=kid),
        f"{head}.{body}.",
        f"{head}.{other}.{signature}",
        world.sandbox_keys.sign(claims, kid="unknown"),
        "",
        "x",
        "a.b.c",
        "é" * 40,
        "x" * 100_000,
    ):
        assert refused(token)


def test_a_token_ends_by_the_tenants_clock(world: World) -> None:
    token = world.access_token(MAREK)
    identity.validate(token)
    world.pass_time(timedelta(hours=2))
    assert "expired" in refused(token)


def test_unknown_keys_do_not_make_us_ask_microsoft_again_and_again(world: World) -> None:
    identity.validate(world.access_token(MAREK))
    account = tenant.by_mail(MAREK)
    assert account is not None
    before = len(world.sandbox.get("/_sandbox/requests").json())
    for number in range(20):
        refused(world.sandbox_keys.sign(world.sandbox_keys.user_token(account), kid=f"made-up-{number}"))
    assert len(world.sandbox.get("/_sandbox/requests").json()) == before


def test_the_apps_own_token_is_asked_for_once_and_again_when_it_ends(world: World) -> None:
    first = identity.app_token()
    assert identity.app_token() == first
    world.pass_time(timedelta(hours=2))
    assert identity.app_token() != first
    assert config.current().client_secret not in repr(config.current())


def test_an_answer_that_leads_elsewhere_is_not_followed(world: World) -> None:
    """A token must not go where a redirect points to; Session.get follows by itself."""
    asked = {
        "client_id": world.settings.client_id, "response_type": "code", "scope": "openid", "prompt": "none",
        "redirect_uri": f"{world.settings.url}/sign-in/callback",
    }  # fmt: skip
    address = f"{world.settings.authority}/oauth2/v2.0/authorize"
    assert identity.transport(world.settings).get(address, params=asked).status_code == 302
