"""What can be done with tickets. Every verb checks its rule, changes rows, and records the Activity."""

from backend.tickets.actions.changing import assign, change, customer_known, see
from backend.tickets.actions.chatting import (
    answer_in_chat,
    bring_back,
    edit,
    give_to_mail,
    index_again,
    locked,
    move_messages,
    take_back,
    withdraw,
)
from backend.tickets.actions.index import index_head, index_message
from backend.tickets.actions.opening import open_ticket
from backend.tickets.actions.record import record
from backend.tickets.actions.splitting import split_off
from backend.tickets.actions.talking import Enclosure, Said, attach, call, note, post_again, receive, reply
from backend.tickets.actions.uploads import enclosures

__all__ = [
    "Enclosure",
    "Said",
    "answer_in_chat",
    "assign",
    "attach",
    "bring_back",
    "call",
    "change",
    "customer_known",
    "edit",
    "enclosures",
    "give_to_mail",
    "index_again",
    "index_head",
    "index_message",
    "locked",
    "move_messages",
    "note",
    "open_ticket",
    "post_again",
    "receive",
    "record",
    "reply",
    "see",
    "split_off",
    "take_back",
    "withdraw",
]
