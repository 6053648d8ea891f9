import json
import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from openledger_server.processes import postgres_cluster, proc_table
from openledger_server.processes.connection_facts import ConnectionFacts, read_facts
from openledger_server.processes.embedded_postgres import EmbeddedPostgres, running_postgres
from openledger_server.processes.launching import User
from openledger_server.processes.postgres_binaries import (
    Binaries,
    PostgresError,
    demoted_user,
    find_binaries,
    is_reachable,
    reachable_binaries,
)
from tests.processes.conftest import RunProgram
from tests.support.waiting import wait_until

on_linux = pytest.mark.skipif(not proc_table.is_visible(), reason="needs /proc")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights")

SUPERVISOR = """
    import sys, time
    from pathlib import Path
    from openledger_server.processes.embedded_postgres import EmbeddedPostgres
    server = EmbeddedPostgres(Path({data_dir!r}))
    server.start()
    print("owner" if server.is_owner else "guest", server.server_pid, flush=True)
    time.sleep(300)
"""


def value_of(facts: ConnectionFacts, question: str) -> object:
    with psycopg.connect(facts.owner_dsn(), autocommit=True) as conn:
        row = conn.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def keep_seven(facts: ConnectionFacts) -> None:
    with psycopg.connect(facts.owner_dsn()) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS n")


def server_processes(data_dir: Path) -> list[int]:
    return [pid for data in data_dir.glob("postgres/pgdata-*") for pid in proc_table.pids_working_in(data)]


def supervise(run_program: RunProgram, data_dir: Path) -> tuple[subprocess.Popen[str], int]:
    program = run_program(SUPERVISOR.format(data_dir=str(data_dir)))
    assert program.stdout is not None
    role, pid = program.stdout.readline().split()
    assert role == "owner"
    return program, int(pid)


def test_first_start_makes_a_cluster_with_two_roles(empty_dir: Path) -> None:
    with running_postgres(empty_dir) as facts:
        with psycopg.connect(facts.app_dsn()) as conn:
            is_super = conn.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert is_super.fetchone() == (False,)
        assert value_of(facts, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"
        assert value_of(facts, "SHOW fsync") == "on"
        assert value_of(facts, "SHOW listen_addresses") == ""


def test_data_survive_a_stop(data_dir: Path) -> None:
    with running_postgres(data_dir) as facts:
        keep_seven(facts)
    assert read_facts(data_dir) is None
    with running_postgres(data_dir) as facts:
        assert value_of(facts, "SELECT n FROM kept") == 7


def test_secrets_and_socket_are_private(data_dir: Path) -> None:
    with running_postgres(data_dir) as facts:
        for file in (data_dir / "postgres.json", data_dir / "keys" / "postgres.json", data_dir / "postgres.log"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        for directory in (data_dir / "keys", Path(facts.socket_directory)):
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        arguments = Path(f"/proc/{server_processes(data_dir)[0]}/cmdline").read_bytes().decode()
        assert facts.owner_password not in arguments
        assert facts.owner_password not in repr(facts)


def test_wrong_password_is_refused(data_dir: Path) -> None:
    with running_postgres(data_dir) as facts:
        wrong = facts.app_dsn().replace(facts.app_password, "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong).close()


def test_lost_passwords_are_replaced(data_dir: Path) -> None:
    with running_postgres(data_dir) as facts:
        keep_seven(facts)
    (data_dir / "keys" / "postgres.json").unlink()
    with running_postgres(data_dir) as again:
        assert again.owner_password != facts.owner_password
        assert value_of(again, "SELECT n FROM kept") == 7


def test_removed_data_directory_gives_a_fresh_cluster(data_dir: Path) -> None:
    with running_postgres(data_dir) as facts:
        keep_seven(facts)
    subprocess.run(["rm", "-rf", str(data_dir)], check=True)
    with running_postgres(data_dir) as facts:
        assert value_of(facts, "SELECT to_regclass('kept')") is None


@on_linux
def test_killed_server_starts_again_and_keeps_what_was_committed(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    facts = server.start()
    try:
        keep_seven(facts)
        for pid in server_processes(data_dir):
            os.kill(pid, signal.SIGKILL)
        wait_until(server.check, what="a restart")
        assert value_of(facts, "SELECT n FROM kept") == 7
        assert not server.check()
    finally:
        server.stop()
    assert server_processes(data_dir) == []


@on_linux
def test_backend_that_outlives_a_killed_server_does_not_block_the_next(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    facts = server.start()
    try:
        assert server.server_pid is not None
        conn = psycopg.connect(facts.owner_dsn(), autocommit=True)
        busy = conn.info.backend_pid
        # A loop does not notice that the server died, as a sleep would.
        conn.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        time.sleep(0.2)
        os.kill(server.server_pid, signal.SIGKILL)
        took_s = wait_until(server.check, timeout_s=40, what="a restart")
        conn.close()
        assert took_s < 30
        assert busy not in server_processes(data_dir)
        assert value_of(facts, "SELECT 1") == 1
    finally:
        server.stop()


@on_linux
def test_killed_supervisor_takes_the_server_along_cleanly(data_dir: Path, run_program: RunProgram) -> None:
    program, server_pid = supervise(run_program, data_dir)
    facts = read_facts(data_dir)
    assert facts is not None
    keep_seven(facts)
    program.kill()
    wait_until(lambda: server_pid not in server_processes(data_dir), what="the server's end")
    with running_postgres(data_dir) as again:
        assert value_of(again, "SELECT n FROM kept") == 7
    assert "automatic recovery" not in (data_dir / "postgres.log").read_text()


@on_linux
def test_server_left_by_a_killed_supervisor_is_ended_before_the_next_starts(data_dir: Path) -> None:
    """Where the kernel does not end children with their parent, the server goes on alone."""
    server = EmbeddedPostgres(data_dir)
    server.start()
    orphan = server._process
    assert orphan is not None
    server._process = None
    server._release()
    try:
        with running_postgres(data_dir) as facts:
            assert orphan.wait(10) == 0
            assert value_of(facts, "SELECT 1") == 1
    finally:
        orphan.kill()
        orphan.wait()


@pytest.mark.parametrize("pid", [1, os.getpid(), 999_999_999], ids=["init", "this process", "nobody"])
def test_stale_pid_file_does_not_block_the_start(data_dir: Path, pid: int) -> None:
    """After a container restart the number in the file often belongs to another process."""
    data = next(data_dir.glob("postgres/pgdata-*"))
    (data / "postmaster.pid").write_text(f"{pid}\n{data}\n1700000000\n5432\n/nowhere\n\n  123 456\nready   \n")
    with running_postgres(data_dir) as facts:
        assert value_of(facts, "SELECT 1") == 1


def test_second_process_connects_to_the_first_ones_server(data_dir: Path, run_program: RunProgram) -> None:
    _, server_pid = supervise(run_program, data_dir)
    guest = EmbeddedPostgres(data_dir)
    facts = guest.start()
    assert not guest.is_owner
    assert value_of(facts, "SELECT 1") == 1
    guest.stop()
    assert server_pid in server_processes(data_dir)


@on_linux
def test_guest_takes_over_when_the_owner_ends(data_dir: Path, run_program: RunProgram) -> None:
    owner, _ = supervise(run_program, data_dir)
    guest = EmbeddedPostgres(data_dir)
    facts = guest.start()
    try:
        owner.terminate()
        wait_until(guest.check, what="the take-over")
        assert guest.is_owner
        assert value_of(facts, "SELECT 1") == 1
    finally:
        guest.stop()


def test_many_starting_at_once_share_one_server(empty_dir: Path, run_program: RunProgram) -> None:
    programs = [run_program(SUPERVISOR.format(data_dir=str(empty_dir))) for _ in range(4)]
    said = [program.stdout.readline().split()[0] for program in programs if program.stdout is not None]
    assert sorted(said) == ["guest", "guest", "guest", "owner"]


def test_data_directory_removed_under_a_dead_server_is_told(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    assert server._process is not None
    server._process.kill()
    server._process.wait()
    subprocess.run(["rm", "-rf", str(data_dir)], check=True)
    with pytest.raises(PostgresError, match="was removed while the server ran"):
        server.check()
    server.stop()


def test_failure_to_start_shows_the_log(data_dir: Path) -> None:
    data = next(data_dir.glob("postgres/pgdata-*"))
    (data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(PostgresError, match="no_such_setting"), running_postgres(data_dir):
        pass
    assert read_facts(data_dir) is None


def test_other_major_version_is_refused(data_dir: Path) -> None:
    data = next(data_dir.glob("postgres/pgdata-*"))
    data.rename(data.with_name("pgdata-9"))
    with pytest.raises(PostgresError, match="another major version"), running_postgres(data_dir):
        pass


def test_start_cut_short_leaves_nothing_that_looks_whole(data_dir: Path) -> None:
    data = next(data_dir.glob("postgres/pgdata-*"))
    data.rename(data.with_name(f"{data.name}.new"))
    with running_postgres(data_dir) as facts:
        assert value_of(facts, "SELECT 1") == 1


def test_long_path_puts_the_socket_elsewhere(empty_dir: Path) -> None:
    deep = empty_dir / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with running_postgres(deep) as facts:
        assert value_of(facts, "SELECT 1") == 1
        assert len(facts.socket_directory) < 60
    assert not Path(facts.socket_directory).exists()


def test_place_that_cannot_be_written_is_told(empty_dir: Path) -> None:
    empty_dir.write_text("not a directory")
    with pytest.raises(PostgresError, match="cannot be started"), running_postgres(empty_dir / "data"):
        pass


@as_root
def test_root_with_a_closed_directory_keeps_the_cluster_elsewhere(closed_home: Path) -> None:
    data_dir = closed_home / "data"
    with running_postgres(data_dir) as facts:
        keep_seven(facts)
        assert facts.socket_directory.startswith("/var/lib/openledger/clusters/")
    with running_postgres(data_dir) as facts:
        assert value_of(facts, "SELECT n FROM kept") == 7
    assert not (data_dir / "postgres").exists()


@as_root
def test_cluster_elsewhere_is_collected_a_week_after_its_data_directory_is_gone(closed_home: Path) -> None:
    data_dir = closed_home / "data"
    with running_postgres(data_dir):
        name = json.loads((data_dir / "cluster.json").read_text())["cluster"]
    home = Path("/var/lib/openledger/clusters") / name
    now_s = time.time()
    assert home not in postgres_cluster.collect_garbage(now_s=now_s + 99 * 86400)
    subprocess.run(["rm", "-rf", str(data_dir)], check=True)
    assert home not in postgres_cluster.collect_garbage(now_s=now_s)
    assert home not in postgres_cluster.collect_garbage(now_s=now_s + 6 * 86400)
    assert home in postgres_cluster.collect_garbage(now_s=now_s + 8 * 86400)
    assert not home.exists()


@as_root
def test_cluster_of_a_volume_that_is_not_mounted_stays(closed_home: Path) -> None:
    data_dir = closed_home / "data"
    with running_postgres(data_dir):
        name = json.loads((data_dir / "cluster.json").read_text())["cluster"]
    home = Path("/var/lib/openledger/clusters") / name
    note = json.loads((home / "owner.json").read_text())
    (home / "owner.json").write_text(json.dumps({**note, "device": note["device"] + 1}))
    subprocess.run(["rm", "-rf", str(data_dir)], check=True)
    postgres_cluster.collect_garbage(now_s=time.time())
    assert home not in postgres_cluster.collect_garbage(now_s=time.time() + 99 * 86400)


@as_root
def test_programs_in_a_closed_home_are_copied(closed_home: Path, empty_dir: Path, run_program: RunProgram) -> None:
    """A virtual environment in root's home cannot be reached by the user who runs PostgreSQL."""
    installed = find_binaries().directory.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed / name, closed_home / name, copy_function=os.link)
    user = demoted_user()
    assert user is not None
    empty_dir.mkdir()
    program = run_program(f"""
        import sys
        from pathlib import Path
        sys.path.insert(0, {str(closed_home)!r})
        from openledger_server.processes.postgres_binaries import demoted_user, find_binaries, reachable_binaries
        found = find_binaries()
        copy = reachable_binaries(found, demoted_user(), target=Path({str(empty_dir)!r}))
        assert copy == reachable_binaries(found, demoted_user(), target=Path({str(empty_dir)!r}))
        print(found.directory, copy.directory)
    """)
    assert program.stdout is not None
    found, copy = (Path(word) for word in program.stdout.readline().split())
    assert found.is_relative_to(closed_home)
    assert copy.is_relative_to(empty_dir)
    assert is_reachable(copy / "initdb", user)
    assert find_binaries(copy).major == find_binaries().major


def test_ordinary_user_needs_no_copy() -> None:
    anywhere = Binaries(Path("/root/nowhere"), 18)
    assert reachable_binaries(anywhere, None) is anywhere


def test_reachable_means_every_directory_on_the_way(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    inner = tmp_path / "inner"
    inner.mkdir(mode=0o755)
    assert not is_reachable(inner, User(65534, 65534))
    assert is_reachable(Path("/usr/bin/env"), User(65534, 65534))


def test_missing_programs_are_told(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="do not run here"):
        find_binaries(tmp_path)
