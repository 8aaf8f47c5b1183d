"""What can be done with chats. Every verb checks its rule, changes rows, and records the Activity."""

from backend.chat.actions import delivery
from backend.chat.actions.answering import answer, continue_with, end, hand_over
from backend.chat.actions.arriving import file_came, file_missing
from backend.chat.actions.choosing import choose_ticket
from backend.chat.actions.delivery import send_again
from backend.chat.actions.editing import deleted, edited, restored
from backend.chat.actions.pressing import VERBS, pressed
from backend.chat.actions.talking import customer_said, speak, technician_said, technician_said_in_thread
from backend.chat.actions.telling import ring_here

__all__ = [
    "VERBS",
    "answer",
    "choose_ticket",
    "continue_with",
    "customer_said",
    "deleted",
    "delivery",
    "edited",
    "end",
    "file_came",
    "file_missing",
    "hand_over",
    "pressed",
    "restored",
    "ring_here",
    "send_again",
    "speak",
    "technician_said",
    "technician_said_in_thread",
]
