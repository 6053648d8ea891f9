"""`openledger export`: an entity's journal for other programs."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from openledger_server.access import store as access
from openledger_server.base import db
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import CommandError, people, told_plainly
from openledger_server.config import Settings
from openledger_server.reports.exports.journal import JournalFormat, journal_format, journal_lines


def export_journal(settings: Settings, entity_id: int, *, format_name: str, output: Path | None) -> None:
    """Write the whole journal to a file, or to standard output."""
    with told_plainly():
        format_ = journal_format(format_name)
        with available_database(settings) as urls:
            migrate(urls.owner)
            with _opened(output) as file:
                count = asyncio.run(_write(urls.app, entity_id, format_, file))
        people.print(f"{count} lines of {format_.value}.")


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        file = output.open("w", encoding="utf-8", newline="\n")
    except OSError as exc:
        raise CommandError(f"{output} cannot be written: {exc.strerror}.") from exc
    with file:
        yield file


async def _write(dsn: str, entity_id: int, format_: JournalFormat, file: TextIO) -> int:
    count = 0
    async with db.new_pool(dsn, size_max=1) as pool, db.read_entity(pool, entity_id=entity_id) as conn:
        await access.entity(conn, entity_id=entity_id)  # refuses one that does not exist, instead of an empty journal
        async for line in journal_lines(conn, format_, entity_id=entity_id):
            file.write(line + "\n")
            count += 1
    return count
