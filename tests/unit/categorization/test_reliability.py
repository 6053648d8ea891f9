"""Confidence keeps its word on merchants that the model has not seen: the development fold, with a model without it."""

import pytest

from evaluation.global_model import answers, by_model, toronto_cases
from evaluation.measures import Answer, reliability, score
from training.__main__ import train
from training.texts import DEVELOPMENT_FOLD

TOLERANCE = 0.08
LINES_MIN = 80


@pytest.fixture(scope="module")
def unseen() -> list[Answer]:
    cases = toronto_cases(only_sure=True)
    guesses = by_model(train(held_out_fold=DEVELOPMENT_FOLD))([case.line for case in cases])
    return [Answer(one.said, one.true, one.confidence) for one in answers(cases, guesses)]


def test_each_tenth_of_confidence_is_right_as_often_as_it_says(unseen: list[Answer]) -> None:
    for row in reliability(unseen):
        assert row.lines < LINES_MIN or abs(row.accuracy - row.confidence) <= TOLERANCE, row


def test_unseen_merchants_are_known_better_than_by_any_baseline(unseen: list[Answer]) -> None:
    found = score(unseen)
    assert found.accuracy >= 0.57
    assert found.calibration_error <= 0.05
