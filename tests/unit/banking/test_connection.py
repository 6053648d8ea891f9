"""The table of a connection's life: every state with every event."""

import itertools

import pytest

from openledger_server.banking.connection import ENDED, SYNCABLE, event_of, next_state
from openledger_server.banking.feed import FeedFault
from openledger_server.banking.types import ItemEvent, ItemState

# One line per state, one letter per event in the order of the heading; a dot: nothing changes.
LETTERS = {
    "I": ItemState.IMPORTING,
    "H": ItemState.HEALTHY,
    "E": ItemState.EXPIRING,
    "B": ItemState.BANK_DOWN,
    "R": ItemState.RATE_LIMITED,
    "L": ItemState.LOGIN_REQUIRED,
    "X": ItemState.ERROR,
    "V": ItemState.REVOKED,
    "P": ItemState.PAUSED,
    "d": ItemState.DISCONNECTING,
    "D": ItemState.DISCONNECTED,
}
EVENTS = (
    *(ItemEvent.LINKED, ItemEvent.SYNCED_PARTLY, ItemEvent.SYNCED, ItemEvent.FAILED_FOR_NOW, ItemEvent.RATE_LIMITED),
    *(ItemEvent.BANK_DOWN, ItemEvent.LOGIN_REQUIRED, ItemEvent.REFUSED, ItemEvent.REPAIRED, ItemEvent.EXPIRES),
    *(ItemEvent.REVOKED, ItemEvent.ACCOUNT_REVOKED, ItemEvent.NEW_ACCOUNTS, ItemEvent.UPDATES_AVAILABLE),
    *(ItemEvent.PAUSED, ItemEvent.RESUMED, ItemEvent.DISCONNECT, ItemEvent.REMOVED),
)
TABLE = {
    ItemState.LINKING: "I.........V.....dD",
    ItemState.IMPORTING: ".IH.RBLX.EV...P.dD",
    ItemState.HEALTHY: ".IH.RBLXHEV...P.dD",
    ItemState.EXPIRING: "....RBLXH.V...P.dD",
    ItemState.BANK_DOWN: ".IH.RBLXH.V...P.dD",
    ItemState.RATE_LIMITED: ".IH.RBLXH.V...P.dD",
    ItemState.LOGIN_REQUIRED: ".IH...LXH.V...P.dD",
    ItemState.ERROR: ".IH.RBLXH.V...P.dD",
    ItemState.PAUSED: "..........V....HdD",
    ItemState.REVOKED: "................d.",
    ItemState.DISCONNECTING: ".................D",
    ItemState.DISCONNECTED: "..................",
}


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(ItemState)
    assert set(EVENTS) == set(ItemEvent)
    assert {len(line) for line in TABLE.values()} == {len(EVENTS)}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ItemState, EVENTS)))
def test_each_event_in_each_state(state: ItemState, event: ItemEvent) -> None:
    letter = TABLE[state][EVENTS.index(event)]
    assert next_state(state, event) is (state if letter == "." else LETTERS[letter])


def test_a_good_sync_clears_whatever_a_sync_can_clear() -> None:
    for state in SYNCABLE - {ItemState.EXPIRING}:
        assert next_state(state, ItemEvent.SYNCED) is ItemState.HEALTHY


def test_what_passes_by_itself_never_keeps_us_from_trying_again() -> None:
    for state, fault in itertools.product(SYNCABLE, FeedFault):
        event = event_of(fault, provider_code="SOME_CODE")
        assert next_state(state, event) in SYNCABLE


def test_nothing_but_removal_leads_out_of_an_end() -> None:
    for state, event in itertools.product(ENDED, ItemEvent):
        assert next_state(state, event) in ENDED


def test_a_withdrawn_permission_is_known_by_its_code_under_any_type() -> None:
    for fault in (FeedFault.GONE, FeedFault.CONFIGURATION):
        assert event_of(fault, provider_code="USER_PERMISSION_REVOKED") is ItemEvent.REVOKED
