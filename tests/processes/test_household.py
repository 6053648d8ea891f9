import os
import signal
import time

import pytest

from openledger_server.processes.household import Household, StopRequested, stops_on_signals
from tests.processes.conftest import RunProgram


class Recorder:
    """A member that writes down what happens to it."""

    def __init__(self, name: str, story: list[str], *, fails: bool = False) -> None:
        self._name, self._story, self._fails = name, story, fails

    def check(self) -> bool:
        self._story.append(f"check {self._name}")
        return False

    def stop(self) -> None:
        self._story.append(f"stop {self._name}")
        if self._fails:
            raise OSError("stuck")


def test_members_stop_in_the_opposite_order_even_if_one_fails() -> None:
    story: list[str] = []
    household = Household()
    for name, fails in (("database", False), ("worker", True), ("web", False)):
        household.add(Recorder(name, story, fails=fails))
    household.check()
    household.stop()
    household.stop()
    assert story[:3] == ["check database", "check worker", "check web"]
    assert story[3:] == ["stop web", "stop worker", "stop database"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_asks_to_stop(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    def be_told() -> None:
        with stops_on_signals():
            os.kill(os.getpid(), number)
            time.sleep(5)

    with pytest.raises(StopRequested):
        be_told()
    assert signal.getsignal(number) is before


def test_second_signal_ends_at_once(run_program: RunProgram) -> None:
    program = run_program("""
        import time
        from openledger_server.processes.household import stops_on_signals
        with stops_on_signals():
            try:
                print("ready")
                time.sleep(60)
            finally:
                print("cleaning")
                time.sleep(60)
    """)
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    program.send_signal(signal.SIGINT)
    assert program.stdout.readline() == "cleaning\n"
    program.send_signal(signal.SIGINT)
    assert program.wait(10) == 130
