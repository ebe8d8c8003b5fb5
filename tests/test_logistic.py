"""The solver finds the minimum of every intent's regression, whatever the others need."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, random

from app.nlu.logistic import learn

WEIGHT = 12.0


def problem() -> tuple[csr_matrix, NDArray[np.bool_], NDArray[np.bool_]]:
    """300 sentences, 80 features, 4 intents: common, rare, one that a fifth of the lessons is not for, and one without examples."""
    chance = np.random.default_rng(7)
    matrix = random(300, 80, density=0.1, format="csr", dtype=np.float32, random_state=7)
    outputs = matrix @ chance.normal(size=(80, 4)) + chance.normal(scale=0.3, size=(300, 4))
    truth = outputs > np.diagonal(np.quantile(outputs, [0.6, 0.97, 0.8, 1.0], axis=0))
    taught = np.ones((300, 4), dtype=np.bool_)
    taught[::5, 2] = False
    return matrix, truth, taught


def slope(
    weights: NDArray[np.float32], matrix: csr_matrix, truth: NDArray[np.bool_], taught: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The length of each intent's gradient."""
    rows = np.hstack([matrix.toarray(), np.ones((matrix.shape[0], 1))])
    chances = 1 / (1 + np.exp(-(rows @ weights)))
    gradient: NDArray[np.float64] = weights + WEIGHT * rows.T @ (taught * (chances - truth))
    return np.sqrt((gradient**2).sum(axis=0))


def test_every_intent_reaches_its_minimum() -> None:
    given = problem()
    weights = learn(*given, WEIGHT)
    start = slope(np.zeros_like(weights), *given)
    assert (slope(weights, *given) < 0.02 * start).all()
    assert weights.dtype == np.float32


def test_a_lesson_counts_only_for_the_intents_it_is_for() -> None:
    matrix, truth, taught = problem()
    told = learn(matrix, truth, taught, WEIGHT)
    truth[::5, 2] ^= True
    assert (learn(matrix, truth, taught, WEIGHT) == told).all()


@pytest.mark.parametrize("sentences", [0, 1])
def test_next_to_nothing_to_learn_from(sentences: int) -> None:
    matrix, truth, taught = problem()
    weights = learn(matrix[:sentences], truth[:sentences], taught[:sentences], WEIGHT)
    assert np.isfinite(weights).all()
