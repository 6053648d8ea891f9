"""The books as a report looks at them: debits less credits per ledger account, in its currency and on its basis."""

from collections import Counter
from collections.abc import Sequence

from openledger_server.base.db import ReadConnection
from openledger_server.ledger.types import AccountTotal, LedgerAccountId
from openledger_server.reports import store, tree
from openledger_server.reports.cash_basis import shifts_to_cash
from openledger_server.reports.types import Basis, View


async def nets_of(
    conn: ReadConnection, *, entity_id: int, windows: Sequence[store.Window], view: View
) -> tuple[tree.Nets, ...]:
    """Return debits less credits per ledger account for each window, in their order.

    On cash basis the cost grows with the number of entries that touch receivables or payables.
    """
    totals = await store.totals_of(conn, entity_id=entity_id, windows=windows)
    return await nets_from(conn, totals, entity_id=entity_id, windows=windows, view=view)


async def nets_from(
    conn: ReadConnection,
    totals: Sequence[Sequence[AccountTotal]],
    *,
    entity_id: int,
    windows: Sequence[store.Window],
    view: View,
) -> tuple[tree.Nets, ...]:
    """Return the same for windows whose totals are known already."""
    nets = tuple(tree.net_by_account(column, view=view) for column in totals)
    if view.basis is Basis.ACCRUAL:
        return nets
    until = max(end for _, end in windows)
    shifts = list(shifts_to_cash(await store.open_item_entries(conn, entity_id=entity_id, until=until, view=view)))
    moved: tuple[Counter[LedgerAccountId], ...] = tuple(Counter(net) for net in nets)
    for (since, end), net in zip(windows, moved, strict=True):
        for shift in shifts:
            if (since is None or shift.dated >= since) and shift.dated < end:
                net.update(shift.amounts)
    return moved
