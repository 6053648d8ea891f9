"""Judge bank transactions with all deciders, no database: in bulk, one by one, and through the command's pipe.

Rows are the City of Toronto's purchases, which keep their repetitions ("as they come") or lose them ("all different").
The yardstick is the standard library's JSON, there and back, for the very same rows in the same run: machines differ,
the ratio hardly does. All of it runs on one core; seconds are the processor's, not the clock's, so that what else runs
on the machine shows little. Memory is that of a process that does nothing else.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from bench.judging import bulk, candidate, chart, fifty_rules
from openledger_server.categorization.judge import judge
from openledger_server.categorization.model import shipped_model
from openledger_server.categorization.types import Candidate
from training.texts import merchants

_SINGLE_ROWS = 2000
_REPEATS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Processor seconds and what they mean."""

    rows: int
    as_they_come_rows_per_s: float
    different_rows_per_s: float
    json_rows_per_s: float
    """The yardstick."""
    as_they_come_ratio: float
    different_ratio: float
    rules_us: float
    """What 50 rules add to a row."""
    single_us: float
    pipe_rows_per_s: float
    """`openledger categorize` from start to end, its start included."""
    pipe_start_s: float
    peak_memory_mib: float


def measure(rows: int) -> Result:
    """Run everything once with `rows` rows."""
    come, different = candidates(rows), all_different(rows)
    shipped_model()
    judge(come[0], chart=chart(), memory={})
    as_they_come = rows / _best(lambda: bulk(come))
    distinct = len(different) / _best(lambda: bulk(different))
    policy = fifty_rules([one.description for one in different])
    ruled = _best(lambda: bulk(different, policy)) / len(different)
    yardstick = rows / _best(lambda: _json(come))
    single = _single(different)
    start, whole = _pipe([]), _pipe(come)
    return Result(
        rows=rows,
        as_they_come_rows_per_s=as_they_come,
        different_rows_per_s=distinct,
        json_rows_per_s=yardstick,
        as_they_come_ratio=as_they_come / yardstick,
        different_ratio=distinct / yardstick,
        rules_us=(ruled - 1 / distinct) * 1e6,
        single_us=single * 1e6,
        pipe_rows_per_s=rows / whole,
        pipe_start_s=start,
        peak_memory_mib=_peak_memory(come),
    )


def candidates(rows: int) -> list[Candidate]:
    """Return rows drawn as often as their merchant sells; without a provider's category, so that the model is asked."""
    chance = random.Random(5)
    known = merchants()
    drawn = chance.choices(known, weights=[merchant.purchases for merchant in known], k=rows)
    return [candidate(place, merchant.description) for place, merchant in enumerate(drawn)]


def all_different(rows: int) -> list[Candidate]:
    """Return rows of which no two have the same text, as many as there are."""
    texts = sorted({merchant.description for merchant in merchants()})
    random.Random(5).shuffle(texts)
    return [candidate(place, text) for place, text in enumerate(texts[:rows])]


def _json(given: list[Candidate]) -> None:
    for one in given:
        json.loads(
            json.dumps({"id": one.id, "description": one.description, "amount": "1.2", "account_type": "credit"})
        )


def _best(work: Callable[[], object]) -> float:
    """Return processor seconds, the best of a few tries: what others do on the machine only adds."""
    times = []
    for _ in range(_REPEATS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def _single(given: list[Candidate]) -> float:
    """Return the seconds of one row by itself; each try takes other rows, so that none is known from before."""
    pieces = iter([given[start : start + _SINGLE_ROWS] for start in range(0, _REPEATS * _SINGLE_ROWS, _SINGLE_ROWS)])
    known = chart()
    return _best(lambda: [judge(one, chart=known, memory={}) for one in next(pieces)]) / _SINGLE_ROWS


def _pipe(given: list[Candidate]) -> float:
    """Return the processor seconds that the command takes for these rows, reading and writing pipes."""
    lines = "".join(
        json.dumps({"id": one.id, "description": one.description, "amount": 12.3, "account_type": "credit"}) + "\n"
        for one in given
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "openledger_server.cli", "categorize"]
    answered = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert answered.count("\n") == len(given), "one answer for each line"
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _peak_memory(given: list[Candidate]) -> float:
    """Return the peak memory in MiB of a process that reads these texts and judges them, batch by batch."""
    asked = """
import sys
from pathlib import Path
from bench.judging import bulk, candidate
bulk([candidate(place, line.rstrip()) for place, line in enumerate(sys.stdin)])
[peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(peak.split()[1])
"""
    lines = "\n".join(one.description for one in given)
    command = [sys.executable, "-c", asked]
    return int(subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout) / 1024


def main() -> None:
    """Print the figures as text, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    arguments, _ = parser.parse_known_args()
    result = measure(arguments.rows)
    if arguments.json:
        print(json.dumps(asdict(result)))
        return
    print(f"categorising {result.rows:,} bank transactions, all deciders, one core")
    print(f"  JSON and back    {result.json_rows_per_s:10,.0f} rows/s  (the yardstick)")
    print(f"  as they come     {result.as_they_come_rows_per_s:10,.0f} rows/s  {result.as_they_come_ratio:6.0%} of it")
    print(f"  all different    {result.different_rows_per_s:10,.0f} rows/s  {result.different_ratio:6.0%} of it")
    print(f"  50 rules add     {result.rules_us:10.1f} us/row")
    print(f"  one by one       {result.single_us:10.0f} us/row")
    print(f"  through the pipe {result.pipe_rows_per_s:10,.0f} rows/s  (start {result.pipe_start_s:.2f} s included)")
    print(f"  peak memory      {result.peak_memory_mib:10.0f} MiB")


if __name__ == "__main__":
    main()
