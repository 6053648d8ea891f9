"""All merchants, each judged by a model that has not seen its fold; and how right those are that would be booked."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from evaluation.global_model import Case, toronto_cases
from evaluation.measures import Answer
from openledger_server.categorization.model import Model, read_model, write_model
from openledger_server.categorization.routes import ModelGuess
from openledger_server.categorization.taxonomy import primary_of
from training.calibrate import calibrate, unseen_merchants
from training.fit import brand_table, fit_linear
from training.texts import DEVELOPMENT_FOLD, training_examples

FOLDS = 5
_Z = 1.96
"""Of the normal distribution, for an interval that holds the truth 95 times in 100."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One merchant of a fold and what a model says that has not seen the fold."""

    fold: int
    case: Case
    guess: ModelGuess

    @property
    def is_right(self) -> bool:
        """Whether the primary is the one of the merchant's code."""
        return primary_of(self.case.code) == self.guess.pfc_primary

    @property
    def answer(self) -> Answer:
        """Return what the measures look at."""
        return Answer(self.guess.pfc_primary, primary_of(self.case.code), self.guess.confidence)


def judged_folds() -> Iterator[list[Judged]]:
    """Yield each fold's merchants with sure codes, judged by a model that has not seen them."""
    for fold, model in held_out_models():
        cases = toronto_cases(only_sure=True, fold=fold)
        guesses = model.classify([case.line for case in cases])
        yield [Judged(fold, case, guess) for case, guess in zip(cases, guesses, strict=True)]


@cache
def held_out_models() -> tuple[tuple[int, Model], ...]:
    """Return for each fold a model that has not seen it. The calibration is the development fold's throughout."""
    calibration, found = None, []
    for fold in (DEVELOPMENT_FOLD, *(other for other in range(FOLDS) if other != DEVELOPMENT_FOLD)):
        linear = fit_linear(training_examples(held_out_fold=fold))
        brands = brand_table(held_out_fold=fold)
        if calibration is None:
            calibration = calibrate(linear, brands, unseen_merchants())
        found.append((fold, read_model(*write_model(Model(linear, brands, calibration)))))
    return tuple(found)


def interval(right: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    share, squared = right / total, _Z * _Z
    middle = share + squared / (2 * total)
    reach = _Z * math.sqrt(share * (1 - share) / total + squared / (4 * total * total))
    return (middle - reach) / (1 + squared / total), (middle + reach) / (1 + squared / total)
