"""Signing keys and tokens, shaped like those of Microsoft's identity platform, version 2.0.

Claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

import base64
import hashlib
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from backend.sandbox.people import CLIENT_ID, GRAPH, GRAPH_ROLES, HOME_TENANT, Person
from backend.sandbox.store import Store

LIFETIME = 3599  # seconds; Microsoft gives 60 to 90 minutes
SCOPE = "access_as_user"
BOT_CHANNEL = "https://api.botframework.com"  # issuer of the channel's tokens and audience of the bot's


class NotValid(Exception):
    """A token that must not be trusted; the text says why."""


class Keys:
    """One RSA key, made at the first start and kept with the data under `name`."""

    def __init__(self, store: Store, name: str = "signing-key") -> None:
        self._store, self._name = store, name
        self._load(roll=False)

    def roll(self) -> None:
        """Another key from now on; the old one is gone."""
        self._load(roll=True)

    def _load(self, *, roll: bool) -> None:
        with self._store.write() as tx:
            pem = tx.meta(self._name)
            if not pem or roll:
                made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                pem = made.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ).decode()
                tx.set_meta(self._name, pem)
        key = serialization.load_pem_private_key(pem.encode(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the stored signing key is no RSA key")
        self._key = key
        public = key.public_key()
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.kid = base64.urlsafe_b64encode(hashlib.sha256(der).digest()[:20]).rstrip(b"=").decode()
        self._jwk: dict[str, Any] = RSAAlgorithm.to_jwk(public, as_dict=True)

    def jwks(self, issuer: str) -> dict[str, Any]:
        """The document of the keys endpoint."""
        return {
            "keys": [
                {
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": self._jwk["n"],
                    "e": self._jwk["e"], "issuer": issuer,
                }
            ]
        }  # fmt: skip

    def sign(self, claims: dict[str, Any], **headers: str) -> str:
        """A signed token with exactly these claims; a claim that is None is left out."""
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, self._key, algorithm="RS256", headers={"kid": self.kid, **headers})

    def _times(self) -> dict[str, int]:
        # Issued by the machine's clock, so that no reader finds it "not yet valid"; ends by the sandbox's.
        issued = int(time.time())
        ends = int(self._store.now().timestamp())
        return {"iat": issued, "nbf": issued - 5, "exp": ends + LIFETIME}

    def _common(self, tenant: str) -> dict[str, Any]:
        return {
            "iss": f"https://login.microsoftonline.com/{tenant}/v2.0",
            **self._times(),
            "tid": tenant,
            "ver": "2.0",
            "uti": uuid.uuid4().hex[:22],
            "rh": "0.",
        }

    def user_token(self, person: Person, scope: str = SCOPE, audience: str = CLIENT_ID) -> dict[str, Any]:
        """The claims of `person`'s access token for the app's own API, or for `audience`."""
        return {
            **self._common(person.tenant),
            "aud": audience,
            "azp": CLIENT_ID,
            "azpacr": "0",
            "name": person.name,
            "oid": person.id,
            "preferred_username": person.mail,
            "roles": list(person.roles) or None,
            "scp": scope,
            "sub": person.subject,
        }

    def id_token(self, person: Person, nonce: str | None = None) -> dict[str, Any]:
        """The claims of `person`'s id token."""
        return {
            **self._common(person.tenant),
            "aud": CLIENT_ID,
            "name": person.name,
            "nonce": nonce,
            "oid": person.id,
            "preferred_username": person.mail,
            "email": person.mail,
            "roles": list(person.roles) or None,
            "sub": person.subject,
            "xms_pl": person.language,
        }

    def app_token(self, tenant: str = HOME_TENANT, *, everywhere: bool = False) -> dict[str, Any]:
        """The claims of an app-only token for Graph.

        `everywhere` lets it reach the mailboxes of all tenants, which only the sandbox's own pages may.
        """
        return {
            **self._common(tenant),
            "aud": GRAPH,
            "appid": CLIENT_ID,
            "app_displayname": "Deskside",
            "idtyp": "app",
            "oid": str(uuid.uuid5(uuid.UUID(tenant), CLIENT_ID)),
            "sub": str(uuid.uuid5(uuid.UUID(tenant), CLIENT_ID)),
            "roles": list(GRAPH_ROLES),
            "sandbox_everywhere": True if everywhere else None,
        }

    def channel_token(self, service_url: str) -> dict[str, Any]:
        """The claims with which the Bot Connector comes to the bot.

        https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
        """
        return {"iss": BOT_CHANNEL, "aud": CLIENT_ID, "serviceurl": service_url, **self._times()}

    def bot_token(self, tenant: str) -> dict[str, Any]:
        """The claims of the bot's own token for the Bot Connector: version 1.0, as for all resources of that age."""
        return {
            "aud": BOT_CHANNEL, "iss": f"https://sts.windows.net/{tenant}/", **self._times(), "appid": CLIENT_ID,
            "appidacr": "1", "idp": f"https://sts.windows.net/{tenant}/", "tid": tenant, "ver": "1.0",
        }  # fmt: skip

    def read_bot_token(self, token: str) -> dict[str, Any]:
        """The claims of a token made by `bot_token`, as long as it lasts. Raises NotValid."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=BOT_CHANNEL,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iss", "aud", "tid", "appid"]},
            )
        except jwt.PyJWTError as error:
            raise NotValid(str(error)) from error
        if claims["appid"] != CLIENT_ID or claims["iss"] != f"https://sts.windows.net/{claims['tid']}/":
            raise NotValid("the token is not this bot's")
        if int(claims["exp"]) <= self._store.now().timestamp():
            raise NotValid("the token is expired")
        return claims

    def read(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token made here for `audience`, as long as it lasts by the sandbox's clock.

        Raises NotValid.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=audience,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iss", "aud", "tid"]},
            )
        except jwt.PyJWTError as error:
            raise NotValid(str(error)) from error
        if claims["iss"] != f"https://login.microsoftonline.com/{claims['tid']}/v2.0":
            raise NotValid("the issuer is not the tenant's")
        if int(claims["exp"]) <= self._store.now().timestamp():
            raise NotValid("Lifetime validation failed, the token is expired.")
        return claims
