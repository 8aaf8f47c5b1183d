"""The app's registration in the tenant: its certificates, whether its secret has ended, and what was consented.

An assertion in place of a secret: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import base64
import binascii
import json
import time
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Response, jsonify, request

from backend.sandbox.control import Unclear, blueprint, body_given
from backend.sandbox.people import CLIENT_ID, GRAPH_ROLES
from backend.sandbox.world import World, world

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_KEY = "registration.now"
_SKEW = 300  # seconds


class NotOurs(Exception):
    """An assertion that proves nothing: number of the AADSTS message, its sentence."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number, self.sentence = number, sentence


def _now(here: World) -> dict[str, Any]:
    with here.store.read() as tx:
        kept: dict[str, Any] = json.loads(tx.meta(_KEY, "{}"))
    return {"certificates": [], "secret_ended": False, "consented": list(GRAPH_ROLES), **kept}


def _keep(here: World, doc: dict[str, Any]) -> None:
    with here.store.write() as tx:
        tx.set_meta(_KEY, json.dumps(doc))


def _thumbprint(certificate: x509.Certificate) -> str:
    return base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode().rstrip("=")


@blueprint.get("/registration")
def registration() -> Response:
    """How the app's registration stands; certificates by their SHA-256 thumbprints (base64url)."""
    doc = _now(world())
    known = [_thumbprint(x509.load_pem_x509_certificate(pem.encode())) for pem in doc["certificates"]]
    return jsonify({**doc, "certificates": known})


@blueprint.post("/registration")
def change_registration() -> Response:
    """{"secret_ended"?: true, "consented"?: [permission, …]}: the next tokens are given, or not, by that."""
    given = body_given()
    strange = sorted(set(given) - {"secret_ended", "consented"}) + sorted(
        set(given.get("consented") or ()) - set(GRAPH_ROLES)
    )
    if strange:
        raise Unclear(f"{strange[0]!r} is not known here.")
    _keep(world(), {**_now(world()), **given})
    return registration()


@blueprint.post("/registration/certificates")
def add_certificate() -> tuple[Response, int]:
    """Uploads a certificate (PEM, without a key), as under *Certificates & secrets*."""
    try:
        found = x509.load_pem_x509_certificate(request.get_data())
    except ValueError as error:
        raise Unclear("The body must be a certificate in PEM.") from error
    if not isinstance(found.public_key(), rsa.RSAPublicKey):
        raise Unclear("Microsoft takes certificates with RSA keys only.")
    doc = _now(world())
    _keep(world(), {**doc, "certificates": [*doc["certificates"], request.get_data().decode()]})
    return registration(), 201


@blueprint.delete("/registration/certificates")
def remove_certificates() -> tuple[str, int]:
    """No certificate is known any more."""
    _keep(world(), {**_now(world()), "certificates": []})
    return "", 204


def secret_ended(here: World) -> bool:
    """Whether the client secret is past its end."""
    return bool(_now(here)["secret_ended"])


def consented(here: World) -> list[str]:
    """The application permissions of Graph that an administrator has agreed to."""
    return list(_now(here)["consented"])


def _signer(here: World, header: dict[str, Any]) -> rsa.RSAPublicKey:
    """The key of the registered certificate that `header` names. Raises NotOurs."""
    for pem in _now(here)["certificates"]:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
        if _named(str(header.get("x5t#S256") or "")) != _thumbprint(certificate) or not isinstance(
            key, rsa.RSAPublicKey
        ):
            continue
        if not certificate.not_valid_before_utc <= here.store.now() < certificate.not_valid_after_utc:
            raise NotOurs(1000502, "The provided certificate is not within its specified validity period.")
        return key
    raise NotOurs(
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on application. "
        "[Reason - The key was not found.]",
    )


def _named(text: str) -> str:
    """`text` without padding, if it is base64url of a SHA-256."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return ""
    return text.rstrip("=") if len(raw) == 32 else ""


def check_assertion(here: World, assertion: str, client: str, audience: str) -> None:
    """Whether `assertion` was signed for `audience` with a certificate of the app. Raises NotOurs.

    Times are the machine's: MSAL knows no other clock. One assertion serves several requests, as MSAL does it.
    """
    try:
        header = jwt.get_unverified_header(assertion)
        if header.get("alg") != "PS256":
            raise NotOurs(700027, "Client assertion contains an invalid signature.")
        claims = jwt.decode(
            assertion,
            _signer(here, header),
            algorithms=["PS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.InvalidSignatureError as error:
        raise NotOurs(700027, "Client assertion contains an invalid signature.") from error
    except jwt.PyJWTError as error:
        raise NotOurs(50027, "Invalid JWT token.") from error
    for name in ("aud", "exp", "iss", "jti", "sub"):
        if not claims.get(name):
            raise NotOurs(50027, f"Invalid JWT token. No {name} claim.")
    if not claims["iss"] == claims["sub"] == client == CLIENT_ID:
        raise NotOurs(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
    if claims["aud"] != audience:
        raise NotOurs(700023, "Client assertion audience claim does not match Realm issuer.")
    if not time.time() - _SKEW < float(claims["exp"]) or not float(claims.get("nbf") or 0) < time.time() + _SKEW:
        raise NotOurs(700024, "Client assertion is not within its valid time range.")
