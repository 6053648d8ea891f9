"""What happens on our side: syncs, good ones, broken ones and killed ones; workers, pauses, people, clocks."""

import asyncio
from typing import Any

import psycopg

from openledger_server.banking.feed import FeedError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.jobs.worker import new_worker_app
from openledger_server.workflows.connections import pause, resume, rotate_token
from openledger_server.workflows.request_sync import request_sync
from openledger_server.workflows.set_category import set_category
from openledger_server.workflows.sync_item import NotSyncedError
from tests.simulation.bank_deeds import change_bank
from tests.simulation.crash import Job, run_until_killed
from tests.simulation.life import Life, SimulatedBank
from tests.simulation.world import PAGE_SIZE
from tests.support.waiting import wait_until

_HELD_UP_S = 0.2
_PENDING_SHARE = 0.4
SYNC_STATEMENTS = 35
WORKER_STATEMENTS = 70
UNCATEGORIZED = 6999
DECISIONS = (6400, 6850, 3200, UNCATEGORIZED)
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 502},
    {"error_code": "INSTITUTION_DOWN"},
    {"error_code": "ITEM_LOGIN_REQUIRED"},
    {"error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", "times": 2},
    {"error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", "times": 20},
    {"error_code": "TRANSACTIONS_SYNC_LIMIT"},
    {"drop": "added"},
    {"body": "{", "content_type": "application/json"},
)


async def sync(_life: Life, bank: SimulatedBank) -> None:
    """Sync one bank; a paused one refuses."""
    try:
        await bank.linked.sync()
    except NotSyncedError:
        assert bank.is_paused


async def sync_killed(life: Life, bank: SimulatedBank) -> None:
    """A sync in a process of its own dies before a random statement."""
    await _killed(life, bank, statement=life.random.randint(1, SYNC_STATEMENTS), item_id=bank.linked.item_id)


async def worker_killed(life: Life, bank: SimulatedBank) -> None:
    """A worker dies at a random moment with whatever jobs it has; the others find its jobs later."""
    await request_sync(life.services, entity_id=life.entity_id)
    await _killed(life, bank, statement=life.random.randint(1, WORKER_STATEMENTS), item_id=None)


async def _killed(life: Life, bank: SimulatedBank, *, statement: int, item_id: int | None) -> None:
    job = Job(
        app_dsn=life.app_dsn,
        plaid_url=bank.linked.sandbox.base_url,
        entity_id=life.entity_id,
        item_id=item_id,
        statement=statement,
        page_size=PAGE_SIZE,
        clock_offset_s=life.clock.offset_s,
    )
    life.counter["kills"] += await asyncio.to_thread(run_until_killed, job)


async def sync_with_fault(life: Life, bank: SimulatedBank) -> None:
    """The provider fails in one of its ways, at any page or at the second."""
    fault = {"times": 1} | life.random.choice(FAULTS) | life.random.choice(({}, {"page": 2}))
    control = bank.linked.sandbox.control
    control("POST", "/faults", path="/transactions/sync", item_id=bank.provider_item_id, **fault)
    try:
        await sync(life, bank)
    except FeedError:
        life.counter["failed syncs"] += 1
    finally:
        control("DELETE", "/faults")


async def sync_twice_at_once(life: Life, bank: SimulatedBank) -> None:
    """Two syncs of one item at the same time, which the queue would not allow."""
    await asyncio.gather(sync(life, bank), sync(life, bank))


async def sync_overtaken(life: Life, bank: SimulatedBank) -> None:
    """One sync has read the bank and is held up; the bank changes, another sync is quicker; then the first goes on."""
    if bank.is_paused or bank.carried:
        return  # a first look at a bank linked anew has to be one look, or nobody could say which list was seen
    control = bank.linked.sandbox.control
    control("POST", "/faults", path="/item/get", item_id=bank.provider_item_id, delay_s=_HELD_UP_S)
    slow = asyncio.create_task(bank.linked.sync())
    await asyncio.to_thread(wait_until, lambda: slow.done() or not control("GET", "/faults")["faults"])
    await change_bank(life, bank)
    await bank.linked.sync()
    await slow
    control("DELETE", "/faults")


async def workers(life: Life, _bank: SimulatedBank) -> None:
    """Two workers share what there is to do."""
    await request_sync(life.services, entity_id=life.entity_id)
    await work(life)


async def work(life: Life) -> None:
    """Let two workers do what is due, jobs of dead workers first."""
    with psycopg.connect(life.owner_dsn) as owner:
        # The dead have been silent for long, and nobody waits for a second attempt.
        owner.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        owner.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    apps = [new_worker_app(life.services) for _ in range(2)]
    for app in apps:
        app.periodic_registry.periodic_tasks.clear()
    async with apps[0].open_async(life.services.pool), apps[1].open_async(life.services.pool):
        await apps[0].tasks["retry_stalled_jobs"](timestamp=0)
        await asyncio.gather(
            *(
                app.run_worker_async(
                    wait=False,
                    concurrency=2,
                    install_signal_handlers=False,
                    listen_notify=False,
                    delete_jobs="successful",
                )
                for app in apps
            )
        )


async def forget_cursor(life: Life, bank: SimulatedBank) -> None:
    """An old cursor is used again, as after a restored backup of the item: everything since comes once more."""
    async with db.write_entity(life.services.pool, entity_id=life.entity_id) as conn:
        await conn.execute(
            "UPDATE item SET sync_cursor = '' WHERE entity_id = %s AND id = %s", (life.entity_id, bank.linked.item_id)
        )


async def pause_or_resume(life: Life, bank: SimulatedBank) -> None:
    """A person pauses a connection, or resumes it."""
    deed = resume if bank.is_paused else pause
    await deed(life.services, entity_id=life.entity_id, item_id=bank.linked.item_id)
    bank.is_paused = not bank.is_paused


async def change_token(life: Life, bank: SimulatedBank) -> None:
    """The access token is replaced."""
    await rotate_token(life.services, entity_id=life.entity_id, item_id=bank.linked.item_id)


async def clock_jumps(life: Life, _bank: SimulatedBank) -> None:
    """The server's clock is set, forward or back."""
    life.clock.offset_s += life.random.choice((-7200, -90, 90, 3600, 30 * 3600, 100 * 3600))


async def decide(life: Life, bank: SimulatedBank) -> None:
    """A person chooses a category for a row that both the bank and we have, of a merchant that has only this row."""
    ours = await life.our_rows()
    known = [row for row in bank.rows() if row["transaction_id"] in ours.keys() & life.made]
    if not known:
        return
    # Pending rows are few, and what is decided of them has the longest way to go.
    pending = [row for row in known if row["pending"]]
    rows = pending if pending and life.random.random() < _PENDING_SHARE else known
    key = life.random.choice(rows)["transaction_id"]
    row_id, merchant, amount = ours[key]
    code = life.random.choice(DECISIONS)
    await set_category(
        life.services,
        entity_id=life.entity_id,
        bank_transaction_id=BankTransactionId(row_id),
        ledger_account_id=(await bank.linked.ledger_codes())[code],
    )
    is_new = life.decisions.get(key) != code  # the same again teaches nothing
    life.decisions[key] = code
    if is_new and code != UNCATEGORIZED:
        life.memory.setdefault(merchant, []).append((code, amount))
