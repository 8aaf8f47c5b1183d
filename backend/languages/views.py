"""The page for whoever translates, among the settings, and the catalogue of a language as a file."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from backend.auth import requires
from backend.config import LANGUAGES
from backend.errors import NotFound
from backend.i18n import N_, _
from backend.languages.words import KINDS, about, catalogue, find, sentences
from backend.web import file_response

blueprint = Blueprint("languages", __name__, template_folder="templates")
ON_A_PAGE = 40

AREAS = {
    "addin": N_("Pane in Outlook"),
    "api": N_("Interface for programs"),
    "bot": N_("Bot in Teams"),
    "chat": N_("Chat"),
    "checklists": N_("Checklists"),
    "contracts": N_("Contracts"),
    "deletion": N_("Deleting tickets"),
    "desk": N_("Desk in general"),
    "devices": N_("Devices"),
    "drafts": N_("Drafts"),
    "fields": N_("Fields"),
    "languages": N_("Languages"),
    "lists": N_("Ticket list"),
    "mail": N_("E-mail"),
    "mentions": N_("Mentions"),
    "merging": N_("Merging tickets"),
    "microsoft": "Microsoft 365",
    "orders": N_("Orders"),
    "people": N_("Customers"),
    "presence": N_("Who is looking at what"),
    "settings": N_("Settings"),
    "signin": N_("Signing in"),
    "staff": N_("Teams and groups"),
    "statuses": N_("Statuses"),
    "surveys": N_("Surveys"),
    "textmodules": N_("Text modules"),
    "tickets": N_("Tickets"),
    "ui": N_("Parts of all pages"),
    "visits": N_("Visits"),
    "worklog": N_("Worked time"),
    "writing": N_("Writing"),
}
ONLY = {
    "": N_("All sentences"),
    "missing": N_("Not translated"),
    "long": N_("Longer than their place"),
    "plural": N_("With plural forms"),
    "gaps": N_("With gaps"),
    "notes": N_("With a note"),
}
NAMES = {"de": "Deutsch", "en": "English", "es": "Español", "fr": "Français", "it": "Italiano"}


def _of(offered: dict[str, str], name: str) -> str:
    value = request.args.get(name, "")
    return value if value in offered else ""


@blueprint.get("/settings/languages")
@requires("settings.write")
def languages() -> ResponseReturnValue:
    """Sentences of Deskside, with what is asked for (`find`, `area`, `only`, `lang`), a page from `from` on."""
    areas, only, lang = _of(AREAS, "area"), _of(ONLY, "only"), _of(NAMES, "lang")
    asked = request.args.get("find", "").replace("\x00", "").strip()[:200]
    found = find(asked, areas, only, "" if lang == "en" else lang)
    start = max(0, request.args.get("from", 0, type=int))
    others = [one for one in LANGUAGES if one != "en"]
    return render_template(
        "languages/list.html",
        rows=found[start : start + ON_A_PAGE],
        count=len(found),
        total=len(sentences()),
        lacking={one: sum(row.missing_in(one) for row in sentences()) for one in others},
        start=start,
        more=start + ON_A_PAGE if start + ON_A_PAGE < len(found) else None,
        chosen={"find": asked, "area": areas, "only": only, "lang": lang},
        areas=sorted(((key, _(word)) for key, word in AREAS.items()), key=lambda one: one[1].casefold()),
        only=[(key, _(word)) for key, word in ONLY.items()],
        names=NAMES,
        columns=[lang] if lang and lang != "en" else others,
        kinds={key: _(word) for key, word in KINDS.items()},
        area_of=lambda place: _(AREAS.get(place.area, place.area)),
        about=about,
    )


@blueprint.get("/settings/languages/<code>.po")
@requires("settings.write")
def file(code: str) -> ResponseReturnValue:
    """The catalogue of a language, to be edited with a program for translations."""
    if code not in LANGUAGES:
        raise NotFound(_("Deskside does not speak this language."))
    name = f"deskside-{code}.po"
    answer = file_response(catalogue(code).read_bytes(), name=name, content_type="text/x-gettext-translation")
    answer.headers["Cache-Control"] = "private, no-cache"  # another after each update, at the same address
    return answer
