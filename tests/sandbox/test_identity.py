"""Sign-in, with Microsoft's own library where it has a say."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import msal
import pytest

from backend.sandbox.people import API_SCOPE, CLIENT_ID, CLIENT_SECRET, CUSTOMER_TENANT, HOME_TENANT
from tests.sandbox.tenant import DESKSIDE, JANA, PIET, SERVICE, Tenant, known

AUTHORITY = f"https://login.microsoftonline.com/{HOME_TENANT}"
BACK = f"{DESKSIDE}/signin/callback"


class _Transport:
    """What MSAL calls instead of the network: the same requests, taken to the sandbox's address."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def _to(self, url: str) -> str:
        parts = urlsplit(url)
        assert (parts.scheme, parts.hostname) == ("https", "login.microsoftonline.com")
        return f"{self.tenant.url}{parts.path}"

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self.tenant.http.get(self._to(url), params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self.tenant.http.post(self._to(url), params=params, data=data, headers=headers)

    def close(self) -> None:
        """The client is the tenant's."""


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.people: list[str] = []
        self.action = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        if tag == "input":
            self.fields[given["name"]] = given["value"]
        if tag == "button" and given.get("name") == "person":
            self.people.append(given["value"])


def _form(answer: httpx.Response) -> _Form:
    assert answer.status_code == 200, answer.text
    form = _Form()
    form.feed(answer.text)
    return form


@pytest.fixture
def app(tenant: Tenant) -> Any:
    return msal.ConfidentialClientApplication(
        CLIENT_ID, authority=AUTHORITY, client_credential=CLIENT_SECRET, instance_discovery=False,
        http_client=_Transport(tenant),
    )  # fmt: skip


def _sign_in(tenant: Tenant, auth_uri: str, person: str = PIET) -> httpx.Response:
    """The browser's part: opens the address, picks the person; gives the redirect or the form that goes back."""
    address = auth_uri.replace("https://login.microsoftonline.com", tenant.url)
    form = _form(tenant.http.get(address))
    assert person in form.people
    return tenant.http.post(
        urlsplit(address).path, data={**form.fields, "person": person}, headers={"Origin": tenant.url}
    )


def _claims(tenant: Tenant, token: str, audience: str) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_dict(tenant.http.get(f"/{HOME_TENANT}/discovery/v2.0/keys").json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    found: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], audience=audience)
    return found


def test_msal_gets_an_app_token(tenant: Tenant, app: Any) -> None:
    got = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    claims = _claims(tenant, got["access_token"], "https://graph.microsoft.com")
    assert claims["idtyp"] == "app"
    assert "scp" not in claims
    assert {"Mail.ReadWrite", "Mail.Send"} <= set(claims["roles"])
    assert claims["iss"] == f"{AUTHORITY}/v2.0"


def test_msal_signs_a_person_in(tenant: Tenant, app: Any) -> None:
    flow = app.initiate_auth_code_flow([API_SCOPE], redirect_uri=BACK, prompt="select_account")
    back = _sign_in(tenant, flow["auth_uri"])
    assert back.status_code == 302
    assert back.headers["Location"].startswith(f"{BACK}?")
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}
    got = app.acquire_token_by_auth_code_flow(flow, answer)
    assert "error" not in got, got
    assert got["id_token_claims"]["preferred_username"] == PIET
    claims = _claims(tenant, got["access_token"], CLIENT_ID)
    assert claims["scp"] == "access_as_user"
    assert (claims["tid"], claims["oid"], claims["ver"]) == (HOME_TENANT, known(PIET).id, "2.0")
    assert claims["roles"] == ["technician"]
    assert claims["sub"] not in (claims["oid"], PIET)
    silent = app.acquire_token_silent([API_SCOPE], app.get_accounts()[0], force_refresh=True)
    assert silent["access_token"] != got["access_token"]
    again = app.acquire_token_by_auth_code_flow(flow, answer)
    assert "AADSTS54005" in again["error_description"]


def test_msal_takes_the_answer_by_form_post(tenant: Tenant, app: Any) -> None:
    flow = app.initiate_auth_code_flow([], redirect_uri=BACK, response_mode="form_post")
    form = _form(_sign_in(tenant, flow["auth_uri"]))
    assert form.action == BACK
    got = app.acquire_token_by_auth_code_flow(flow, form.fields)
    assert got["id_token_claims"]["oid"] == known(PIET).id


def _asked(**changes: str) -> dict[str, str]:
    return {
        "client_id": CLIENT_ID, "redirect_uri": BACK, "response_type": "code", "scope": "openid", "state": "s",
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "http://evil.example/"}, {"redirect_uri": "https://localhost:8000/x"}, {"client_id": "other"}],
    ids=str,
)
def test_a_wrong_address_or_client_gets_no_redirect(tenant: Tenant, changes: dict[str, str]) -> None:
    answer = tenant.http.get(f"/{HOME_TENANT}/oauth2/v2.0/authorize", params=_asked(**changes))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_without_a_choice_prompt_none_says_login_required(tenant: Tenant) -> None:
    with httpx.Client(base_url=tenant.url) as fresh:
        answer = fresh.get(f"/{HOME_TENANT}/oauth2/v2.0/authorize", params=_asked(prompt="none"))
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (query["error"], query["state"]) == (["login_required"], ["s"])


def test_sign_in_refuses_frames_and_other_sites(tenant: Tenant) -> None:
    page = tenant.http.get(f"/{HOME_TENANT}/oauth2/v2.0/authorize", params=_asked())
    assert page.headers["X-Frame-Options"] == "DENY"
    forged = tenant.http.post(
        f"/{HOME_TENANT}/oauth2/v2.0/authorize", data={**_asked(), "person": PIET},
        headers={"Origin": "http://evil.example"},
    )  # fmt: skip
    assert forged.status_code == 403


def test_only_people_of_the_tenant_are_offered(tenant: Tenant) -> None:
    home = _form(tenant.http.get(f"/{HOME_TENANT}/oauth2/v2.0/authorize", params=_asked())).people
    everyone = _form(tenant.http.get("/organizations/oauth2/v2.0/authorize", params=_asked())).people
    assert JANA not in home
    assert {JANA, PIET} <= set(everyone)
    assert SERVICE not in everyone


def _token(tenant: Tenant, alias: str = HOME_TENANT, **fields: str) -> httpx.Response:
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}
    return tenant.http.post(f"/{alias}/oauth2/v2.0/token", data=form)


def _code(tenant: Tenant, **changes: str) -> str:
    address = f"{tenant.url}/{HOME_TENANT}/oauth2/v2.0/authorize?{httpx.QueryParams(_asked(**changes))}"
    back = _sign_in(tenant, address)
    return parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]


def test_a_code_needs_its_verifier_its_address_and_time(tenant: Tenant) -> None:
    challenge = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    grant = {"grant_type": "authorization_code", "redirect_uri": BACK}
    wrong = _token(tenant, code=_code(tenant, **challenge), code_verifier="wrong", **grant)
    assert "AADSTS501481" in wrong.json()["error_description"]
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    right = _token(tenant, code=_code(tenant, **challenge), code_verifier=verifier, **grant)
    assert right.status_code == 200
    elsewhere = {**grant, "redirect_uri": f"{DESKSIDE}/other"}
    assert "AADSTS500112" in _token(tenant, code=_code(tenant), **elsewhere).json()["error_description"]
    late = _code(tenant)
    tenant.control("POST", "/clock", json={"advance": 61})
    assert _token(tenant, code=late, **grant).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("fields", "alias", "number"),
    [
        ({"client_secret": "wrong"}, HOME_TENANT, 7000215),
        ({"client_id": "other"}, HOME_TENANT, 700016),
        ({"scope": "https://graph.microsoft.com/Mail.Read"}, HOME_TENANT, 70011),
        ({"grant_type": "password"}, HOME_TENANT, 70003),
        ({}, "00000000-0000-0000-0000-000000000009", 90002),
        ({}, CUSTOMER_TENANT, 700016),
    ],
    ids=str,
)
def test_wrong_token_requests_are_refused(tenant: Tenant, fields: dict[str, str], alias: str, number: int) -> None:
    usual = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    answer = _token(tenant, alias, **{**usual, **fields})
    assert answer.status_code in (400, 401)
    assert answer.json()["error_codes"] == [number]


@pytest.mark.parametrize("alias", [HOME_TENANT, "nordlicht-it.example", "common", "organizations"])
def test_discovery_names_the_real_addresses(tenant: Tenant, alias: str) -> None:
    found = tenant.http.get(f"/{alias}/v2.0/.well-known/openid-configuration").json()
    shared = alias in ("common", "organizations")
    assert found["issuer"] == f"https://login.microsoftonline.com/{'{tenantid}' if shared else HOME_TENANT}/v2.0"
    assert found["jwks_uri"].startswith("https://login.microsoftonline.com/")


def test_graph_lets_only_its_own_living_app_tokens_in(tenant: Tenant) -> None:
    def refusal(token: str) -> tuple[int, str]:
        answer = tenant.http.get(f"/v1.0/users/{SERVICE}/messages", headers={"Authorization": token})
        return answer.status_code, answer.json()["error"]["code"]

    def minted(**given: Any) -> str:
        return f"Bearer {tenant.control('POST', '/token', json=given).json()['access_token']}"

    invalid = (401, "InvalidAuthenticationToken")
    assert refusal("") == invalid
    assert refusal("Bearer nonsense") == invalid
    assert refusal(minted(person=PIET)) == invalid
    assert refusal(minted(app=True, alg="HS256")) == invalid
    assert refusal(minted(app=True, overrides={"aud": "https://example.com"})) == invalid
    assert refusal(minted(app=True, overrides={"roles": ["Mail.Send"]})) == (403, "ErrorAccessDenied")
    tenant.control("POST", "/clock", json={"advance": 3700})
    assert refusal(f"Bearer {tenant.token}") == invalid


def test_minted_user_tokens_take_overrides(tenant: Tenant) -> None:
    given = {"person": JANA, "overrides": {"scp": None, "tid": "another"}}
    found = tenant.control("POST", "/token", json=given).json()
    claims = _claims(tenant, found["access_token"], CLIENT_ID)
    assert "scp" not in claims
    assert claims["tid"] == "another"
    assert found["account"]["homeAccountId"] == f"{known(JANA).id}.{CUSTOMER_TENANT}"
    assert _claims(tenant, found["id_token"], CLIENT_ID)["name"] == "Jana Wiedekind"
