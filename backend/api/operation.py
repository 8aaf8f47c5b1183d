"""One decorator by which a view says what it takes and answers.

It reads query and body, checks them, calls the view with the models, and writes the answer as JSON. The same
declaration is the source of the OpenAPI description (`openapi.py`), so that the two cannot differ.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import UnsupportedMediaType

from backend import config
from backend.api.sentences import by_field
from backend.api.shapes.values import Key
from backend.errors import Conflict, Invalid, NotFound
from backend.i18n import _

View = TypeVar("View", bound=Callable[..., Any])
PREFIX = "/api/v1"
MAX_NUMBER = 2**31 - 1  # what the database takes as a number
SMALL_BODY = 1_000_000  # bytes; of bodies that carry no files
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
_KEY: TypeAdapter[str] = TypeAdapter(Key)


class Unreadable(Invalid):
    """The body is not JSON."""

    status = 400
    code = "unreadable"


@dataclass(frozen=True)
class Listed:
    """A page of a list, and the cursor of the next one where there is more."""

    items: Sequence[BaseModel]
    next: str = ""


@dataclass(frozen=True)
class Put:
    """What a PUT or POST made or changed."""

    item: BaseModel
    created: bool
    replayed: bool = False


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one view takes and answers. `answer` None: a file."""

    method: str
    path: str
    view: Callable[..., Any]
    tag: str
    summary: str
    description: str
    answer: type[BaseModel] | None
    many: bool
    statuses: tuple[int, ...]
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    files: bool
    keyed: bool
    problems: tuple[int, ...]
    paths: dict[str, type] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        rule = self.path
        for name, kind in self.paths.items():
            rule = rule.replace(f"{{{name}}}", f"<{'int' if kind is int else 'path'}:{name}>")
        return rule


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    *,
    tag: str,
    answer: type[BaseModel] | None,
    many: bool = False,
    statuses: tuple[int, ...] = (200,),
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    files: bool = False,
    keyed: bool = False,
    problems: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Declares a view at `path` (names in braces are its arguments, `query` and `body` arrive as those models).

    `files`: the body carries files and may be large. `keyed`: takes the header Idempotency-Key. `problems`: answers
    beyond 400, 401, 403, 413, 415, 422 that follow from the rest. The docstring is summary and description.
    """

    def mark(view: View) -> View:
        lines = inspect.cleandoc(view.__doc__ or "").partition("\n\n")
        kinds = {name: kind for name, kind in view.__annotations__.items() if f"{{{name}}}" in path}
        declared = Operation(
            method=method, path=path, view=view, tag=tag, answer=answer, many=many, statuses=statuses, query=query,
            body=body, files=files, keyed=keyed, problems=problems, paths=kinds,
            summary=" ".join(lines[0].split()), description=" ".join(lines[2].split()),
        )  # fmt: skip
        OPERATIONS.append(declared)
        blueprint.add_url_rule(
            declared.rule,
            endpoint=view.__name__,
            view_func=_serving(declared),
            methods=[method],
            merge_slashes=False,
        )
        return view

    return mark


def _serving(declared: Operation) -> Callable[..., Response]:
    @wraps(declared.view)
    def serve(**given: Any) -> Response:
        arguments = dict(given)
        for name, kind in declared.paths.items():
            if kind is str:
                arguments[name] = _read_key(given[name], name)
            elif not 1 <= given[name] <= MAX_NUMBER:
                raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
        if declared.query is not None:
            arguments["query"] = _read_query(declared.query)
        if declared.body is not None:
            arguments["body"] = _read_body(declared.body, files=declared.files)
        try:
            answer = declared.view(**arguments)
        except IntegrityError as error:
            raise Conflict(_("Somebody else has just changed the same thing. Please try again.")) from error
        return _write(answer)

    return serve


def _read_key(value: str, name: str) -> str:
    try:
        return _KEY.validate_python(value)
    except ValidationError as error:
        sentence = next(iter(by_field(error).values()))
        raise Invalid(_("Please correct the marked fields."), fields={name: sentence}) from error


def _read_query(model: type[BaseModel]) -> BaseModel:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Invalid(_("Please correct the marked fields."), fields={name: _("This stands here more than once.")})
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise Invalid(_("Please correct the marked fields."), fields=by_field(error)) from error


def _read_body(model: type[BaseModel], *, files: bool) -> BaseModel:
    if not request.content_length and not any(one.is_required() for one in model.model_fields.values()):
        return model()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    if not files:
        request.max_content_length = SMALL_BODY
    try:
        return model.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False, include_context=False)[0]["type"] == "json_invalid":
            raise Unreadable(_("The body is not JSON in UTF-8.")) from error
        raise Invalid(_("Please correct the marked fields."), fields=by_field(error)) from error


def _write(answer: Any) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Listed):
        body = b"[" + b",".join(item.model_dump_json().encode() for item in answer.items) + b"]"
        response = Response(body, mimetype="application/json")
        if answer.next:
            asked = {**request.args.to_dict(), "cursor": answer.next}
            address = f"{config.current().url}{request.path}?{urlencode(asked)}"
            response.headers["Link"] = f'<{address}>; rel="next"'
        return response
    if isinstance(answer, Put):
        response = Response(answer.item.model_dump_json(), 201 if answer.created else 200, mimetype="application/json")
        if answer.replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response
    return Response(answer.model_dump_json(), mimetype="application/json")


@blueprint.after_request
def _name_the_scheme(response: Response) -> Response:
    """RFC 6750: who is refused for want of a token learns which kind is wanted."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Deskside"'
    return response
