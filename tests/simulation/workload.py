"""A seeded life of one entity: banks change, break and lie, workers are killed, people decide."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from openledger_server.banking.feed import FeedError
from openledger_server.base import db
from openledger_server.workflows.link_item import link_item
from openledger_server.workflows.services import Services
from openledger_server.workflows.set_category import set_category
from tests.simulation.crash import sync_killed_at
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.sandbox import RunningSandbox
from tests.sync.conftest import TODAY, LinkedBank

STEPS = 40
DAYS = 15
# (provider's category, its confidence): sure ones, doubtful ones, none, and one nobody has heard of
CATEGORIES = (
    ("FOOD_AND_DRINK_COFFEE", "VERY_HIGH"),
    ("GENERAL_MERCHANDISE_OFFICE_SUPPLIES", "HIGH"),
    ("RENT_AND_UTILITIES_RENT", "MEDIUM"),
    ("TRAVEL_FLIGHTS", "LOW"),
    ("ENTERTAINMENT_VIDEO_GAMES", "VERY_HIGH"),
    ("A_CODE_OF_TOMORROW", "VERY_HIGH"),
    (None, None),
)
UNCATEGORIZED = 6999
DECISIONS = (6400, 6850, 3200, UNCATEGORIZED)
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 502},
    {"error_code": "INSTITUTION_DOWN"},
    {"error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", "times": 2},
    {"error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", "times": 20},
    {"error_code": "TRANSACTIONS_SYNC_LIMIT"},
    {"drop": "added"},
    {"body": "{", "content_type": "application/json"},
)


@dataclass(slots=True)
class Life:
    """One seed's entity, and what only the workload can know: what people decided, on which row."""

    seed: int
    random: random.Random
    app_dsn: str
    banks: list[LinkedBank]
    decisions: dict[str, int] = field(default_factory=dict)
    """Provider id of the row -> code of the account a person chose; moves along when a pending row settles."""
    made: list[str] = field(default_factory=list)
    """Rows that the workload itself has made at the banks; each has a merchant of its own."""
    memory: dict[str, int] = field(default_factory=dict)
    """Merchant -> code of the account a person chose last; uncategorized teaches nothing."""
    counter: Counter[str] = field(default_factory=Counter)
    serial: int = 0


async def live(services: Services, sandbox: RunningSandbox, database: Database, *, seed: int) -> Life:
    """Live one seed's life to its end: afterwards the banks are well and every item has been synced."""
    life = Life(seed, random.Random(seed), database.app_dsn, [])
    entity_id = await open_entity(services.pool, database)
    for username in ("user_studio", "user_history_40", "user_history_30")[: life.random.choice((1, 1, 2, 3))]:
        token = await services.feed.sandbox_public_token(
            institution_id="ins_109508", username=username, days_requested=DAYS
        )
        rows = await link_item(services, entity_id=entity_id, public_token=token)
        life.banks.append(LinkedBank(services, sandbox, entity_id, rows[0].item_id))
    deeds = (
        (_change_bank, 10),
        (_sync, 4),
        (_sync_killed, 3),
        (_sync_with_fault, 3),
        (_sync_twice_at_once, 1),
        (_decide, 4),
        (_forget_cursor, 1),
        (_days_pass, 1),
    )
    for _ in range(STEPS):
        deed = life.random.choices([deed for deed, _ in deeds], [weight for _, weight in deeds])[0]
        life.counter[deed.__name__.lstrip("_")] += 1
        await deed(life, life.random.choice(life.banks))
    for bank in life.banks:
        await _sync(life, bank)
    return life


async def _sync(_life: Life, bank: LinkedBank) -> None:
    await bank.sync()


async def _sync_killed(life: Life, bank: LinkedBank) -> None:
    statement = life.random.randint(1, 30)
    was_killed = await asyncio.to_thread(
        sync_killed_at,
        life.app_dsn,
        bank.sandbox.base_url,
        entity_id=bank.entity_id,
        item_id=bank.item_id,
        statement=statement,
    )
    life.counter["kills"] += was_killed


async def _sync_with_fault(life: Life, bank: LinkedBank) -> None:
    item = await bank.item()
    fault = {"times": 1} | life.random.choice(FAULTS)
    bank.sandbox.control("POST", "/faults", path="/transactions/sync", item_id=item.provider_item_id, **fault)
    try:
        await bank.sync()
    except FeedError:
        life.counter["failed syncs"] += 1
    finally:
        bank.sandbox.control("DELETE", "/faults")


async def _sync_twice_at_once(_life: Life, bank: LinkedBank) -> None:
    await asyncio.gather(bank.sync(), bank.sync())


async def _forget_cursor(_life: Life, bank: LinkedBank) -> None:
    """An old cursor is used again, as after a restored backup of the item: everything since comes once more."""
    async with db.write_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        await conn.execute(
            "UPDATE item SET sync_cursor = '' WHERE entity_id = %s AND id = %s", (bank.entity_id, bank.item_id)
        )


async def _days_pass(life: Life, bank: LinkedBank) -> None:
    """The banks' clock jumps: new days arrive, pending rows settle under other ids or vanish, rows are corrected."""
    days = life.random.randint(1, 4)
    life.counter["days passed"] += days
    await asyncio.to_thread(bank.sandbox.control, "POST", "/clock", advance_s=days * 86_400)


async def _decide(life: Life, bank: LinkedBank) -> None:
    """A person chooses a category for a row that both the bank and we have, of a merchant that has only this row."""
    ours = await bank.our_rows()
    known = sorted(ours.keys() & (await bank.banks_rows()).keys() & set(life.made))
    if not known:
        return
    key = life.random.choice(known)
    code = life.random.choice(DECISIONS)
    await set_category(
        bank.services,
        entity_id=bank.entity_id,
        bank_transaction_id=await bank.row_id(key),
        ledger_account_id=(await bank.ledger_codes())[code],
    )
    life.decisions[key] = code
    if code != UNCATEGORIZED:
        life.memory[await bank.merchant_of(key)] = code


async def _change_bank(life: Life, bank: LinkedBank) -> None:
    """One to four changes at the bank, as one update of its own."""
    for _ in range(life.random.randint(1, 4)):
        rows = await bank.banks_rows()
        kind = life.random.choice(("add", "add", "pending", "settle", "modify", "remove", "transfer"))
        candidates = sorted(key for key, (_, _, is_pending) in rows.items() if is_pending == (kind == "settle"))
        if kind in {"settle", "modify", "remove"} and not candidates:
            continue
        if kind in {"add", "pending"}:
            await _made(life, bank, {**await _new_row(life, bank), "pending": kind == "pending"})
        elif kind == "transfer":
            await _transfer(life, bank)
        elif kind == "settle":
            await _settle(life, bank, life.random.choice(candidates))
        elif kind == "modify":
            changed = {"amount": _amount(life)} if life.random.random() < 0.5 else {"date": _day(life)}
            await bank.change({"op": "modify", "transaction_id": life.random.choice(candidates), **changed})
        else:
            await bank.change({"op": "remove", "transaction_id": life.random.choice(candidates)})


async def _made(life: Life, bank: LinkedBank, *rows: dict[str, Any]) -> None:
    for change in await bank.change(*rows):
        life.made.append(change["transaction_id"])


async def _settle(life: Life, bank: LinkedBank, pending: str) -> None:
    is_linked = life.random.random() < 0.8
    extra: dict[str, Any] = {"amount": _amount(life)} if life.random.random() < 0.5 else {}
    [settled] = await bank.change({"op": "settle", "transaction_id": pending, "link": is_linked, **extra})
    if pending in life.made:
        life.made.append(settled["transaction_id"])
    # What a person decided moves along only if the bank says which pending row this was.
    if is_linked and pending in life.decisions:
        life.decisions[settled["transaction_id"]] = life.decisions.pop(pending)


async def _transfer(life: Life, bank: LinkedBank) -> None:
    """Money moves between two accounts of this login; the amount is like no other, the second leg may come later."""
    keys = await bank.account_keys()
    if len(keys) < 2:
        return
    life.serial += 1
    amount = 50_000 + life.serial + 0.17
    first, second = life.random.sample(keys, 2)
    day = TODAY - timedelta(days=life.random.randint(4, DAYS))
    later = day + timedelta(days=life.random.randint(0, 4))
    out = {**await _new_row(life, bank), "account_id": first, "amount": amount, "date": day.isoformat()}
    into = {**await _new_row(life, bank), "account_id": second, "amount": -amount, "date": later.isoformat()}
    for leg, category in ((out, "TRANSFER_OUT_ACCOUNT_TRANSFER"), (into, "TRANSFER_IN_ACCOUNT_TRANSFER")):
        leg.update(category=category, confidence="HIGH", pending=False)
    if life.random.random() < 0.5:
        await _made(life, bank, out, into)
    else:
        await _made(life, bank, out)
        if life.random.random() < 0.8:
            await _made(life, bank, into)


async def _new_row(life: Life, bank: LinkedBank) -> dict[str, Any]:
    life.serial += 1
    category, confidence = life.random.choice(CATEGORIES)
    name = f"MERCHANT {_letters(life.serial)}"
    return {
        "op": "add",
        "account_id": life.random.choice(await bank.account_keys()),
        "amount": _amount(life),
        "date": _day(life),
        "name": name,
        "merchant_name": name,
        "category": category,
        "confidence": confidence,
    }


def _amount(life: Life) -> float:
    """Return an amount that no other row has, either sign, so that a transfer's other side is never in doubt."""
    life.serial += 1
    return life.random.choice((-1, 1, 1, 1)) * (life.serial * 1000 + life.random.randint(1, 99) * 10 + 3) / 100


def _day(life: Life) -> str:
    return (TODAY - timedelta(days=life.random.randint(0, DAYS))).isoformat()


def _letters(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 26)
        text += chr(ord("A") + digit)
    return text * 2
