"""`openledger verify`: are the books sound, and has nobody changed what was posted?"""

import asyncio
import re
from datetime import UTC, datetime

from openledger_server.base.db import Pool, new_pool
from openledger_server.base.migrate import migrate
from openledger_server.bookkeeping.verification.store import entities_to_verify
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import EXIT_FAILED, CommandError, print_json, print_line, told_plainly
from openledger_server.config import Settings
from openledger_server.workflows.verify_books import CHECKS, Anchor, Verification, verify_books

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_AT_ONCE = 500
_SHOWN = 20


def run_verify(settings: Settings, *, entity_id: int | None, anchor: str | None, as_json: bool) -> None:
    """Check one entity's books, or everybody's, print what is wrong, and end with status 1 if anything is."""
    with told_plainly():
        noted = _anchor(anchor, entity_id)
        with available_database(settings) as urls:
            migrate(urls.owner)
            done = asyncio.run(_verify(urls.app, entity_id, noted))
    is_sound = all(one.is_sound for one in done)
    if as_json:
        print_json({"ok": is_sound, "checks": len(CHECKS), "entities": [_document(one) for one in done]})
    else:
        print_line("\n".join(_lines(done)))
    if not is_sound:
        raise SystemExit(EXIT_FAILED)


def _anchor(text: str | None, entity_id: int | None) -> Anchor | None:
    if text is None:
        return None
    found = _ANCHOR.fullmatch(text)
    if found is None or entity_id is None:
        raise CommandError("Give --expect as BATCH:DIGEST, as this command printed it, together with --entity.")
    return Anchor(int(found[1]), bytes.fromhex(found[2]))


async def _verify(dsn: str, entity_id: int | None, anchor: Anchor | None) -> list[Verification]:
    async with new_pool(dsn, size_max=1) as pool:
        ids = await _all_entities(pool)
        if entity_id is not None:
            if entity_id not in ids:
                raise CommandError(f"There is no entity {entity_id}.")
            ids = [entity_id]
        return [await verify_books(pool, entity_id=one, now=datetime.now(UTC), anchor=anchor) for one in ids]


async def _all_entities(pool: Pool) -> list[int]:
    found: list[int] = []
    while page := await entities_to_verify(pool, after_id=found[-1] if found else 0, limit=_AT_ONCE):
        found += page
    return found


def _lines(done: list[Verification]) -> list[str]:
    lines = []
    for one in done:
        waiting = sum(one.held.values())
        held = f", {waiting} bank transactions wait" if waiting else ""
        verdict = "sound" if one.is_sound else f"{len(one.violations)} FAULTS"
        lines.append(f"entity {one.entity_id}  {verdict}  journal {_head(one)}{held}")
        lines += [f"  {fault.invariant}: not so for {fault.subject}" for fault in one.violations[:_SHOWN]]
    broken = sum(not one.is_sound for one in done)
    verdict = f"{broken} are not sound" if broken else "all are sound"
    return [*lines, f"{len(done)} entities, {len(CHECKS)} checks each: {verdict}."]


def _head(one: Verification) -> str:
    return "empty" if one.head.sha256 is None else f"{one.head.batch}:{one.head.sha256.hex()}"


def _document(one: Verification) -> dict[str, object]:
    return {
        "entity_id": str(one.entity_id),
        "ok": one.is_sound,
        "verified_at": one.verified_at,
        "head": None if one.head.sha256 is None else _head(one),
        "held": {reason.value: count for reason, count in one.held.items()},
        "faults": [{"check": fault.invariant, "subject": fault.subject} for fault in one.violations],
    }
