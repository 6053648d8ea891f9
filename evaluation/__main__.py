"""`make eval`: the global model by source and by merchant, the owner's learner by history, both against baselines."""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from evaluation.folds import Judged, interval, judged_folds
from evaluation.global_model import (
    Baseline,
    Case,
    answers,
    by_keywords,
    by_majority,
    by_model,
    by_nearest_brand,
    microseconds_per_row,
    synthetic_cases,
    toronto_cases,
)
from evaluation.histories import (
    CORRECTIONS,
    Learner,
    Majority,
    Memory,
    Ours,
    Purchase,
    SmartImporter,
    histories,
    replay,
)
from evaluation.measures import Answer, reliability, score
from evaluation.posted_tables import print_posted
from openledger_server.categorization.model import read_model, write_model
from openledger_server.categorization.routes import Route
from training.__main__ import train
from training.texts import DEVELOPMENT_FOLD

_FLOORS = (0.9, 0.93, 0.95, 0.96, 0.97)


def main() -> None:
    """Print every table. The model measured has not seen the development fold; the shipped one has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=16, help="how many of the 16 histories")
    parser.add_argument("--quick", action="store_true", help="without the five folds and without smart_importer")
    given = parser.parse_args()
    files = write_model(train(held_out_fold=DEVELOPMENT_FOLD))
    model = read_model(*files)
    print(f"model: {len(files[0]):,} + {len(files[1]):,} bytes")
    by_purchase = toronto_cases()
    sources = {
        "Toronto fold 0, by purchase": by_purchase,
        "Toronto fold 0, by merchant": [replace(case, weight=1.0) for case in by_purchase],
        "the same, sure codes only": [replace(case, weight=1.0) for case in toronto_cases(only_sure=True)],
        "synthetic bank lines": synthetic_cases(),
    }
    baselines: dict[str, Baseline] = {
        "majority": by_majority,
        "keyword rules": by_keywords,
        "nearest brand": by_nearest_brand,
        "model": by_model(model),
    }
    for source, cases in sources.items():
        _print_source(source, cases, baselines)
    _print_reliability("the same, sure codes only", answers_of(sources["the same, sure codes only"], by_model(model)))
    learners: dict[str, Callable[[Sequence[str]], Learner]] = {
        "majority": lambda _: Majority(),
        "exact-merchant memory": lambda _: Memory(),
        "owner's learner": lambda accounts: Ours(accounts, model),
    }
    if not given.quick:
        learners["smart_importer"] = lambda _: SmartImporter()
        _print_folds()
        print_posted(model)
    _print_histories(list(histories().values())[: given.histories], learners)


def answers_of(cases: Sequence[Case], baseline: Baseline) -> list[Answer]:
    """Return the baseline's answers beside the truth."""
    return answers(cases, baseline([case.line for case in cases]))


def _print_source(source: str, cases: Sequence[Case], baselines: dict[str, Baseline]) -> None:
    print(f"\n{source} (n = {len(cases):,})")
    print("| | accuracy | macro-F1 | at 95 % precision | ECE | ≥ .9: share | right | detailed | µs / row |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, baseline in baselines.items():
        guesses = baseline([case.line for case in cases])
        found = score(answers(cases, guesses))
        detailed = score(answers(cases, guesses, is_detailed=True))
        print(
            f"| {name} | {found.accuracy:.3f} | {found.macro_f1:.3f} | {found.covered:.3f} | "
            f"{found.calibration_error:.3f} | {found.sure_share:.3f} | {found.sure_precision:.3f} | "
            f"{detailed.accuracy:.3f} | {microseconds_per_row(baseline, cases):.0f} |"
        )


def _print_reliability(source: str, given: Sequence[Answer]) -> None:
    print(f"\nReliability of the model, {source}\n| confidence | lines | said | right |\n|---|---|---|---|")
    for row in reliability(given):
        print(f"| {row.low:.1f}–{row.low + 0.1:.1f} | {row.lines} | {row.confidence:.2f} | {row.accuracy:.2f} |")


def _print_folds() -> None:
    print("\nAll five folds, by merchant, sure codes only, each by a model that has not seen it")
    print("| fold | n | accuracy | macro-F1 | at 95 % precision | ECE |\n|---|---|---|---|---|---|")
    everything: list[Judged] = []
    for fold in judged_folds():
        _print_fold(str(fold[0].fold), fold)
        everything += fold
    _print_fold("all", everything)
    print("\nOf these, what the model alone would book, by floor")
    print("| from | by | n | right | 95 % interval |\n|---|---|---|---|---|")
    for floor, route in product(_FLOORS, ("any", *Route)):
        booked = [one for one in everything if one.guess.confidence >= floor and route in {"any", one.guess.route}]
        if booked:
            right = sum(one.is_right for one in booked)
            low, high = interval(right, len(booked))
            print(f"| {floor:.2f} | {route} | {len(booked)} | {right / len(booked):.3f} | {low:.3f}–{high:.3f} |")


def _print_fold(name: str, judged: Sequence[Judged]) -> None:
    found = score([one.answer for one in judged])
    print(
        f"| {name} | {found.lines:,} | {found.accuracy:.3f} | {found.macro_f1:.3f} | {found.covered:.3f} | "
        f"{found.calibration_error:.3f} |"
    )


def _print_histories(
    owners: Sequence[Sequence[Purchase]], learners: dict[str, Callable[[Sequence[str]], Learner]]
) -> None:
    print(f"\nOne owner's corrections, {len(owners)} histories; rows after so many corrections")
    print(f"| | {' | '.join(map(str, CORRECTIONS))} | first seen | ECE | µs / row |\n|---|{'---|' * 8}")
    for name, new in learners.items():
        started = time.process_time()
        outcomes = [
            outcome
            for purchases in owners
            for outcome in replay(purchases, new(sorted({purchase.account for purchase in purchases})))
        ]
        spent = (time.process_time() - started) / len(outcomes) * 1e6
        steps = [_share([one.is_right for one in outcomes if one.step == step]) for step in CORRECTIONS]
        first = _share([one.is_right for one in outcomes if one.is_first_seen])
        error = score([Answer(str(one.is_right), "True", one.confidence) for one in outcomes]).calibration_error
        print(f"| {name} | {' | '.join(steps)} | {first} | {error:.3f} | {spent:.0f} |")


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right) / len(right):.3f}" if right else ""


if __name__ == "__main__":
    main()
