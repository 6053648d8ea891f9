"""Directories and programs for the tests of processes."""

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openledger_server.processes.embedded_postgres import running_postgres
from tests.support.database import reachable_directory

RunProgram = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def empty_dir() -> Iterator[Path]:
    """A place for a data directory, which is not there yet, that PostgreSQL's user can reach."""
    with reachable_directory() as directory:
        yield directory / "data"


@pytest.fixture(scope="session")
def stopped_cluster() -> Iterator[Path]:
    """A data directory with a cluster that was stopped properly; copied by others."""
    with reachable_directory() as directory:
        with running_postgres(directory / "data"):
            pass
        yield directory / "data"


@pytest.fixture
def data_dir(empty_dir: Path, stopped_cluster: Path) -> Path:
    """A data directory with a stopped cluster of its own."""
    subprocess.run(["cp", "-a", str(stopped_cluster), str(empty_dir)], check=True)
    return empty_dir


@pytest.fixture
def closed_home() -> Iterator[Path]:
    """A directory that nobody but root can enter, as root's home is; clusters made for it elsewhere are removed."""
    clusters = Path("/var/lib/openledger/clusters")
    before = set(clusters.glob("*"))
    with reachable_directory() as directory:
        directory.chmod(0o700)
        yield directory
    for made in set(clusters.glob("*")) - before:
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def run_program() -> Iterator[RunProgram]:
    """Run Python programs whose standard output can be read line by line; they are killed when the test ends."""
    started: list[subprocess.Popen[str]] = []

    def run(source: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-u", "-c", textwrap.dedent(source)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
