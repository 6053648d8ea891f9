"""What banks do: rows come, settle, change, vanish, come again; days pass; the bank is linked once more."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from typing import Any

from openledger_server.workflows.disconnect import disconnect, remove_item
from openledger_server.workflows.link_item import link_item
from tests.simulation.life import DAYS, Life, RowContent, SimulatedBank

INSTITUTION = "ins_109508"
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
_KINDS = ("add", "add", "pending", "settle", "modify", "remove", "churn", "again", "transfer")
_DECIDED_SHARE = 0.4
# What makes up a row, apart from the ids.
_IDS = {"transaction_id", "account_id", "pending_transaction_id", "pending"}
Row = dict[str, Any]


async def link(life: Life, sandbox: Any, username: str) -> SimulatedBank:
    """Link a bank of the sandbox to the life's entity."""
    token = await life.services.feed.sandbox_public_token(
        institution_id=INSTITUTION, username=username, days_requested=DAYS
    )
    rows = await link_item(life.services, entity_id=life.entity_id, public_token=token)
    bank: SimulatedBank = await SimulatedBank.known(
        life.services, sandbox, entity_id=life.entity_id, item_id=rows[-1].item_id, username=username
    )
    return bank


async def change_bank(life: Life, bank: SimulatedBank) -> None:
    """One to four changes at the bank, as one update of its own or as several."""
    rows = _without_oldest(bank.rows())
    operations = [
        operation
        for _ in range(life.random.randint(1, 4))
        for operation in _one_change(life, bank, rows, life.random.choice(_KINDS))
    ]
    if not operations:
        return
    if life.random.random() < 0.5:
        bank.change(*operations)
    else:
        for operation in operations:
            bank.change(operation)


def _one_change(life: Life, bank: SimulatedBank, rows: list[Row], kind: str) -> list[Row]:
    """Return the operations of one change; rows that it touches leave `rows`, so that nobody touches them twice."""
    if kind in {"add", "pending"}:
        return [_made(life, {**_new_row(life, bank), "pending": kind == "pending"})]
    if kind in {"transfer", "again"}:
        return _transfer(life, bank) if kind == "transfer" else _again(life, bank)
    candidates = [row for row in rows if row["pending"] == (kind == "settle")]
    if not candidates:
        return []
    decided = [row for row in candidates if row["transaction_id"] in life.decisions]
    row = life.random.choice(decided if decided and life.random.random() < _DECIDED_SHARE else candidates)
    rows.remove(row)
    return [_touched(life, bank, row, kind)]


def _touched(life: Life, bank: SimulatedBank, row: Row, kind: str) -> Row:
    """Return the operation that settles, changes, removes a row or gives it another id."""
    key = row["transaction_id"]
    if kind == "settle":
        return _settle(life, key)
    if kind == "modify":
        changed = {"amount": life.amount()} if life.random.random() < 0.5 else {"date": life.day()}
        return {"op": "modify", "transaction_id": key, **changed}
    if kind == "churn":
        new_key = life.next_id()
        if key in life.made:
            life.made.add(new_key)
        return {"op": "readd", "transaction_id": key, "new_transaction_id": new_key}
    if key in life.made:
        life.gone.append((bank, row))
    return {"op": "remove", "transaction_id": key}


def _without_oldest(rows: list[Row]) -> list[Row]:
    """Return the bank's rows but for each account's oldest day, which has to stay.

    A snapshot says nothing about days before its first row, so an oldest row taken back while the cursor is lost
    is not noticed by sync; it shows as a difference between bank and books instead (docs/reliability.md).
    """
    oldest: dict[str, str] = {}
    for row in rows:
        oldest[row["account_id"]] = min(row["date"], oldest.get(row["account_id"], row["date"]))
    return [row for row in rows if row["date"] > oldest[row["account_id"]]]


def _made(life: Life, row: Row) -> Row:
    life.made.add(row["transaction_id"])
    return row


def _settle(life: Life, pending: str) -> Row:
    is_linked = life.random.random() < 0.8
    extra: Row = {"amount": life.amount()} if life.random.random() < 0.5 else {}
    key = life.next_id()
    if pending in life.made:
        life.made.add(key)
    # What a person decided moves along only if the bank says which pending row this was.
    if is_linked and pending in life.decisions:
        life.decisions[key] = life.decisions.pop(pending)
    return {"op": "settle", "transaction_id": pending, "new_transaction_id": key, "link": is_linked, **extra}


def _again(life: Life, bank: SimulatedBank) -> list[Row]:
    """A row that the bank took back comes again under its old id, with another amount perhaps."""
    candidates = [one for one in life.gone if one[0] is bank]
    if not candidates:
        return []
    one = life.random.choice(candidates)
    life.gone.remove(one)
    row = one[1]
    operation = _as_operation(row, account_id=row["account_id"], key=row["transaction_id"])
    # Which pending row it was does not change by that; without it nobody who has not read it before could know.
    operation["raw"]["pending_transaction_id"] = row["pending_transaction_id"]
    return [operation | ({"amount": life.amount()} if life.random.random() < 0.5 else {})]


def _transfer(life: Life, bank: SimulatedBank) -> list[Row]:
    """Money moves between two accounts of this login; the amount is like no other, the second leg may never come."""
    if len(bank.account_keys) < 2:
        return []
    life.serial += 1
    amount = 50_000 + life.serial + 0.17
    first, second = life.random.sample(sorted(bank.account_keys, key=bank.account_keys.__getitem__), 2)
    day = life.today() - timedelta(days=life.random.randint(4, DAYS))
    later = day + timedelta(days=life.random.randint(0, 4))
    out = {**_new_row(life, bank), "account_id": first, "amount": amount, "date": day.isoformat()}
    into = {**_new_row(life, bank), "account_id": second, "amount": -amount, "date": later.isoformat()}
    for leg, category in ((out, "TRANSFER_OUT_ACCOUNT_TRANSFER"), (into, "TRANSFER_IN_ACCOUNT_TRANSFER")):
        leg.update(category=category, confidence="HIGH", pending=False)
    return [_made(life, leg) for leg in ((out, into) if life.random.random() < 0.9 else (out,))]


def _new_row(life: Life, bank: SimulatedBank) -> Row:
    category, confidence = life.random.choice(CATEGORIES)
    accounts = sorted(bank.account_keys, key=bank.account_keys.__getitem__)
    key = life.next_id()
    name = f"MERCHANT {_letters(life.serial)}"
    return {
        "op": "add",
        "transaction_id": key,
        "account_id": life.random.choice(accounts),
        "amount": life.amount(),
        "date": life.day(),
        "name": name,
        "merchant_name": name,
        "category": category,
        "confidence": confidence,
    }


def _as_operation(row: Row, *, account_id: str, key: str) -> Row:
    """Return the operation that adds a row like this one."""
    return {
        "op": "add",
        "transaction_id": key,
        "account_id": account_id,
        "amount": row["amount"],
        "date": row["date"],
        "name": row["name"],
        "pending": row["pending"],
        "raw": {name: value for name, value in row.items() if name not in _IDS},
    }


async def days_pass(life: Life, bank: SimulatedBank) -> None:
    """The banks' clock jumps: new days arrive, pending rows settle under other ids or vanish, rows are corrected."""
    days = life.random.randint(1, 4)
    life.days_passed += days
    life.counter["days passed"] += days
    await asyncio.to_thread(bank.linked.sandbox.control, "POST", "/clock", advance_s=days * 86_400)


async def relink(life: Life, bank: SimulatedBank) -> None:
    """The connection ends and the same bank is linked again: the same accounts and rows, all under new ids."""
    if bank.is_paused:
        return
    await bank.linked.sync()
    await life.take_over_decisions()
    await disconnect(life.services, entity_id=life.entity_id, item_id=bank.linked.item_id)
    if life.random.random() < 0.5:
        await remove_item(life.services, entity_id=life.entity_id, item_id=bank.linked.item_id)
    before = bank.rows()
    after = await link(life, bank.linked.sandbox, bank.username)
    life.gone = [one for one in life.gone if one[0] is not bank]
    life.banks[life.banks.index(bank)] = after
    _make_equal(life, bank, after, before)


def _make_equal(life: Life, old: SimulatedBank, new: SimulatedBank, before: list[Row]) -> None:
    """Give the new login the rows that the old one had, and carry over what the workload knows of them."""
    homes = {key: account_id for account_id, key in new.account_keys.items()}
    waiting: dict[RowContent, list[str]] = defaultdict(list)
    for row in new.rows():
        waiting[new.content(row)].append(row["transaction_id"])
    operations: list[Row] = []
    for row in before:
        same = waiting[old.content(row)]
        if same:
            key = same.pop(0)
        else:
            key = life.next_id()
            account_id = homes[old.account_keys[row["account_id"]]]
            operations.append(_as_operation(row, account_id=account_id, key=key))
        if row["transaction_id"] in life.made:
            life.made.add(key)
        code = life.decisions.pop(row["transaction_id"], None)
        # A pending row ends with its connection, and what was decided of it.
        if code is not None and not row["pending"]:
            new.carried.append((old.content(row), code))
    operations += [{"op": "remove", "transaction_id": key} for keys in waiting.values() for key in keys]
    if operations:
        new.change(*operations)


def _letters(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 26)
        text += chr(ord("A") + digit)
    return text * 2
