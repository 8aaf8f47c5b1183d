"""Trust between bot and Bot Connector: the channel's published keys, and the check of the bot's token.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from flask import Blueprint, Response, jsonify, request

from backend.sandbox.teams_world import root, teams
from backend.sandbox.tokens import BOT_CHANNEL, Keys, NotValid
from backend.sandbox.world import world

blueprint = Blueprint("connector_auth", __name__)


class ConnectorError(Exception):
    """A request the Connector refuses: status, code, sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.retry_after: int | None = None  # seconds


def refusal(error: ConnectorError) -> tuple[Response, int]:
    """The ErrorResponse of the Connector."""
    response = jsonify(error={"code": error.code, "message": error.message})
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response, error.status


def check_bot() -> None:
    """Whether the request brings the bot's own token. Raises ConnectorError."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ConnectorError(401, "Unauthorized", "Authorization has been denied for this request.")
    try:
        world().keys.read_bot_token(token.strip())
    except NotValid as error:
        raise ConnectorError(401, "Unauthorized", f"Authorization has been denied for this request: {error}") from error


@blueprint.get("/v1/.well-known/openidconfiguration")
def configuration() -> Response:
    """The channel's discovery document. Its address of the keys is the sandbox's: a bot follows it as it stands."""
    return jsonify(
        issuer=BOT_CHANNEL,
        authorization_endpoint="https://invalid.botframework.com",
        jwks_uri=f"{root()}/v1/.well-known/keys",
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=["private_key_jwt"],
    )


def _published(keys: Keys, endorsements: list[str]) -> dict[str, object]:
    key = keys.jwks(BOT_CHANNEL)["keys"][0]
    return {**{name: key[name] for name in ("kty", "use", "kid", "n", "e")}, "x5t": key["kid"],
            "endorsements": endorsements}  # fmt: skip


@blueprint.get("/v1/.well-known/keys")
def keys() -> Response:
    """The channel's keys; `endorsements` names the channels a key may speak for, the second one's is empty."""
    here = teams()
    return jsonify(keys=[_published(here.keys, ["msteams"]), _published(here.unendorsed, [])])
