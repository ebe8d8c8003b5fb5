"""The solver finds the minimum of every intent's regression, whatever the others need and whichever sentences it looks at."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, random

from app.nlu import logistic
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


def loss(
    weights: NDArray[np.float32], matrix: csr_matrix, truth: NDArray[np.bool_], taught: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """What each intent's minimum is sought of."""
    outputs = (matrix @ weights[:-1] + weights[-1]).astype(np.float64)
    lost = np.logaddexp(0, np.where(truth, -outputs, outputs))
    total: NDArray[np.float64] = WEIGHT * (taught * lost).sum(axis=0) + np.square(weights).sum(axis=0) / 2
    return total


def test_a_sample_of_the_sentences_finds_the_minimum_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(11)
    matrix = random(3000, 600, density=0.012, format="csr", dtype=np.float32, random_state=11)
    outputs = matrix @ chance.normal(size=(600, 34)) + chance.normal(scale=0.2, size=(3000, 34))
    truth = outputs > np.quantile(outputs, 0.985, axis=0)
    truth[7] = True  # a sentence that every intent is wrong about
    taught = chance.random((3000, 34)) < 0.95
    found = loss(learn(matrix, truth, taught, WEIGHT), matrix, truth, taught)
    for name, value in (("MATTERS", 1e-9), ("FIRST", 1e-9), ("ENOUGH", 1e-6), ("CLOSE", 1e-3)):
        monkeypatch.setattr(logistic, name, value)
    least = loss(learn(matrix, truth, taught, WEIGHT), matrix, truth, taught)
    assert found.sum() < 1.005 * least.sum()
    assert (found < 1.02 * least).all()


def test_what_an_intent_learns_depends_on_no_other() -> None:
    matrix, truth, taught = problem()
    alone = learn(matrix, truth[:, 1:2], taught[:, 1:2], WEIGHT)
    assert np.allclose(learn(matrix, truth, taught, WEIGHT)[:, 1:2], alone, rtol=1e-3, atol=1e-3)
