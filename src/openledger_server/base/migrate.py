"""Bring a database to the schema this version needs: our migrations, the job queue's tables and patches."""

import hashlib
import logging
from importlib import resources
from importlib.resources.abc import Traversable

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

from openledger_server.base.db import APP_ROLE
from openledger_server.base.errors import ConflictError, UpstreamError

_LOGGER = logging.getLogger(__name__)
_MIGRATION_LOCK = 7_301_224_117
_VERSION_MIN = 150000

# procrastinate lets a job that is scheduled for later block every ready job of the same lock (its issue 1599). A retry
# in an hour must not hold up the next sync of that bank, so only jobs that are due count as being ahead in the line.
_FETCH_FUNCTION = "procrastinate_fetch_job_v2"
_FETCH_BEFORE = "other_jobs.status = 'todo'\n"
_FETCH_AFTER = "other_jobs.status = 'todo' AND (other_jobs.scheduled_at IS NULL OR other_jobs.scheduled_at <= now())\n"

# A worker waits for its poll (seconds) before it sees that a lock became free; this tells it at once.
_LOCK_RELEASED = """
CREATE OR REPLACE TRIGGER openledger_notify_lock_released AFTER UPDATE OF status ON procrastinate_jobs
  FOR EACH ROW WHEN (old.status = 'doing' AND new.lock IS NOT NULL)
  EXECUTE FUNCTION procrastinate_notify_queue_job_inserted_v1()
"""


class SchemaTooNewError(ConflictError):
    """The database was migrated by a newer version of this program. Upgrade the program."""

    code = "SCHEMA_TOO_NEW"


class SchemaChangedError(ConflictError):
    """A migration that was applied here differs from the one shipped. Use the matching version of the program."""

    code = "SCHEMA_CHANGED"


def migrate(owner_dsn: str) -> list[str]:
    """Apply what is missing and return the names of the migrations that were applied now, in order.

    `owner_dsn` logs in as a role that may create tables and roles. Safe to run again and from several processes.

    Raises:
        SchemaTooNewError: if the database knows a migration that we do not.
        SchemaChangedError: if an applied migration's text differs from ours.
        UpstreamError: if the server is older than PostgreSQL 15.
    """
    with psycopg.connect(owner_dsn, autocommit=True) as conn:
        if conn.info.server_version < _VERSION_MIN:
            raise UpstreamError("PostgreSQL 15 or newer is needed.", code="DATABASE_TOO_OLD", is_retryable=False)
        conn.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        conn.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration "
            "(name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = _apply_own(conn)
        applied += _apply_queue(conn)
    return applied


def pending_migrations(dsn: str) -> list[str]:
    """Return the names of the migrations that `migrate` would apply; all of them for an empty database."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        found = conn.execute("SELECT to_regclass('schema_migration') IS NOT NULL").fetchone()
        known = dict(_applied(conn)) if found and found[0] else {}
    return [file.name for file in _files() if file.name not in known]


def shipped_migrations() -> list[str]:
    """Return the names of all migrations of this version, in order."""
    return [file.name for file in _files()]


def _files() -> list[Traversable]:
    folder = resources.files("openledger_server.base") / "migrations"
    return sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)


def _applied(conn: psycopg.Connection) -> list[tuple[str, str]]:
    return conn.execute("SELECT name, sha256 FROM schema_migration").fetchall()


def _apply_own(conn: psycopg.Connection) -> list[str]:
    known = dict(_applied(conn))
    files = {file.name: file.read_text() for file in _files()}
    unknown = sorted(known.keys() - files.keys())
    if unknown:
        raise SchemaTooNewError(f"The database has migration {unknown[-1]}, which this version does not know.")
    applied = []
    for name, text in files.items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        if name in known:
            if known[name] != digest:
                raise SchemaChangedError(f"Migration {name} was applied with another text.")
            continue
        with conn.transaction():
            conn.execute(text.encode())
            conn.execute("INSERT INTO schema_migration (name, sha256) VALUES (%s, %s)", (name, digest))
        _LOGGER.info("Migration applied", extra={"action": "schema.migrated", "migration": name})
        applied.append(name)
    return applied


def _apply_queue(conn: psycopg.Connection) -> list[str]:
    applied = []
    with conn.transaction():
        found = conn.execute("SELECT to_regclass('procrastinate_jobs') IS NOT NULL").fetchone()
        if not (found and found[0]):
            conn.execute(SchemaManager.get_schema())
            applied.append("job queue")
        _patch_fetch(conn)
        conn.execute(_LOCK_RELEASED)
        role = sql.Identifier(APP_ROLE)
        tables = conn.execute("SELECT relname FROM pg_class WHERE relname LIKE 'procrastinate%' AND relkind = 'r'")
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables.fetchall())
        conn.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(names, role))
        conn.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))
    return applied


def _patch_fetch(conn: psycopg.Connection) -> None:
    row = conn.execute("SELECT pg_get_functiondef(%s::regproc)", (_FETCH_FUNCTION,)).fetchone()
    assert row is not None
    definition: str = row[0]
    if _FETCH_AFTER in definition:
        return
    if definition.count(_FETCH_BEFORE) != 1:
        raise UpstreamError(
            "The job queue's fetch function has changed; our patch does not fit.",
            code="QUEUE_PATCH_FAILED",
            is_retryable=False,
        )
    conn.execute(definition.replace(_FETCH_BEFORE, _FETCH_AFTER).encode())
