"""What happened to checklists, as the log says it: the end of a sentence that begins with a name."""

from backend.i18n import N_

HAPPENED = {
    "checklist_added": N_("added the checklist %(after)s"),
    "checklist_renamed": N_("renamed the checklist %(before)s to %(after)s"),
    "checklist_ordered": N_("gave the checklist an order: %(after)s"),
    "checklist_unordered": N_("took the order off the checklist: %(after)s"),
    "checklist_removed": N_("removed the checklist %(before)s"),
    "checklist_restored": N_("restored the checklist %(after)s"),
    "checklist_item_added": N_("added to a checklist: %(after)s"),
    "checklist_item_changed": N_("changed on a checklist %(before)s to %(after)s"),
    "checklist_item_moved": N_("moved on a checklist: %(after)s"),
    "checklist_item_removed": N_("removed from a checklist: %(before)s"),
    "checklist_item_ticked": N_("ticked: %(after)s"),
    "checklist_item_unticked": N_("took the tick off: %(after)s"),
    "closed_with_open_items": N_("closed the ticket although items were open: %(after)s"),
}
