"""How other processes of ours find the embedded database: a private file in the data directory."""

import json
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

from openledger_server.processes.postgres_cluster import APP_ROLE, DATABASE, OWNER_ROLE
from openledger_server.processes.private_files import write_private

_FILE = "postgres.json"
_CONNECT_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFacts:
    """Where the embedded database listens, and the passwords of its two roles."""

    socket_directory: str
    port: int
    owner_password: str = field(repr=False)
    app_password: str = field(repr=False)
    log_file: str

    def owner_dsn(self, *, database: str = DATABASE) -> str:
        """Return the connection URL for migrations and for making databases. Holds a password: never print it."""
        return self._dsn(OWNER_ROLE, self.owner_password, database)

    def app_dsn(self, *, database: str = DATABASE) -> str:
        """Return the connection URL for everything else. Holds a password: never print it."""
        return self._dsn(APP_ROLE, self.app_password, database)

    def _dsn(self, role: str, password: str, database: str) -> str:
        host = quote(self.socket_directory, safe="")
        return (
            f"postgresql://{role}:{quote(password, safe='')}@/{quote(database, safe='')}?host={host}&port={self.port}"
        )

    def is_answering(self) -> bool:
        """Return whether something accepts connections on the socket now."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_TIMEOUT_S)
            try:
                probe.connect(f"{self.socket_directory}/.s.PGSQL.{self.port}")
            except OSError:
                return False
        return True


def write_facts(data_dir: Path, facts: ConnectionFacts) -> None:
    """Tell other processes, through a file with mode 0600."""
    write_private(data_dir / _FILE, json.dumps(asdict(facts)))


def read_facts(data_dir: Path) -> ConnectionFacts | None:
    """Return what the owner of the embedded database of `data_dir` wrote; nothing if it does not run."""
    try:
        return ConnectionFacts(**json.loads((data_dir / _FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def forget_facts(data_dir: Path) -> None:
    """Remove the file when the database stops."""
    (data_dir / _FILE).unlink(missing_ok=True)
