"""The sign-in page: a person is picked, no password is asked for.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from backend.sandbox.identity import SHARED, Wrong, give_grant, resolve
from backend.sandbox.people import CLIENT_ID, PEOPLE, TENANTS, Person, find
from backend.sandbox.world import world

blueprint = Blueprint("signin", __name__)
CODE_LIFETIME = 60  # seconds
_COOKIE = "sandbox-signed-in"
_ASKED = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt", "login_hint",
    "code_challenge", "code_challenge_method", "domain_hint",
)  # fmt: skip


@blueprint.errorhandler(Wrong)
def wrong(error: Wrong) -> tuple[str, int]:
    """A page, since no address is known that could be trusted with the answer."""
    return render_template("signin_error.html", number=error.number, sentence=error.sentence), error.status


@blueprint.after_request
def not_in_frames(response: Response) -> Response:
    """Microsoft's sign-in refuses frames; so does this one."""
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
        + ("; script-src 'self'" if response.headers.pop("X-Needs-Script", None) else "")
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(source: MultiDict[str, str]) -> dict[str, str]:
    """The parameters of an authorization request whose client and reply address are right. Raises Wrong."""
    asked = {name: source[name] for name in _ASKED if name in source}
    if asked.get("client_id") != CLIENT_ID:
        raise Wrong(
            "unauthorized_client", 700016, f"Application with identifier '{asked.get('client_id', '')}' was not found."
        )
    address = urlsplit(asked.get("redirect_uri", ""))
    own = urlsplit(world().deskside_url)
    # As with Microsoft, the port of a localhost address does not matter.
    same = (address.scheme, address.hostname) == (own.scheme, own.hostname)
    if not same or (own.hostname != "localhost" and address.port != own.port) or address.query or address.fragment:
        raise Wrong(
            "invalid_request", 50011, f"The redirect URI '{asked.get('redirect_uri', '')}' is not registered for it."
        )
    return asked


def _refusal(asked: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with a request whose reply address is right: (error, sentence)."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type", "AADSTS70005: the response_type must be 'code'."
    if asked.get("response_mode", "query") not in ("query", "form_post"):
        return "invalid_request", "AADSTS901002: the response_mode must be 'query' or 'form_post'."
    if "openid" not in asked.get("scope", "").split():
        return "invalid_request", "AADSTS900144: the scope must contain 'openid'."
    if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
        return "invalid_request", "AADSTS501481: the code_challenge_method must be 'S256'."
    return None


def _reply(asked: dict[str, str], answer: dict[str, str]) -> Answer:
    """Goes back to the app, by redirect or by a form that is sent at once."""
    if "state" in asked:
        answer["state"] = asked["state"]
    if asked.get("response_mode") == "form_post":
        page = make_response(render_template("signin_post.html", address=asked["redirect_uri"], fields=answer))
        page.headers["X-Needs-Script"] = "yes"
        return page
    return redirect(f"{asked['redirect_uri']}?{urlencode(answer)}")


def _people(tenant: str) -> list[Person]:
    return [p for p in PEOPLE if not p.is_mailbox and (tenant in SHARED or p.tenant == tenant)]


@blueprint.get("/<tenant>/oauth2/v2.0/authorize")
def authorize(tenant: str) -> Answer:
    """Asks who it is; with prompt=none answers at once, from the last choice or with an error."""
    known, asked = resolve(tenant), _asked(request.args)
    if refusal := _refusal(asked):
        return _reply(asked, {"error": refusal[0], "error_description": refusal[1]})
    hint = find(asked.get("login_hint", ""))
    last = find(request.cookies.get(_COOKIE, ""))
    if asked.get("prompt") == "none":
        person = last if hint is None or hint == last else None
        if person is None or person not in _people(known):
            sentence = "AADSTS50058: A silent sign-in request was sent but no user is signed in."
            return _reply(asked, {"error": "login_required", "error_description": sentence})
        return _reply(asked, _code(known, asked, person))
    grouped: dict[str, list[Person]] = {}
    for person in _people(known):
        grouped.setdefault(person.company, []).append(person)
    return make_response(
        render_template("signin.html", groups=grouped, asked=asked, hint=hint or last, tenant=TENANTS.get(known, ""))
    )


@blueprint.post("/<tenant>/oauth2/v2.0/authorize")
def choose(tenant: str) -> Answer:
    """A person was picked."""
    known, asked = resolve(tenant), _asked(request.form)
    if refusal := _refusal(asked):
        return _reply(asked, {"error": refusal[0], "error_description": refusal[1]})
    if "cancel" in request.form:
        sentence = "AADSTS65004: The user declined to sign in."
        return _reply(asked, {"error": "access_denied", "error_description": sentence})
    person = find(request.form.get("person", ""))
    if person is None or person not in _people(known):
        raise Wrong("invalid_request", 50020, "This account does not exist in the tenant.")
    answer = _reply(asked, _code(known, asked, person))
    answer.set_cookie(_COOKIE, person.id, httponly=True, samesite="Lax")
    return answer


def _code(tenant: str, asked: dict[str, str], person: Person) -> dict[str, str]:
    doc: dict[str, Any] = {
        "person": person.id, "tenant": tenant, "redirect_uri": asked["redirect_uri"], "scope": asked.get("scope", ""),
        "nonce": asked.get("nonce"), "challenge": asked.get("code_challenge", ""),
    }  # fmt: skip
    return {"code": give_grant(world(), "code", doc, CODE_LIFETIME)}


@blueprint.get("/<tenant>/oauth2/v2.0/logout")
def logout(tenant: str) -> Answer:
    """Forgets the last choice; goes back to an address of Deskside's when one is given."""
    resolve(tenant)
    address = request.args.get("post_logout_redirect_uri", "")
    own, back = urlsplit(world().deskside_url), urlsplit(address)
    if address and (back.scheme, back.hostname) == (own.scheme, own.hostname):
        answer: Answer = redirect(address)
    else:
        answer = make_response(render_template("signed_out.html"))
    answer.delete_cookie(_COOKIE)
    return answer
