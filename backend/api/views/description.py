"""The description of this API for programs."""

from flask import Response

from backend.api import openapi
from backend.api.operation import blueprint
from backend.auth import open_to


@blueprint.get("/openapi.json")
@open_to("the description tells how to ask, and holds no data")
def describe() -> Response:
    """The OpenAPI 3.1 description."""
    return Response(openapi.document(), mimetype="application/json")
