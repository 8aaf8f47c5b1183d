"""Why a visit is not in the calendar as it should be, for the person who reads it beside *try again*."""

from backend.i18n import N_

NO_ADDRESS = N_("The technician has no e-mail address, so there is no calendar to put this visit into.")
NO_CALENDAR = N_("Microsoft 365 knows no calendar for this technician. Please check the account and its licence.")
FORBIDDEN = N_(
    "Microsoft 365 does not let Deskside write into this calendar. An administrator can give it the permission."
)
REFUSED = N_("Microsoft 365 refuses this event. Please check times and texts, and try again.")
UNREACHABLE = N_("Microsoft 365 could not be reached for a long time. Please try again.")
IMPOSSIBLE = N_(
    "In Outlook this event has times that a visit cannot have. Trying again puts the visit's own times back."
)
MANY_GONE = N_(
    "Many events are missing from this calendar at once, so nothing was cancelled. Trying again puts them back."
)
LEFT_THERE = N_("The event could not be taken out of the calendar in Outlook. Please try again.")
