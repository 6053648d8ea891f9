"""The books as a report looks at them: debits less credits per ledger account, in one currency and on one basis."""

from collections.abc import Sequence

from openledger_server.base.db import ReadConnection
from openledger_server.reports import store, tree
from openledger_server.reports.types import View


async def nets_of(
    conn: ReadConnection,
    *,
    entity_id: int,
    windows: Sequence[store.Window],
    view: View,
) -> tuple[tree.Nets, ...]:
    """Return debits less credits per ledger account for each window, in their order."""
    totals = await store.totals_of(conn, entity_id=entity_id, windows=windows)
    return tuple(tree.net_by_account(column, view=view) for column in totals)
