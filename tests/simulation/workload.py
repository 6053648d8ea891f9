"""A seeded life of one entity: banks change, break and lie, workers are killed, clocks jump, people decide."""

from collections.abc import Awaitable, Callable

from openledger_server.workflows.connections import resume
from openledger_server.workflows.request_sync import request_sync
from openledger_server.workflows.services import Services
from tests.simulation import bank_deeds, server_deeds
from tests.simulation.life import Life, SimulatedBank
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.sandbox import RunningSandbox

STEPS = 30
USERNAMES = ("user_studio", "user_history_40", "user_history_30")
DEEDS: tuple[tuple[Callable[[Life, SimulatedBank], Awaitable[None]], int], ...] = (
    (bank_deeds.change_bank, 10),
    (bank_deeds.days_pass, 1),
    (bank_deeds.relink, 1),
    (server_deeds.sync, 4),
    (server_deeds.sync_killed, 3),
    (server_deeds.sync_with_fault, 3),
    (server_deeds.sync_twice_at_once, 1),
    (server_deeds.sync_overtaken, 1),
    (server_deeds.workers, 1),
    (server_deeds.worker_killed, 1),
    (server_deeds.decide, 4),
    (server_deeds.forget_cursor, 1),
    (server_deeds.pause_or_resume, 1),
    (server_deeds.change_token, 1),
    (server_deeds.clock_jumps, 1),
)


async def live(services: Services, sandbox: RunningSandbox, database: Database, *, seed: int) -> Life:
    """Live one seed's life to its end: afterwards the banks are well and the queue has brought every item in step."""
    entity_id = await open_entity(services.pool, database)
    life = Life.begin(services, seed=seed, app_dsn=database.app_dsn, owner_dsn=database.owner_dsn, entity_id=entity_id)
    for username in USERNAMES[: life.random.choice((1, 1, 2, 3))]:
        life.banks.append(await bank_deeds.link(life, sandbox, username))
    for _ in range(STEPS):
        deed = life.random.choices([deed for deed, _ in DEEDS], [weight for _, weight in DEEDS])[0]
        life.counter[deed.__name__] += 1
        await deed(life, life.random.choice(life.banks))
        await life.take_over_decisions()
    await _come_to_rest(life)
    return life


async def _come_to_rest(life: Life) -> None:
    for bank in life.banks:
        if bank.is_paused:
            await resume(life.services, entity_id=life.entity_id, item_id=bank.linked.item_id)
    await request_sync(life.services, entity_id=life.entity_id)
    await server_deeds.work(life)
    await life.take_over_decisions()
