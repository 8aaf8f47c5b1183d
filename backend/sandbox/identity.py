"""Sign-in: OpenID discovery, keys and the token endpoint of Microsoft's identity platform.

Shapes and error codes: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, Response, jsonify, request

from backend.sandbox import registration
from backend.sandbox.people import (
    API_SCOPE,
    CLIENT_ID,
    CLIENT_SECRET,
    GRAPH,
    HOME_TENANT,
    Person,
    find,
    tenant_of,
)
from backend.sandbox.store import stamp
from backend.sandbox.tokens import BOT_CHANNEL, LIFETIME
from backend.sandbox.world import World, world

blueprint = Blueprint("identity", __name__)
AUTHORITY = "https://login.microsoftonline.com"
SHARED = ("common", "organizations")
# The tenant in which bots of no tenant of their own get their tokens.
# https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
BOT_TENANT = "d6d49420-f39b-4df7-a1dc-d59a935871db"
_OPENID = {"openid", "profile", "offline_access", "email"}
REFRESH_LIFETIME = 90 * 24 * 3600  # seconds, as Microsoft's


class Wrong(Exception):
    """A request the sign-in service refuses: OAuth error, number of the AADSTS message, its sentence."""

    def __init__(self, error: str, number: int, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.error, self.number, self.sentence, self.status = error, number, sentence, status

    def description(self, trace: str) -> str:
        """The `error_description` Microsoft sends."""
        when = world().store.now().strftime("%Y-%m-%d %H:%M:%SZ")
        return f"AADSTS{self.number}: {self.sentence} Trace ID: {trace} Correlation ID: {trace} Timestamp: {when}"


@blueprint.errorhandler(Wrong)
def wrong(error: Wrong) -> tuple[Response, int]:
    """The OAuth error document."""
    trace = str(uuid.uuid4())
    return (
        jsonify(
            error=error.error,
            error_description=error.description(trace),
            error_codes=[error.number],
            timestamp=stamp(world().store.now()).replace("T", " "),
            trace_id=trace,
            correlation_id=request.headers.get("client-request-id", trace),
            error_uri=f"{AUTHORITY}/error?code={error.number}",
        ),
        error.status,
    )


def resolve(tenant: str) -> str:
    """The tenant id behind a path segment, or the shared name itself. Raises Wrong for an unknown one."""
    if tenant.lower() in SHARED:
        return tenant.lower()
    known = BOT_TENANT if tenant.lower() in ("botframework.com", BOT_TENANT) else tenant_of(tenant)
    if known is None:
        raise Wrong("invalid_tenant", 90002, f"Tenant '{tenant}' not found.")
    return known


@blueprint.get("/<tenant>/v2.0/.well-known/openid-configuration")
def configuration(tenant: str) -> Response:
    """The discovery document, with the real addresses: only the way to them differs here."""
    known = resolve(tenant)
    root = f"{AUTHORITY}/{known}"
    return jsonify(
        token_endpoint=f"{root}/oauth2/v2.0/token",
        token_endpoint_auth_methods_supported=["client_secret_post", "private_key_jwt", "client_secret_basic"],
        jwks_uri=f"{root}/discovery/v2.0/keys",
        response_modes_supported=["query", "form_post"],
        subject_types_supported=["pairwise"],
        id_token_signing_alg_values_supported=["RS256"],
        response_types_supported=["code"],
        scopes_supported=["openid", "profile", "email", "offline_access"],
        issuer=f"{AUTHORITY}/{'{tenantid}' if known in SHARED else known}/v2.0",
        request_uri_parameter_supported=False,
        authorization_endpoint=f"{root}/oauth2/v2.0/authorize",
        end_session_endpoint=f"{root}/oauth2/v2.0/logout",
        http_logout_supported=True,
        frontchannel_logout_supported=True,
        claims_supported=["sub", "iss", "aud", "exp", "iat", "nonce", "name", "preferred_username", "oid", "tid"],
        tenant_region_scope=None if known in SHARED else "EU",
        cloud_instance_name="microsoftonline.com",
        msgraph_host="graph.microsoft.com",
    )


@blueprint.get("/<tenant>/discovery/v2.0/keys")
def keys(tenant: str) -> Response:
    """The public keys the tokens are signed with."""
    known = resolve(tenant)
    return jsonify(world().keys.jwks(f"{AUTHORITY}/{'{tenantid}' if known in SHARED else known}/v2.0"))


def _client(tenant: str) -> None:
    """Checks id and secret of the asking app, from the form or HTTP Basic, or its assertion. Raises Wrong."""
    client, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    if request.authorization and request.authorization.type == "basic":
        client = unquote(request.authorization.username or "")
        secret = unquote(request.authorization.password or "")
    if client != CLIENT_ID:
        raise Wrong("unauthorized_client", 700016, f"Application with identifier '{client}' was not found.")
    assertion = request.form.get("client_assertion", "")
    if assertion and request.form.get("client_assertion_type") == registration.BEARER:
        try:
            registration.check_assertion(world(), assertion, client, f"{AUTHORITY}/{tenant}/oauth2/v2.0/token")
        except registration.NotOurs as error:
            raise Wrong("invalid_client", error.number, error.sentence, 401) from error
        return
    if not secret:
        raise Wrong(
            "invalid_client", 7000218, "The request body must contain: 'client_assertion' or 'client_secret'.", 401
        )
    if not hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode()):
        raise Wrong("invalid_client", 7000215, "Invalid client secret provided.", 401)
    if registration.secret_ended(world()):
        raise Wrong("invalid_client", 7000222, "The provided client secret keys for app are expired.", 401)


@blueprint.post("/<tenant>/oauth2/v2.0/token")
def token(tenant: str) -> Response:
    """Gives tokens for client credentials, an authorization code or a refresh token."""
    known = resolve(tenant)
    _client(known)
    grant = request.form.get("grant_type", "")
    if grant == "client_credentials":
        return _for_app(known)
    if grant == "authorization_code":
        return _for_code(known)
    if grant == "refresh_token":
        return _for_refresh(known)
    raise Wrong("unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'.")


def _for_app(tenant: str) -> Response:
    scope = request.form.get("scope", "")
    if scope.rstrip("/") == f"{BOT_CHANNEL}/.default" and tenant in (HOME_TENANT, BOT_TENANT):
        return _answer({"access_token": world().keys.sign(world().keys.bot_token(tenant))})
    if tenant != HOME_TENANT:
        # Only the home tenant has consented; without that there is no service principal elsewhere.
        raise Wrong("unauthorized_client", 700016, f"Application '{CLIENT_ID}' was not found in the directory.")
    if scope.rstrip("/") != f"{GRAPH}/.default":
        raise Wrong("invalid_scope", 70011, f"The provided value for scope {scope} is not valid.")
    here = world()
    claims = here.keys.app_token(tenant) | {"roles": registration.consented(here) or None}
    return _answer({"access_token": here.keys.sign(claims)})


def _for_code(tenant: str) -> Response:
    doc = take_grant(world(), request.form.get("code", ""), "code")
    if doc is None:
        raise Wrong("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed or has expired.")
    if doc["redirect_uri"] != request.form.get("redirect_uri"):
        raise Wrong("invalid_grant", 500112, "The reply address does not match the one of the authorization request.")
    if doc["tenant"] != tenant and tenant not in SHARED:
        raise Wrong("invalid_grant", 700005, "The code was issued for another tenant.")
    verifier = request.form.get("code_verifier", "")
    if doc["challenge"]:
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if not hmac.compare_digest(digest, doc["challenge"]):
            raise Wrong("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
    return _for_person(doc, doc["scope"], doc["nonce"])


def _for_refresh(tenant: str) -> Response:
    doc = take_grant(world(), request.form.get("refresh_token", ""), "refresh", used_up=False)
    if doc is None:
        raise Wrong("invalid_grant", 9002313, "The refresh token is malformed, unknown or has expired.")
    if doc["tenant"] != tenant and tenant not in SHARED:
        raise Wrong("invalid_grant", 700005, "The refresh token was issued for another tenant.")
    return _for_person(doc, request.form.get("scope") or doc["scope"], None)


def _for_person(doc: dict[str, Any], scope: str, nonce: str | None) -> Response:
    person = find(doc["person"])
    if person is None:
        raise Wrong("invalid_grant", 50034, "The user account does not exist.")
    here, wanted = world(), set(scope.split())
    resource = sorted(wanted - _OPENID)
    if API_SCOPE in wanted or f"api://{CLIENT_ID}/.default" in wanted or f"{CLIENT_ID}/.default" in wanted:
        access, granted = here.keys.user_token(person), [API_SCOPE]
    else:
        names = [name.removeprefix(f"{GRAPH}/") for name in resource] or ["openid", "profile", "User.Read"]
        access, granted = here.keys.user_token(person, " ".join(names), GRAPH), names
    body: dict[str, Any] = {
        "scope": " ".join(granted),
        "access_token": here.keys.sign(access),
        "client_info": _client_info(person),
    }
    if "openid" in wanted:
        body["id_token"] = here.keys.sign(here.keys.id_token(person, nonce))
    if "offline_access" in wanted:
        kept = {"person": person.id, "scope": scope, "tenant": doc["tenant"]}
        body["refresh_token"] = give_grant(here, "refresh", kept, REFRESH_LIFETIME)
    return _answer(body)


def _client_info(person: Person) -> str:
    raw = json.dumps({"uid": person.id, "utid": person.tenant}).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _answer(body: dict[str, Any]) -> Response:
    answer = jsonify(token_type="Bearer", expires_in=LIFETIME, ext_expires_in=LIFETIME, **body)
    answer.headers["Cache-Control"] = "no-store, no-cache"
    return answer


def give_grant(here: World, kind: str, doc: dict[str, Any], lifetime: float) -> str:
    """Stores what a code or refresh token stands for; gives the token."""
    token = ("0.A" if kind == "code" else "1.A") + secrets.token_urlsafe(48)
    ends = here.store.now().timestamp() + lifetime
    with here.store.write() as tx:
        tx.run("DELETE FROM grants WHERE expires < ?", here.store.now().timestamp())
        tx.run("INSERT INTO grants VALUES (?, ?, ?, ?)", token, kind, json.dumps(doc), ends)
    return token


def take_grant(here: World, token: str, kind: str, *, used_up: bool = True) -> dict[str, Any] | None:
    """What `token` stands for, or None when it is unknown or over. A code is gone after it was asked for."""
    with here.store.write() as tx:
        row = tx.one("SELECT doc, expires FROM grants WHERE token = ? AND kind = ?", token, kind)
        if row is not None and used_up:
            tx.run("DELETE FROM grants WHERE token = ?", token)
    if row is None or row["expires"] <= here.store.now().timestamp():
        return None
    doc: dict[str, Any] = json.loads(row["doc"])
    return doc
