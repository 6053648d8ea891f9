"""The tables of what the server would post unseen: by source and decider, by corrections, by floor across owners."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean

from evaluation.folds import interval
from evaluation.histories import CORRECTIONS, histories
from evaluation.posted import Posted, bank_lines_posted, by_decider, history_posted, unseen_merchants_posted
from openledger_server.categorization.model import Model
from openledger_server.categorization.types import DecidedBy

TARGET = 0.97
_FLOORS = (0.9, 0.94, 0.97, 0.982)
_MODEL_FLOORS = (0.9, 0.94, 0.96, 0.97, 0.98)


def print_posted(model: Model) -> None:
    """Print every table. `model`: one that has not seen the development fold, for the made-up bank lines."""
    _print_head("Posted without review, the server's judge with its own floors")
    cold = list(unseen_merchants_posted(with_provider=False))
    _print_rows("unseen merchants, cold", cold)
    _print_rows("the same, provider as it states", list(unseen_merchants_posted(with_provider=True)))
    _print_rows("made-up bank lines, cold", list(bank_lines_posted(model, with_provider=False)))
    for name, own_chart in (("own accounts", True), ("template", False)):
        rows = _histories(own_chart=own_chart)
        _print_rows(f"16 owners, {name}", rows)
        for step in CORRECTIONS:
            _print_rows(f"… after {step} corrections", [row for row in rows if row.step == step])
    for name, own_chart in (("own accounts", True), ("template", False)):
        _print_owners(name, own_chart=own_chart)
    _print_model(cold)


def _histories(*, own_chart: bool, floor: float | None = None) -> list[Posted]:
    return [
        row
        for group, (name, purchases) in enumerate(histories().items())
        for row in history_posted(name, group, purchases, own_chart=own_chart, floor=floor)
    ]


def _print_head(title: str) -> None:
    print(f"\n{title}\n| rows | n | by | posted | share | right | 95 % interval |\n|---|---|---|---|---|---|---|")


def _print_rows(name: str, rows: Sequence[Posted]) -> None:
    for who, posted, right in by_decider(rows):
        low, high = interval(right, posted)
        share = f"{right / posted:.3f} | {low:.3f}–{high:.3f}" if posted else "– | –"
        print(f"| {name} | {len(rows):,} | {who} | {posted:,} | {posted / max(len(rows), 1):.3f} | {share} |")


def _print_owners(name: str, *, own_chart: bool) -> None:
    """Print what each floor gives, as the mean over owners, and what a floor chosen on the others gives each owner."""
    print(f"\nMemory by floor, mean over 16 owners, {name}\n| from | posted | right |\n|---|---|---|")
    precisions: dict[float, dict[int, float]] = {}
    for floor in _FLOORS:
        rows = [row for row in _histories(own_chart=own_chart, floor=floor) if row.decided_by is DecidedBy.MEMORY]
        precisions[floor] = _by_group([row for row in rows if row.is_posted])
        share = sum(row.is_posted for row in rows) / 16_000
        print(f"| {floor:.3f} | {share:.3f} | {fmean(precisions[floor].values()):.3f} |")
    measured = []
    for group in range(16):
        others = {
            floor: fmean(right for other, right in found.items() if other != group)
            for floor, found in precisions.items()
        }
        chosen = min((floor for floor, right in others.items() if right >= TARGET), default=max(_FLOORS))
        measured.append(precisions[chosen].get(group, 1.0))
    print(
        f"\nThe floor chosen on the other 15 owners: {fmean(measured):.3f} of the owner's posted rows are right (mean)."
    )


def _by_group(rows: Sequence[Posted]) -> dict[int, float]:
    right: dict[int, list[bool]] = defaultdict(list)
    for row in rows:
        right[row.group].append(row.is_right)
    return {group: fmean(found) for group, found in right.items()}


def _print_model(cold: Sequence[Posted]) -> None:
    """Print how right the model alone would be by floor: of what merchants sell, and of what 16 owners bought."""
    print("\nThe model alone by floor: unseen merchants' categories, and what 16 owners booked")
    print("| from | n | right | 95 % interval |\n|---|---|---|---|")
    bought = _histories(own_chart=False)
    for name, rows in (("merchants", cold), ("owners", bought)):
        for floor in _MODEL_FLOORS:
            sure = [row for row in rows if row.decided_by is DecidedBy.MODEL and row.confidence >= floor]
            right = sum(row.is_right for row in sure)
            low, high = interval(right, len(sure))
            print(f"| {name} {floor:.2f} | {len(sure):,} | {right / max(len(sure), 1):.3f} | {low:.3f}–{high:.3f} |")
