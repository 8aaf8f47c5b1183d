"""All background work of the installation: the modules that register jobs, and which jobs repeat."""

import importlib

# The modules whose functions are jobs.
MODULES = (
    "backend.tidy",
    "backend.drafts.incoming",
    "backend.deletion.incoming",
    "backend.presence.incoming",
    "backend.mail.incoming",
    "backend.mail.outgoing",
    "backend.chat.incoming",
    "backend.chat.outgoing",
    "backend.mentions.outgoing",
    "backend.staff.outgoing",
    "backend.visits.incoming",
    "backend.visits.outgoing",
    "backend.statuses.incoming",
    "backend.tickets.incoming",
)
# Name of a job without arguments → cron line.
PERIODIC = {
    "ground.tidy": "17 * * * *",
    "drafts.forget_old": "23 3 * * *",
    "deletion.empty": "29 3 * * *",
    "presence.forget_gone": "*/10 * * * *",
    "mail.sweep": "* * * * *",
    "mail.subscribe": "*/5 * * * *",
    "mail.reconcile": "11 * * * *",  # each mailbox once a day
    "mail.check_all": "7 * * * *",
    "chat.sweep": "* * * * *",
    "chat.forget_old": "41 3 * * *",
    "visits.sweep": "*/5 * * * *",
    "visits.mend": "* * * * *",
    "visits.subscribe": "*/5 * * * *",
    "visits.look_busy": "*/10 * * * *",
    "statuses.come_back": "* * * * *",
    "statuses.close_unanswered": "*/10 * * * *",
}
# Jobs without arguments that a worker runs before it begins: nobody waits for the next full minute.
AT_START = (
    "mail.sweep",
    "mail.subscribe",
    "mail.check_all",
    "chat.sweep",
    "visits.sweep",
    "visits.subscribe",
    "visits.look_busy",
)


def load() -> None:
    """Imports every module with jobs, so that `backend.jobs.JOBS` is whole."""
    for name in MODULES:
        importlib.import_module(name)
