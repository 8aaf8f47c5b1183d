"""The forty tickets of the demo company."""

from backend.demo.stories import abroad, accounts, business, devices, network
from backend.demo.talk import Story

STORIES: tuple[Story, ...] = (
    *devices.STORIES,
    *accounts.STORIES,
    *network.STORIES,
    *business.STORIES,
    *abroad.STORIES,
)
