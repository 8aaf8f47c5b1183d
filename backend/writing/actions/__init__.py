"""What can be done with what somebody wrote, beside having said it."""

from backend.writing.actions.following import follow_up
from backend.writing.actions.forwarding import acknowledgement, files_to_pass_on, forward, quotable
from backend.writing.actions.holding import take_back_reply
from backend.writing.actions.own import change_own, delete_own, restore_own
from backend.writing.actions.participating import check_foreign, take_part
from backend.writing.actions.telling import tell_technician

__all__ = [
    "acknowledgement",
    "change_own",
    "check_foreign",
    "delete_own",
    "files_to_pass_on",
    "follow_up",
    "forward",
    "quotable",
    "restore_own",
    "take_back_reply",
    "take_part",
    "tell_technician",
]
