import os
import signal
import sys
import time
from pathlib import Path

import pytest

from openledger_server.processes.children import Child, ChildError, ChildPlan
from openledger_server.processes.proc_table import is_alive
from tests.processes.conftest import RunProgram
from tests.support.waiting import wait_until


def plan_of(source: str, *, timeout_s: float = 20.0, patience_s: float = 5.0) -> ChildPlan:
    return ChildPlan(
        name="sample",
        command=(sys.executable, "-u", "-c", source),
        environment=dict(os.environ),
        ready_mark="ready on ",
        ready_timeout_s=timeout_s,
        stop_patience_s=patience_s,
    )


def test_start_waits_for_the_ready_line() -> None:
    child = Child(plan_of("import time\nprint('booting')\nprint('sample ready on here')\ntime.sleep(60)"))
    assert child.start() == "sample ready on here"
    assert child.stop() == -signal.SIGTERM
    assert child.stop() is None


def test_child_that_ends_before_it_is_ready_is_told_with_its_words() -> None:
    with pytest.raises(ChildError, match=r"sample ended with status 3\. no luck"):
        Child(plan_of("print('no luck')\nraise SystemExit(3)")).start()


def test_child_that_stays_silent_is_stopped_and_told() -> None:
    child = Child(plan_of("import time\ntime.sleep(60)", timeout_s=0.5))
    with pytest.raises(ChildError, match=r"not ready after 0\.5 s"):
        child.start()
    assert child.pid is None


def test_program_that_does_not_exist_is_told() -> None:
    plan = ChildPlan(name="sample", command=("/nowhere/program",), environment={}, ready_mark="ready")
    with pytest.raises(ChildError, match="ended with status 127"):
        Child(plan).start()


def test_child_that_ignores_the_wish_to_stop_is_killed() -> None:
    source = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('ready on x')\ntime.sleep(60)"
    child = Child(plan_of(source, patience_s=0.3))
    child.start()
    assert child.stop() == -signal.SIGKILL


def test_ended_child_starts_again_after_growing_pauses() -> None:
    child = Child(plan_of("print('ready on x')\nimport time\ntime.sleep(60)"))
    child.start()
    try:
        pauses_s = []
        for _ in range(2):
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            pauses_s.append(wait_until(child.check, what="a restart"))
        assert pauses_s[0] >= 0.4
        assert pauses_s[1] >= 0.9
        assert not child.check()
    finally:
        child.stop()


def test_restart_uses_the_changed_command(tmp_path: Path) -> None:
    child = Child(plan_of("print('ready on 0')"))
    child.start()
    mark = tmp_path / "mark"
    child.change_command((sys.executable, "-c", f"import pathlib; pathlib.Path({str(mark)!r}).touch()"))
    wait_until(child.check, what="a restart")
    wait_until(mark.exists, what="the new command")
    child.stop()


def test_child_that_prints_much_is_not_held_up(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    source = f"print('ready on x')\nfor _ in range(50000): print('y' * 99)\nopen({str(mark)!r}, 'w')"
    child = Child(plan_of(source))
    child.start()
    wait_until(mark.exists, what="the end of the output")
    child.stop()


def test_errors_go_where_they_should(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("ab") as errors:
        child = Child(plan_of("import sys\nprint('oh', file=sys.stderr)\nprint('ready on x')"), errors=errors)
        child.start()
        child.stop()
    assert log.read_text() == "oh\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not end children with their parent")
def test_killed_parent_takes_its_children_along(run_program: RunProgram) -> None:
    parent = run_program("""
        import os, sys, time
        from openledger_server.processes.children import Child, ChildPlan
        command = (sys.executable, "-u", "-c", "import time; print('ready'); time.sleep(60)")
        child = Child(ChildPlan(name="c", command=command, environment=dict(os.environ), ready_mark="ready"))
        child.start()
        print(child.pid)
        time.sleep(60)
    """)
    assert parent.stdout is not None
    child_pid = int(parent.stdout.readline())
    assert is_alive(child_pid)
    parent.kill()
    wait_until(lambda: not _runs(child_pid), what="the child's end")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_no_zombies_are_left() -> None:
    child = Child(plan_of("print('ready on x')\nimport time\ntime.sleep(60)"))
    child.start()
    pid = child.pid
    child.stop()
    assert pid is not None
    time.sleep(0.05)
    assert not is_alive(pid)
