"""Templates of checklists, which administrators write."""

from sqlalchemy import select

from backend.auth import Who
from backend.checklists.actions.ticking import checked_items, checked_name
from backend.checklists.models import ChecklistTemplate
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.settings.actions import log_change


def put_template(
    actor: Who, template: ChecklistTemplate | None, *, name: str, items: list[str], in_order: bool, seen: int = 0
) -> ChecklistTemplate:
    """Makes a template, or changes `template`; lists that were made of it stay as they are.

    `seen`: the version its writer began with. Raises Invalid, Conflict when somebody else has changed it since.
    """
    name, texts = checked_name(name), checked_items(items)
    if not texts:
        raise Invalid(_("Please correct the marked fields."), fields={"items": _("At least one item is needed.")})
    other = session.scalar(select(ChecklistTemplate).where(ChecklistTemplate.name == name))
    if other is not None and other is not template:
        raise Invalid(_("Please correct the marked fields."), fields={"name": _("There is one of that name already.")})
    if template is None:
        made = ChecklistTemplate(name=name, in_order=in_order, items=texts)
        session.add(made)
        session.flush()
        log_change(actor, _("checklist %(name)s", name=name), after=_told(made))
        return made
    if (template.name, template.items, template.in_order) == (name, texts, in_order):
        return template
    if seen != template.version:
        raise Conflict(_("Somebody else has changed this meanwhile. Please reload the page; your text is still here."))
    before = _told(template)
    template.name, template.items, template.in_order = name, texts, in_order
    template.version += 1
    log_change(actor, _("checklist %(name)s", name=name), before=before, after=_told(template))
    return template


def _told(template: ChecklistTemplate) -> str:
    items = "; ".join(template.items)
    return _("in order: %(items)s", items=items) if template.in_order else items


def remove_template(actor: Who, template: ChecklistTemplate) -> None:
    """Removes a template; lists that were made of it stay."""
    log_change(actor, _("checklist %(name)s", name=template.name), before=_told(template))
    session.delete(template)
