"""Where the files of one embedded database cluster live, and making a new one.

A cluster normally lives in its data directory. When we are root, PostgreSQL runs as another user; if that user cannot
reach the data directory (root's home is closed), the cluster lives below /var/lib/openledger/clusters and the data
directory holds a pointer to it.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from openledger_server.processes import proc_table
from openledger_server.processes.launching import User, launch
from openledger_server.processes.postgres_binaries import (
    SYSTEM_DIRECTORY,
    Binaries,
    PostgresError,
    is_reachable,
    user_label,
)
from openledger_server.processes.private_files import PRIVATE_DIRECTORY, write_private

OWNER_ROLE = "openledger_owner"
"""The superuser of the cluster; migrations run as it."""
APP_ROLE = "openledger_app"
"""The role the server works as; it has no rights but those that migrations grant."""
DATABASE = "openledger"
_CLUSTERS = SYSTEM_DIRECTORY / "clusters"
_POINTER = "cluster.json"
_OWNER_NOTE = "owner.json"
_INIT_TIMEOUT_S = 120
_ORPHAN_GRACE_S = 7 * 24 * 3600
"""A data directory may have been moved, and be opened again later from its new place."""
_HBA = "# Written by openledger. Only the owner of the socket directory gets this far.\nlocal all all scram-sha-256\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The places and secrets of one cluster."""

    home: Path
    """Owned by the user that runs PostgreSQL, mode 0700; holds the next one and the socket."""
    data: Path
    """PostgreSQL's own data directory (PGDATA)."""
    owner_password: str
    app_password: str


def has_cluster(data_dir: Path) -> bool:
    """Return whether a cluster was made for this data directory."""
    return _passwords_file(data_dir).exists()


def _passwords_file(data_dir: Path) -> Path:
    return data_dir / "keys" / "postgres.json"


def prepare_cluster(data_dir: Path, binaries: Binaries, user: User | None, *, is_durable: bool) -> Cluster:
    """Return the cluster of `data_dir`, made if there is none. The caller holds the data directory's lock.

    Raises:
        PostgresError: if it cannot be made, or was made by another major version.
    """
    home = _home_of(data_dir, user)
    data = home / f"pgdata-{binaries.major}"
    _refuse_other_major(home, data, binaries)
    secrets_file = _passwords_file(data_dir)
    is_new = not (data / "PG_VERSION").exists()
    passwords = None if is_new else _read_passwords(secrets_file)
    if passwords is None:
        passwords = (secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        secrets_file.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        write_private(secrets_file, json.dumps({"owner_password": passwords[0], "app_password": passwords[1]}))
        if is_new:
            _make_cluster(data, binaries, user, passwords, is_durable=is_durable)
        else:  # the file with the passwords was lost: set new ones
            _run_single_user(binaries, data, user, _role_statements(passwords))
    return Cluster(home=home, data=data, owner_password=passwords[0], app_password=passwords[1])


def _home_of(data_dir: Path, user: User | None) -> Path:
    inside = data_dir / "postgres"
    if user is None:
        inside.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
        return inside
    if is_reachable(data_dir, user) and not (data_dir / _POINTER).exists():
        return _own(inside, user)
    if any(inside.glob("pgdata-*")):
        raise PostgresError(f"{inside} holds the database but {user_label(user)}, who runs it, cannot reach it.")
    return _home_outside(data_dir, user)


def _own(directory: Path, user: User) -> Path:
    directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
    os.chown(directory, user.uid, user.gid)
    return directory


def _home_outside(data_dir: Path, user: User) -> Path:
    for directory in (SYSTEM_DIRECTORY, _CLUSTERS):
        directory.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not is_reachable(_CLUSTERS, user):
        raise PostgresError(
            f"PostgreSQL runs as {user_label(user)}, who can reach neither {data_dir} nor {_CLUSTERS}. "
            "Choose another data directory, run as an ordinary user, or set OPENLEDGER_DATABASE_URL."
        )
    name = _pointed_to(data_dir) or str(uuid.uuid4())
    home = _own(_CLUSTERS / name, user)
    note = {"data_dir": str(data_dir), "device": data_dir.stat().st_dev}
    write_private(home / _OWNER_NOTE, json.dumps(note))
    write_private(data_dir / _POINTER, json.dumps({"cluster": name}))
    return home


def _pointed_to(data_dir: Path) -> str | None:
    try:
        name = json.loads((data_dir / _POINTER).read_text(encoding="utf-8"))["cluster"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise PostgresError(
            f"{data_dir / _POINTER}, which names the place of the database, is damaged: {exc}."
        ) from exc
    return str(uuid.UUID(name))


def _refuse_other_major(home: Path, data: Path, binaries: Binaries) -> None:
    others = [path for path in home.glob("pgdata-*") if path.suffix != ".new" and path != data]
    if others and not data.exists():
        raise PostgresError(
            f"{others[0]} was written by another major version of PostgreSQL than the {binaries.major} installed here. "
            "Install the release of openledger-server that made it, dump the database, and restore it here."
        )


def _read_passwords(path: Path) -> tuple[str, str] | None:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return str(stored["owner_password"]), str(stored["app_password"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise PostgresError(f"{path}, which holds the database's passwords, cannot be read: {exc}.") from exc


def _make_cluster(
    data: Path, binaries: Binaries, user: User | None, passwords: tuple[str, str], *, is_durable: bool
) -> None:
    """Make the cluster beside its place and move it there at the end: one cut short is never taken for a whole one."""
    building = data.with_name(f"{data.name}.new")
    shutil.rmtree(building, ignore_errors=True)
    command = [
        *(str(binaries.directory / "initdb"), "--pgdata", str(building), "--username", OWNER_ROLE),
        *("--encoding=UTF8", "--auth=reject", *_locale_options(binaries)),
        *(() if is_durable else ("--no-sync",)),
    ]
    _run(command, user, building.parent, "initdb")
    hba = building / "pg_hba.conf"
    hba.write_text(_HBA, encoding="utf-8")
    _run_single_user(binaries, building, user, [*_role_statements(passwords), f"CREATE DATABASE {DATABASE}"])
    if data.exists():
        raise PostgresError(f"{data} exists but is no database. Move it away.")
    building.rename(data)


_BUILTIN_LOCALE_MAJOR = 17


def _locale_options(binaries: Binaries) -> tuple[str, ...]:
    # The same order of text on every machine: by code point, lower and upper case known beyond ASCII.
    if binaries.major >= _BUILTIN_LOCALE_MAJOR:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return ("--locale=C.UTF-8",)


def _role_statements(passwords: tuple[str, str]) -> list[str]:
    owner_password, app_password = passwords
    return [
        f"ALTER ROLE {OWNER_ROLE} PASSWORD '{owner_password}'",
        f"DO $$ BEGIN CREATE ROLE {APP_ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"ALTER ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '{app_password}'",
    ]


def _run_single_user(binaries: Binaries, data: Path, user: User | None, statements: list[str]) -> None:
    """Run statements before anybody can connect. Each takes one line, which is how this mode tells them apart."""
    command = [str(binaries.directory / "postgres"), "--single", "-D", str(data), "postgres"]
    _run(command, user, data.parent, "postgres --single", text="".join(f"{line}\n" for line in statements))


def _run(command: list[str], user: User | None, directory: Path, name: str, *, text: str = "") -> None:
    """Run one of PostgreSQL's programs to its end.

    Raises:
        PostgresError: with what it said, if it fails or (single-user mode exits with 0) reports an error.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as source:
        source.write(text.encode())
        source.seek(0)
        process = launch(
            command,
            death_signal=signal.SIGTERM,
            user=user,
            directory=directory,
            output=output,
            errors=output,
            source=source,
        )
        try:
            status = process.wait(_INIT_TIMEOUT_S)
        except subprocess.TimeoutExpired as exc:
            process.kill()
            process.wait()
            raise PostgresError(f"{name} did not end within {_INIT_TIMEOUT_S} s.") from exc
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if status != 0 or "ERROR:" in said or "FATAL:" in said:
        raise PostgresError(f"{name} failed as {user_label(user)} in {directory}: {said or f'exit status {status}'}")


def collect_garbage(*, now_s: float | None = None, clusters: Path = _CLUSTERS) -> list[Path]:
    """Remove clusters outside their data directory that no data directory points to any more; return those removed.

    A cluster goes only if its data directory is gone, or names another cluster, for seven days, as judged on the same
    file system as before (so that a volume which is not mounted now keeps its cluster), and nothing runs in it.
    """
    removed = []
    for home in sorted(clusters.iterdir()) if clusters.is_dir() else []:
        if _is_garbage(home, time.time() if now_s is None else now_s):
            shutil.rmtree(home, ignore_errors=True)
            removed.append(home)
    return removed


def _is_garbage(home: Path, now_s: float) -> bool:
    mark = home / "orphaned"
    try:
        note = json.loads((home / _OWNER_NOTE).read_text(encoding="utf-8"))
        data_dir = Path(note["data_dir"])
        is_orphan = _device_at(data_dir) == note["device"] and _pointed_to(data_dir) != home.name
    except (OSError, ValueError, KeyError, TypeError, PostgresError):
        return False
    if not is_orphan or any(proc_table.pids_working_in(data) for data in home.glob("pgdata-*")):
        mark.unlink(missing_ok=True)
        return False
    if not mark.exists():
        write_private(mark, "")
        os.utime(mark, (now_s, now_s))
    return now_s - mark.stat().st_mtime >= _ORPHAN_GRACE_S


def _device_at(path: Path) -> int:
    """Return the file system that holds `path`, or would hold it."""
    nearest = next(step for step in (path, *path.parents) if step.exists())
    return nearest.stat().st_dev
