"""The clock's own work: what no webhook told arrives all the same."""

from procrastinate import App

from openledger_server.jobs.worker import new_worker_app
from tests.support.live import Live


async def test_webhooks_lost_for_a_day_lose_no_row(live: Live) -> None:
    connection = await live.linked()
    live.sandbox.control("POST", "/webhooks/faults", fate="drop", times=-1)
    change = {"op": "add", "account": "checking", "amount": "9.75", "date": "2026-03-04", "name": "UNTOLD"}
    await live.change(connection, change, silent=False)
    assert live.count("SELECT count(*) FROM bank_transaction WHERE description = 'UNTOLD'") == 0
    live.run_sql("UPDATE item SET last_synced_at = now() - interval '25 hours', last_attempted_at = NULL")
    await _sweep(live)
    await live.work()
    assert live.count("SELECT count(*) FROM bank_transaction WHERE description = 'UNTOLD'") == 1


async def test_an_item_that_was_synced_just_now_is_left_alone(live: Live) -> None:
    await live.linked()
    runs = live.count("SELECT count(*) FROM sync_run")
    await _sweep(live)
    await live.work()
    assert live.count("SELECT count(*) FROM sync_run") == runs


async def _sweep(live: Live) -> None:
    """Do what the clock asks of a worker every quarter of an hour."""
    app: App = new_worker_app(live.services)
    async with app.open_async(live.services.pool):
        await app.tasks["sweep_items"](timestamp=0)
