"""The life of a connection: what each event makes of each state. Pure; `workflows` applies it.

linking ──► importing ──► healthy ◄──► bank_down, rate_limited      (waiting helps; syncing goes on)
                             │  ▲
                             │  └────► expiring                     (a dated warning; syncing goes on)
                             ├──────► login_required, error         (a person has to act; any good sync clears it)
                             ├──────► paused                        (the user asked)
                             ├──────► revoked                       (the user withdrew the permission at the bank)
                             └──────► disconnecting ──► disconnected
"""

from collections.abc import Mapping
from typing import Final

from openledger_server.banking.feed import FeedFault
from openledger_server.banking.types import ItemEvent, ItemState

SYNCABLE: Final = frozenset(
    {
        *(ItemState.IMPORTING, ItemState.HEALTHY, ItemState.EXPIRING, ItemState.BANK_DOWN, ItemState.RATE_LIMITED),
        *(ItemState.LOGIN_REQUIRED, ItemState.ERROR),
    }
)
"""States in which a sync may be tried. Nothing that a bank can get over keeps us from trying again."""

ENDED: Final = frozenset({ItemState.REVOKED, ItemState.DISCONNECTING, ItemState.DISCONNECTED})
"""States that lead nowhere: the bank has to be linked anew."""

_EVENT_BY_FAULT: Final[Mapping[FeedFault, ItemEvent]] = {
    FeedFault.RETRY_SOON: ItemEvent.FAILED_FOR_NOW,
    FeedFault.NOT_READY: ItemEvent.FAILED_FOR_NOW,
    FeedFault.RATE_LIMITED: ItemEvent.RATE_LIMITED,
    FeedFault.BANK_DOWN: ItemEvent.BANK_DOWN,
    FeedFault.LOGIN_REQUIRED: ItemEvent.LOGIN_REQUIRED,
    FeedFault.GONE: ItemEvent.REFUSED,
    FeedFault.CONFIGURATION: ItemEvent.REFUSED,
}
# What an event makes of a connection that is in use; an event that is not named changes nothing.
_IN_USE: Final[Mapping[ItemEvent, ItemState]] = {
    ItemEvent.SYNCED_PARTLY: ItemState.IMPORTING,
    ItemEvent.SYNCED: ItemState.HEALTHY,
    ItemEvent.REPAIRED: ItemState.HEALTHY,
    ItemEvent.RATE_LIMITED: ItemState.RATE_LIMITED,
    ItemEvent.BANK_DOWN: ItemState.BANK_DOWN,
    ItemEvent.LOGIN_REQUIRED: ItemState.LOGIN_REQUIRED,
    ItemEvent.REFUSED: ItemState.ERROR,
    ItemEvent.REVOKED: ItemState.REVOKED,
    ItemEvent.PAUSED: ItemState.PAUSED,
    ItemEvent.DISCONNECT: ItemState.DISCONNECTING,
    ItemEvent.REMOVED: ItemState.DISCONNECTED,
}
# Where the general rule would say less than we know already.
_EXCEPTIONS: Final[Mapping[tuple[ItemState, ItemEvent], ItemState]] = {
    (ItemState.HEALTHY, ItemEvent.EXPIRES): ItemState.EXPIRING,
    (ItemState.IMPORTING, ItemEvent.EXPIRES): ItemState.EXPIRING,
    # The warning stands until the user has renewed the access, however good the syncs are.
    (ItemState.EXPIRING, ItemEvent.SYNCED): ItemState.EXPIRING,
    (ItemState.EXPIRING, ItemEvent.SYNCED_PARTLY): ItemState.EXPIRING,
    # The user still has to log in, whatever else goes wrong meanwhile.
    (ItemState.LOGIN_REQUIRED, ItemEvent.BANK_DOWN): ItemState.LOGIN_REQUIRED,
    (ItemState.LOGIN_REQUIRED, ItemEvent.RATE_LIMITED): ItemState.LOGIN_REQUIRED,
    (ItemState.IMPORTING, ItemEvent.REPAIRED): ItemState.IMPORTING,
}
_BY_STATE: Final[Mapping[ItemState, Mapping[ItemEvent, ItemState]]] = {
    ItemState.LINKING: {
        ItemEvent.LINKED: ItemState.IMPORTING,
        ItemEvent.REVOKED: ItemState.REVOKED,
        ItemEvent.DISCONNECT: ItemState.DISCONNECTING,
        ItemEvent.REMOVED: ItemState.DISCONNECTED,
    },
    ItemState.PAUSED: {
        ItemEvent.RESUMED: ItemState.HEALTHY,
        ItemEvent.REVOKED: ItemState.REVOKED,
        ItemEvent.DISCONNECT: ItemState.DISCONNECTING,
        ItemEvent.REMOVED: ItemState.DISCONNECTED,
    },
    ItemState.REVOKED: {ItemEvent.DISCONNECT: ItemState.DISCONNECTING},
    ItemState.DISCONNECTING: {ItemEvent.REMOVED: ItemState.DISCONNECTED},
    ItemState.DISCONNECTED: {},
}


def next_state(state: ItemState, event: ItemEvent) -> ItemState:
    """Return the state after `event`; it is total, so that webhooks may come in any order and any number of times."""
    if (own := _BY_STATE.get(state)) is not None:
        return own.get(event, state)
    return _EXCEPTIONS.get((state, event)) or _IN_USE.get(event, state)


def event_of(fault: FeedFault, *, provider_code: str) -> ItemEvent:
    """Return what a failure of the feed means for the connection."""
    if provider_code == "USER_PERMISSION_REVOKED":
        return ItemEvent.REVOKED
    return _EVENT_BY_FAULT[fault]
