"""Text modules, and one of them filled for a ticket."""

from backend.api import cursor, keyed
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.textmodules import FilledOut, FilledQuery, TextModuleIn, TextModuleOut, TextModulesQuery
from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.textmodules import actions
from backend.textmodules.actions import Wording
from backend.textmodules.filling import Filling
from backend.textmodules.models import ModuleKind, TextModule, holding, text_modules_visible_to
from backend.tickets.models import Ticket, tickets_visible_to


def _shape(module: TextModule) -> TextModuleOut:
    return TextModuleOut(
        id=module.id,
        name=module.name,
        kind=ModuleKind(module.kind),
        text=module.text,
        language=module.language,
        category=module.category,
        words=module.words,
        shortcut=module.shortcut,
        shared=module.shared,
        created_at=module.created_at,
        updated_at=module.updated_at,
    )


def _one(number: int, *, deleted: bool = False, lock: bool = False) -> TextModule:
    query = text_modules_visible_to(me(), deleted=deleted).where(TextModule.id == number)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(_("There is no such text module."))
    return found


def _wording(body: TextModuleIn) -> Wording:
    return Wording(**{name: getattr(body, name) for name in TextModuleIn.model_fields})


@operation("GET", "/text-modules", tag="text-modules", answer=TextModuleOut, many=True, query=TextModulesQuery)
@requires("tickets.write")
def list_text_modules(query: TextModulesQuery) -> Listed:
    """Text modules: the shared ones, and the own of whoever asks; the oldest first."""
    wanted = holding(text_modules_visible_to(me()), query.q or "")
    if query.kind is not None:
        wanted = wanted.where(TextModule.kind == query.kind)
    if query.cursor:
        wanted = wanted.where(TextModule.id > cursor.unseal("text modules", query.cursor)[0])
    rows = list(session.scalars(wanted.order_by(TextModule.id).limit(query.limit + 1)))
    page = rows[: query.limit]
    return Listed(
        [_shape(row) for row in page], cursor.seal("text modules", page[-1].id) if rows[query.limit :] else ""
    )


@operation(
    "POST", "/text-modules", tag="text-modules", answer=TextModuleOut, statuses=(201,), body=TextModuleIn, keyed=True,
    problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def create_text_module(body: TextModuleIn) -> Put:
    """Writes a new text module.

    Shared ones are written by dispatchers and administrators. An unknown placeholder is refused (422), a shortcut that
    another one has already too (409).
    """
    done = keyed.earlier()
    if done is not None:
        return Put(_shape(_one(int(done))), created=True, replayed=True)
    module = actions.write(me(), _wording(body))
    keyed.keep(str(module.id))
    return Put(_shape(module), created=True)


@operation("GET", "/text-modules/{module}", tag="text-modules", answer=TextModuleOut, problems=(404,))
@requires("tickets.write")
def get_text_module(module: int) -> TextModuleOut:
    """One text module."""
    return _shape(_one(module))


@operation(
    "PUT", "/text-modules/{module}", tag="text-modules", answer=TextModuleOut, body=TextModuleIn, problems=(404, 409)
)
@requires("tickets.write")
def put_text_module(module: int, body: TextModuleIn) -> TextModuleOut:
    """Changes a text module; the same request twice changes nothing more."""
    found = _one(module, lock=True)
    actions.rewrite(me(), found, _wording(body))
    return _shape(found)


@operation("DELETE", "/text-modules/{module}", tag="text-modules", answer=TextModuleOut, problems=(404,))
@requires("tickets.write")
def delete_text_module(module: int) -> TextModuleOut:
    """Takes a text module away. Deleted twice it is as once."""
    query = text_modules_visible_to(me(), deleted=True).where(TextModule.id == module)
    found = session.scalar(query) or _one(module, lock=True)
    actions.delete(me(), found)
    return _shape(found)


@operation(
    "GET", "/text-modules/{module}/filled", tag="text-modules", answer=FilledOut, query=FilledQuery, problems=(404,)
)
@requires("tickets.write")
def fill_text_module(module: int, query: FilledQuery) -> FilledOut:
    """A text module as it is put into a message on a ticket, days in the contact's language."""
    found, who = _one(module), me()
    ticket = session.scalar(tickets_visible_to(who).where(Ticket.number == query.ticket))
    if ticket is None:
        sentence = _("There is no ticket #%(number)s.", number=query.ticket)
        raise Invalid(_("Please correct the marked fields."), fields={"ticket": sentence})
    parts = Filling(who, ticket=ticket).parts(found.text, found.language)
    return FilledOut(
        text="".join(part.text for part in parts),
        gaps=[part.text for part in parts if part.kind == "gap"],
        missing=[part.text for part in parts if part.kind == "missing"],
    )
