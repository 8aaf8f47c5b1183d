"""What can be done with tickets. Every verb checks its rule, changes rows, and records the Activity."""

from backend.tickets.actions.assigning import assignable
from backend.tickets.actions.changing import assign, change, customer_known, editable, see
from backend.tickets.actions.chatting import (
    answer_in_chat,
    bring_back,
    edit,
    give_to_mail,
    index_again,
    locked,
    locked_of,
    locked_where_it_goes_on,
    move_messages,
    take_back,
    withdraw,
)
from backend.tickets.actions.family import Outcome, answer_all, close_all, link, open_subticket, put_below
from backend.tickets.actions.index import index_head, index_heads, index_message
from backend.tickets.actions.opening import open_ticket
from backend.tickets.actions.record import record
from backend.tickets.actions.splitting import split_off
from backend.tickets.actions.statuses import stand_in, still_to_come, turn_again
from backend.tickets.actions.talking import Enclosure, Said, attach, call, note, post_again, receive, reply
from backend.tickets.actions.uploads import enclosures

__all__ = [
    "Enclosure",
    "Outcome",
    "Said",
    "answer_all",
    "answer_in_chat",
    "assign",
    "assignable",
    "attach",
    "bring_back",
    "call",
    "change",
    "close_all",
    "customer_known",
    "edit",
    "editable",
    "enclosures",
    "give_to_mail",
    "index_again",
    "index_head",
    "index_heads",
    "index_message",
    "link",
    "locked",
    "locked_of",
    "locked_where_it_goes_on",
    "move_messages",
    "note",
    "open_subticket",
    "open_ticket",
    "post_again",
    "put_below",
    "receive",
    "record",
    "reply",
    "see",
    "split_off",
    "stand_in",
    "still_to_come",
    "take_back",
    "turn_again",
    "withdraw",
]
