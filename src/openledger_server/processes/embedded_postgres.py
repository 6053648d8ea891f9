"""A PostgreSQL that belongs to a data directory: made when missing, started, watched, restarted and stopped by us.

One process owns it, the one that holds the lock on the data directory; others connect. See docs/configuration.md for
what to do instead when there is a PostgreSQL already.
"""

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from openledger_server.processes import proc_table
from openledger_server.processes.connection_facts import ConnectionFacts, forget_facts, read_facts, write_facts
from openledger_server.processes.launching import User, end, launch
from openledger_server.processes.postgres_binaries import (
    Binaries,
    PostgresError,
    demoted_user,
    find_binaries,
    reachable_binaries,
)
from openledger_server.processes.postgres_cluster import Cluster, collect_garbage, prepare_cluster

_log = logging.getLogger(__name__)

_PORT = 5432
"""Only names the socket: the server listens on no network."""
_SOCKET_PATH_MAX = 100
"""Systems allow 104 to 108 bytes for `<directory>/.s.PGSQL.5432` with its end mark."""
_POLL_S = 0.01
_READY_TIMEOUT_S = 600.0
"""Recovery after a crash may replay gigabytes."""
_RETRY_TIMEOUT_S = 60.0
"""For backends that outlived a killed server: they may be busy, and each holds the shared memory."""
_RETRY_PAUSE_S = 0.25
_OWNER_TIMEOUT_S = 60.0
_ORPHAN_PATIENCE_S = 15.0
_STOPPING = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))
"""Fast shutdown; failing that, immediate shutdown."""
_LOG_BYTES_MAX = 10_000_000
_LOG_TAIL_LINES = 15
_SHARED_MEMORY_MIN = 512_000_000
_STATUS_LINE = 7
"""Of postmaster.pid, counted from 0. Source: src/include/utils/pidfile.h of PostgreSQL."""


class EmbeddedPostgres:
    """The database server of one data directory. Use it from one thread that lives as long as the server should."""

    def __init__(self, data_dir: Path, *, is_durable: bool = True, binaries_directory: Path | None = None) -> None:
        """Remember the data directory; nothing starts yet.

        `is_durable=False` trades safety for speed in tests: a crash of the machine may destroy the data.
        """
        self._data_dir = data_dir.resolve()
        self._is_durable = is_durable
        self._binaries_directory = binaries_directory
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._cluster: Cluster | None = None
        self._binaries: Binaries | None = None
        self._user: User | None = None
        self._socket_directory: Path | None = None

    @property
    def is_owner(self) -> bool:
        """Whether this process runs the server, instead of connecting to another process's."""
        return self._lock is not None

    @property
    def server_pid(self) -> int | None:
        """The process number of the server we run."""
        return None if self._process is None else self._process.pid

    def start(self) -> ConnectionFacts:
        """Start the server, or find the one that another process runs for this data directory; wait until it answers.

        Raises:
            PostgresError: if it does not come up; the message ends with the last lines of its log.
        """
        try:
            self._data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
            return self._own_or_find()
        except OSError as exc:
            self.stop()
            raise PostgresError(f"The database in {self._data_dir} cannot be started: {exc}.") from exc
        except BaseException:
            self.stop()
            raise

    def _own_or_find(self) -> ConnectionFacts:
        deadline = time.monotonic() + _OWNER_TIMEOUT_S
        while not self._take_lock():
            facts = read_facts(self._data_dir)
            if facts is not None and facts.is_answering():
                return facts
            if time.monotonic() > deadline:
                raise PostgresError(f"Another process holds {self._lock_file} but its database does not answer.")
            time.sleep(_RETRY_PAUSE_S)
        return self._start_owned()

    @property
    def _lock_file(self) -> Path:
        return self._data_dir / "postgres.lock"

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        lock = self._lock_file.open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _start_owned(self) -> ConnectionFacts:
        self._user = demoted_user()
        self._binaries = reachable_binaries(find_binaries(self._binaries_directory), self._user)
        self._cluster = prepare_cluster(self._data_dir, self._binaries, self._user, is_durable=self._is_durable)
        if self._user is not None:
            collect_garbage()
        self._end_leftovers(self._cluster.data)
        self._socket_directory = self._make_socket_directory(self._cluster)
        self._rotate_log()
        self._spawn_until_ready()
        facts = ConnectionFacts(
            socket_directory=str(self._socket_directory),
            port=_PORT,
            owner_password=self._cluster.owner_password,
            app_password=self._cluster.app_password,
            log_file=str(self.log_file),
        )
        write_facts(self._data_dir, facts)
        return facts

    @property
    def log_file(self) -> Path:
        """Where the server's own messages go."""
        return self._data_dir / "postgres.log"

    def _rotate_log(self) -> None:
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_BYTES_MAX:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))

    def _make_socket_directory(self, cluster: Cluster) -> Path:
        """Return a directory that only its owner enters and whose path is short enough for a socket."""
        previous = read_facts(self._data_dir)
        inside = cluster.home / "run"
        if len(os.fsencode(inside / f".s.PGSQL.{_PORT}")) <= _SOCKET_PATH_MAX:
            directory = inside
            directory.mkdir(mode=0o700, exist_ok=True)
        else:
            if previous is not None:  # of a supervisor that was killed
                self._remove_socket_directory(Path(previous.socket_directory), cluster)
            directory = Path(tempfile.mkdtemp(prefix="openledger-"))  # mode 0700
        if self._user is not None:
            os.chown(directory, self._user.uid, self._user.gid)
        return directory

    @staticmethod
    def _remove_socket_directory(directory: Path, cluster: Cluster) -> None:
        if directory.parent != cluster.home and directory.name.startswith("openledger-"):
            shutil.rmtree(directory, ignore_errors=True)

    def _end_leftovers(self, data: Path) -> None:
        """End what an earlier supervisor left running in the cluster, and the pid file that names it.

        We hold the lock, so nobody else has a say. The server checks its pid file only by number, and would refuse to
        start if that number now belongs to anybody, as it does after a container restart, or to a zombie.
        """
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not proc_table.end_all_in(data, number=number, patience_s=_ORPHAN_PATIENCE_S):
                break
        pid_file = data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
        if proc_table.is_visible() or not proc_table.is_alive(pid):
            pid_file.unlink()

    def _spawn_until_ready(self) -> None:
        deadline = time.monotonic() + _RETRY_TIMEOUT_S
        while True:
            log_size = self.log_file.stat().st_size if self.log_file.exists() else 0
            self._spawn()
            if self._wait_ready():
                return
            said = self._log_since(log_size)
            is_blocked = "postmaster.pid" in said or "shared memory block" in said
            if not is_blocked or time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL does not start. The last lines of {self.log_file}:\n{said}")
            time.sleep(_RETRY_PAUSE_S)
            self._end_leftovers(self._require_cluster().data)

    def _spawn(self) -> None:
        cluster, binaries = self._require_cluster(), self._binaries
        assert binaries is not None  # set together with the cluster
        descriptor = os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as output:
            self._process = launch(
                [
                    str(binaries.directory / "postgres"),
                    *("-D", str(cluster.data)),
                    *(word for pair in self._options().items() for word in ("-c", f"{pair[0]}={pair[1]}")),
                ],
                death_signal=signal.SIGINT,
                user=self._user,
                directory=cluster.home,
                output=output,
                errors=output,
            )

    def _options(self) -> dict[str, str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_directory),
            "unix_socket_permissions": "0700",
            "port": str(_PORT),
            "shared_buffers": f"{_shared_buffers_mb()}MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "wal_compression": "pglz",
            "log_min_error_statement": "panic",  # statements may hold what people paid for
            "jit": "off",  # our statements are short; compiling them costs more than it saves
        }
        if _has_little_shared_memory():
            options["dynamic_shared_memory_type"] = "mmap"
        if not self._is_durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return options

    def _wait_ready(self) -> bool:
        """Wait until the server accepts connections; return False if it ended instead."""
        process, pid_file = self._process, self._require_cluster().data / "postmaster.pid"
        assert process is not None  # just spawned
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while process.poll() is None:
            if _status_in(pid_file, process.pid) == "ready":
                return True
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL was not ready after {_READY_TIMEOUT_S:.0f} s; see {self.log_file}.")
            time.sleep(_POLL_S)
        return False

    def _log_since(self, size: int) -> str:
        with self.log_file.open("rb") as file:
            file.seek(size)
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])

    def check(self) -> bool:
        """Look after the server; call this every second or so. Return whether it had to be started again.

        If the process that owned it is gone, this process takes it over.

        Raises:
            PostgresError: if it cannot be started again, or its data directory was removed.
        """
        if self._process is not None and self._process.poll() is None:
            return False
        if not self._data_dir.is_dir():
            raise PostgresError(f"The data directory {self._data_dir} was removed while the server ran.")
        if not self.is_owner and not self._take_lock():
            return False
        if self._cluster is None:
            self._start_owned()
            return True
        if not self._cluster.data.is_dir():
            raise PostgresError(f"The database {self._cluster.data} was removed while the server ran.")
        _log.warning("PostgreSQL ended unexpectedly", extra={"action": "postgres.restarting"})
        self._end_leftovers(self._cluster.data)
        self._spawn_until_ready()
        return True

    def stop(self) -> None:
        """Stop the server if it is ours: sessions end at once, everything committed is on disk. May be called twice."""
        if self._process is not None:
            end(self._process, signals=_STOPPING)
            self._process = None
        if self.is_owner and self._cluster is not None and self._socket_directory is not None:
            self._remove_socket_directory(self._socket_directory, self._cluster)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            forget_facts(self._data_dir)
            self._lock.close()  # closing gives the lock back
            self._lock = None

    def _require_cluster(self) -> Cluster:
        assert self._cluster is not None  # only called once the cluster is prepared
        return self._cluster


@contextlib.contextmanager
def running_postgres(data_dir: Path, *, is_durable: bool = True) -> Iterator[ConnectionFacts]:
    """Keep the database of `data_dir` running for the length of a block, ours or another process's."""
    server = EmbeddedPostgres(data_dir, is_durable=is_durable)
    facts = server.start()
    try:
        yield facts
    finally:
        server.stop()


def _status_in(pid_file: Path, pid: int) -> str:
    try:
        lines = pid_file.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return ""
    is_complete = len(lines) > _STATUS_LINE and lines[0] == str(pid)
    return lines[_STATUS_LINE].strip() if is_complete else ""


def _shared_buffers_mb() -> int:
    """Return an eighth of the memory, between 64 and 512 MB."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    return max(64, min(512, memory_mb // 8))


def _has_little_shared_memory() -> bool:
    """Return whether /dev/shm is as small as containers have it, where parallel queries would run out of it."""
    try:
        facts = os.statvfs("/dev/shm")  # noqa: S108  # a question, nothing is stored there
    except OSError:
        return False
    return facts.f_blocks * facts.f_frsize < _SHARED_MEMORY_MIN
