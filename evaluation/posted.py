"""What the server's own judge would post without anybody's look, and how much of that is right."""

import csv
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bench import judging
from evaluation.folds import held_out_models
from evaluation.global_model import Case, synthetic_cases, toronto_cases
from evaluation.histories import CORRECTIONS, Purchase
from openledger_server.categorization import model as shipped
from openledger_server.categorization.judge import judge, judge_all
from openledger_server.categorization.merchants import merchant_key
from openledger_server.categorization.model import Model
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.provider_categories import provider_categories
from openledger_server.categorization.store import streaks
from openledger_server.categorization.types import AmountMemory, Candidate, Chart, DecidedBy, Judgement, Memory
from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.types import LedgerAccountId
from training.texts import DATA

_OWN_ACCOUNTS = 100_000
"""Accounts of an owner that the template does not have are numbered from here on."""
_STATED = {"VERY_HIGH": 0.98, "HIGH": 0.92, "MEDIUM": 0.7, "LOW": 0.4}
"""How often the provider is right by its own word (its documentation gives "more than" the first two)."""
_LEVELS = (("VERY_HIGH", 0.5), ("HIGH", 0.25), ("MEDIUM", 0.15), ("LOW", 0.1))
"""Made up: the shares of the levels."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One row that was judged: by whom, how sure, whether it went into the books unseen and whether that was right."""

    source: str
    decided_by: DecidedBy
    confidence: float
    is_posted: bool
    is_right: bool
    step: int = 0
    """The last of CORRECTIONS passed before it."""
    group: int = 0
    """Fold or history: floors are chosen on others than they are measured on."""


def template_chart(names: Iterable[str] = ()) -> tuple[Chart, dict[str, LedgerAccountId]]:
    """Return the template's chart and the accounts of these names, those it lacks added."""
    accounts = {account.name: LedgerAccountId(account.code) for account in small_business_template()}
    for place, name in enumerate(sorted(set(names) - accounts.keys())):
        accounts[name] = LedgerAccountId(_OWN_ACCOUNTS + place)
    return judging.chart(), accounts


def unseen_merchants_posted(*, with_provider: bool) -> Iterator[Posted]:
    """Yield all of Toronto's merchants with sure codes, as rows of a cold entity, by models that have not seen them.

    Right is the ledger account that the merchant's category means in the template.
    """
    chance = random.Random(11)  # noqa: S311  # no secret
    for fold, model in held_out_models():
        cases = toronto_cases(only_sure=True, fold=fold)
        yield from _posted("Toronto, unseen merchants", fold, cases, model, chance if with_provider else None)


def bank_lines_posted(model: Model, *, with_provider: bool) -> Iterator[Posted]:
    """Yield the made-up bank lines in the same way; they flatter (training/data/README.md)."""
    chance = random.Random(12)  # noqa: S311  # no secret
    yield from _posted("made-up bank lines", 0, synthetic_cases(), model, chance if with_provider else None)


def _posted(
    source: str, group: int, cases: Sequence[Case], model: Model, chance: random.Random | None
) -> Iterator[Posted]:
    chart, _ = template_chart()
    rows = [_candidate(place, case.line.description, is_inflow=case.line.is_inflow) for place, case in enumerate(cases)]
    if chance is not None:
        rows = [_told(row, case.code, chance) for row, case in zip(rows, cases, strict=True)]
    with _using(model):
        judgements = judge_all(rows, chart=chart, memory={})
    for case, judgement in zip(cases, judgements, strict=True):
        true = provider_categories().get(case.code)
        account = None if true is None else chart.account_for(true.code, true.account_code)
        yield _outcome(judgement, account, source=source, group=group)


def _outcome(
    judgement: Judgement, account: LedgerAccountId | None, *, source: str, group: int, step: int = 0
) -> Posted:
    said = judgement.suggested_ledger_account_id or judgement.ledger_account_id
    return Posted(
        source=source,
        decided_by=judgement.decided_by,
        confidence=judgement.confidence,
        is_posted=not judgement.needs_review,
        is_right=said == account,
        step=step,
        group=group,
    )


def _candidate(place: int, description: str, *, is_inflow: bool, amount: Decimal = Decimal(-10)) -> Candidate:
    return replace(judging.candidate(place, description), is_inflow=is_inflow, amount=amount)


def _told(row: Candidate, code: str, chance: random.Random) -> Candidate:
    """Return the row with what a provider says that is right as often as it states, and else names any other code."""
    level = chance.choices([name for name, _ in _LEVELS], [share for _, share in _LEVELS])[0]
    is_right = chance.random() < _STATED[level]
    others = [other for other, meaning in provider_categories().items() if other != code and not meaning.is_transfer]
    return replace(row, provider_category=code if is_right else chance.choice(others), provider_confidence=level)


@contextmanager
def _using(model: Model) -> Iterator[None]:
    """Let the judge ask this model instead of the shipped one, which has seen all merchants."""
    before = shipped.shipped_model
    shipped.shipped_model = lambda: model  # type: ignore[assignment]  # as if this one were shipped
    try:
        yield
    finally:
        shipped.shipped_model = before


@dataclass(slots=True)
class _Mind:
    """What an owner's people chose, as the server remembers it."""

    chosen: dict[str, list[tuple[Decimal, LedgerAccountId]]] = field(default_factory=dict)

    def memory(self, key: str) -> dict[str, Memory]:
        chosen = self.chosen.get(key)
        if not chosen:
            return {}
        known = streaks((key, account) for _, account in chosen)[key]
        by_amount = {
            amount: AmountMemory(ledger_account_id=streak.ledger_account_id, decisions=streak.decisions)
            for amount, streak in streaks(chosen).items()
        }
        return {key: replace(known, by_amount=by_amount)}


def history_posted(
    name: str, group: int, purchases: Sequence[Purchase], *, own_chart: bool, floor: float | None = None
) -> Iterator[Posted]:
    """Yield one owner's purchases in order, each judged from the choices before it.

    The owner decides every row that is asked about and corrects every row that was posted wrongly; rows posted rightly
    teach nothing, as in the server. `own_chart`: the accounts are the owner's own and no category is mapped to them;
    otherwise they are the template's as far as it has them, and the model speaks too. `floor`: from which confidence on
    anything is posted, instead of the server's own floors.
    """
    labels = [purchase.account for purchase in purchases]
    if not own_chart:
        meant = _template_names()
        labels = [meant.get(label) or label for label in labels]
    chart, accounts = template_chart(labels)
    if own_chart:
        chart = replace(chart, by_code={})
    mind, corrections, policy = _Mind(), 0, Policy(auto_post_floor=floor)
    for place, (purchase, label) in enumerate(zip(purchases, labels, strict=True)):
        amount = -Decimal(str(purchase.line.amount))
        row = _candidate(place, purchase.line.description, is_inflow=amount > 0, amount=amount)
        key, account = merchant_key(row) or "", accounts[label]
        judgement = judge(row, chart=chart, memory=mind.memory(key), policy=policy)
        step = CORRECTIONS[bisect_right(CORRECTIONS, corrections) - 1]
        yield _outcome(judgement, account, source=name, group=group, step=step)
        if judgement.needs_review or judgement.ledger_account_id != account:
            corrections += 1
            if key:
                mind.chosen.setdefault(key, []).append((amount, account))


def _template_names() -> dict[str, str]:
    rows = csv.DictReader((DATA / "toronto_gl_to_coa.csv").read_text(encoding="utf-8").splitlines())
    return {row["gl_account"]: row["account_name"] for row in rows}


def by_decider(rows: Sequence[Posted]) -> list[tuple[str, int, int]]:
    """Return for all and for each decider how many rows it posted, and how many of them are right."""
    posted = [row for row in rows if row.is_posted]
    counts = Counter(row.decided_by for row in posted)
    right = Counter(row.decided_by for row in posted if row.is_right)
    return [
        ("any", len(posted), right.total()),
        *[(who.value, count, right[who]) for who, count in sorted(counts.items())],
    ]
