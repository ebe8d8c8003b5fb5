"""Many logistic regressions over the same sentences, each by rounds over the sentences that still matter to it.

Most sentences are soon so far on the right side of an intent that they say nothing more about it. So a round solves, for each
intent, a problem of its own over a twentieth of the sentences: all that are wrong with some chance, and of the others a
sample, each standing for those left out; what the sample's slope says too much or too little is made up for by a linear
term, so that the rounds end at the minimum of the whole (within 0.03 % of its loss). Between two rounds one pass over the
whole serves all intents. A third of the time that Newton's method over all sentences takes.

After Shamir, Srebro, Zhang, "Communication-Efficient Distributed Optimization using an Approximate Newton-type Method", ICML
2014; the small problems by Newton's method with conjugate gradients after Lin, Weng, Keerthi, "Trust Region Newton Method for
Large-Scale Logistic Regression", JMLR 9 (2008), with halved steps instead of the region. Single precision throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from app.nlu.model import Array

ROUNDS: Final = 20
ENOUGH: Final = 0.01
"""An intent is done when a round takes off less than this share of its loss, without having overshot and not far off."""
NEAR: Final = 0.5
"""From how far off: half the square of its slope, which is more than its loss can still fall by, against its loss."""
TOGETHER: Final = 32
"""Intents that are solved side by side: what they need fits into the processor's cache."""
FIRST: Final = 0.15
MATTERS: Final = 0.05
"""From this chance of being wrong on a sentence takes part in a round, and half as often at half of it. In the first round,
when hardly anything is known, from `FIRST` on.
"""
STEPS: Final = 4
INNER: Final = 15
CLOSE: Final = 0.2
"""A Newton step is solved to this share of its residual."""
SETTLED: Final = 0.001
"""A small problem is solved when a step takes off less than this share of its loss."""
HALVINGS: Final = 8
_SEED: Final = 20261123


def learn(
    matrix: csr_matrix, truth: NDArray[np.bool_], taught: NDArray[np.bool_] | Array, weight: float
) -> Array:
    """Weights [features + 1, intents], the last row being the biases, which are penalised like the rest.

    matrix: [sentences, features]. truth: [sentences, intents]; taught: the same shape, which lessons are for which
    intent, or how much.
    weight: what a sentence's loss counts against the penalty. Deterministic; what an intent learns depends on no other one.
    """
    distinct, which, shares = _distinct(matrix.astype(np.float32))
    ones = csr_matrix(np.ones((matrix.shape[0], 1), dtype=np.float32))
    rows = hstack([distinct, ones], format="csr", dtype=np.float32)
    columns = rows.T.tocsr()
    weights = np.empty((rows.shape[1], truth.shape[1]), dtype=np.float32)
    for first in range(0, truth.shape[1], TOGETHER):
        some = slice(first, first + TOGETHER)
        signs = np.where(truth[:, some], np.float32(1), np.float32(-1))
        costs = np.float32(weight) * taught[:, some].astype(np.float32)
        weights[:, some] = _Problem(rows, columns, signs, costs).solve()
    return np.vstack([weights[which] * shares[:, None], weights[-1:]])


def _distinct(matrix: csr_matrix) -> tuple[csr_matrix, NDArray[np.intp], Array]:
    """Features that the same sentences have to the same degree as one, those of most sentences first.

    Their weights are equal at the minimum, so nothing changes by it: one feature instead of n counts the square root of n times
    as much. Returns the matrix with such features, for each old feature its new one, and what share of the weight is its.
    """
    names = np.random.default_rng(_SEED).integers(1 << 63, size=matrix.shape[0], dtype=np.uint64) * 2 + 1
    values = matrix.data.view(np.uint32).astype(np.uint64)
    marks = csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape).T @ names
    _, first, which, many = np.unique(marks, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(-np.bincount(matrix.indices, minlength=matrix.shape[1])[first], kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    roots: Array = np.sqrt(many).astype(np.float32)
    distinct = csr_matrix(matrix[:, first[order]])
    distinct.data *= roots[order][distinct.indices]
    distinct.sort_indices()
    return distinct, place[which], np.reciprocal(roots[which])


@dataclass
class _Point:
    """weights: [features, intents]; margins: what they say of each sentence, its truth being ±1; loss: per intent."""

    weights: Array
    margins: Array
    loss: Array

    def replace(self, which: NDArray[np.intp], other: _Point) -> None:
        """Take these intents from another point that has only them."""
        self.weights[:, which], self.margins[:, which], self.loss[which] = (
            other.weights, other.margins, other.loss,
        )  # fmt: skip

    def only(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> _Point:
        return _Point(self.weights[:, which], self.margins[:, which], self.loss[which])


@dataclass
class _Problem:
    """rows: [sentences, features]; columns: the same the other way round. signs, costs: [sentences, intents]."""

    rows: csr_matrix
    columns: csr_matrix
    signs: Array
    costs: Array

    def solve(self) -> Array:
        """The weights of all intents. Those that are done take part in no further round."""
        chance = np.random.default_rng(_SEED)
        point = self._start()
        found, open_ = point.weights.copy(), np.arange(len(point.loss))
        problem, least = self, FIRST
        for _ in range(ROUNDS):
            before = point.loss
            point, unsure = problem.round(point, least, chance.random(len(self.signs), dtype=np.float32))
            found[:, open_] = point.weights
            going = unsure | (before - point.loss >= ENOUGH * before)
            if least == MATTERS and not going.all():
                if not going.any():
                    break
                open_, point = open_[going], point.only(going)
                problem = _Problem(self.rows, self.columns, problem.signs[:, going], problem.costs[:, going])
            least = MATTERS
        return found

    def _start(self) -> _Point:
        """Every intent as likely as it is among its lessons."""
        right = np.einsum("ij,ij->j", self.costs, np.maximum(self.signs, 0)) + 1
        wrong = np.einsum("ij,ij->j", self.costs, np.maximum(-self.signs, 0)) + 1
        weights = np.zeros((self.rows.shape[1], len(right)), dtype=np.float32)
        weights[-1] = np.log(right / wrong)
        margins: Array = self.signs * weights[-1]
        return self._at(weights, margins, slice(None))

    def _at(self, weights: Array, margins: Array, which: slice | NDArray[np.intp]) -> _Point:
        lost = np.log1p(np.exp(-np.abs(margins))) - np.minimum(margins, 0)
        loss = np.einsum("ij,ij->j", self.costs[:, which], lost)
        return _Point(weights, margins, loss + np.einsum("ij,ij->j", weights, weights) / 2)

    def round(self, point: _Point, least: float, dice: Array) -> tuple[_Point, NDArray[np.bool_]]:
        """Each intent's minimum over the sentences that matter to it; half way there or less where that is worse for all of
        them. Returns also for which intents that was so, or that began far off.
        """
        wrong = np.reciprocal(1 + np.exp(np.minimum(point.margins, 80)), dtype=np.float32)
        slopes = point.weights - self.columns @ (self.costs * self.signs * wrong)
        matters = (wrong > dice[:, None] * np.float32(least)) & (self.costs > 0)
        weights = point.weights - slopes
        for intent in range(weights.shape[1]):
            which = np.flatnonzero(matters[:, intent])
            shares = np.minimum(wrong[which, intent] / np.float32(least), 1)
            signs, costs = self.signs[which, intent], self.costs[which, intent] / shares
            small = _Small(self.rows[which], signs, costs)
            small.begin(point.weights[:, intent], point.margins[which, intent], slopes[:, intent])
            weights[small.features, intent] = small.solve()
        reached, overshot = self._no_worse(point, weights)
        return reached, overshot | (np.einsum("ij,ij->j", slopes, slopes) / 2 > NEAR * point.loss)

    def _no_worse(self, point: _Point, weights: Array) -> tuple[_Point, NDArray[np.bool_]]:
        reached = self._at(weights, self.signs * (self.rows @ weights), slice(None))
        overshot = worse = ~(reached.loss <= point.loss)
        for halving in range(1, HALVINGS + 1):
            which = np.flatnonzero(worse)
            if not len(which):
                break
            start = point.only(which)
            if halving < HALVINGS:
                reached.replace(which, self._between(start, reached.only(which), which))
            else:
                reached.replace(which, start)
            worse = ~(reached.loss <= point.loss)
        return reached, overshot

    def _between(self, one: _Point, other: _Point, which: NDArray[np.intp]) -> _Point:
        half = np.float32(0.5)
        return self._at(half * (one.weights + other.weights), half * (one.margins + other.margins), which)


class _Small:
    """One intent's regression over some of the sentences, with a linear term besides; `features`: those that they have."""

    def __init__(self, rows: csr_matrix, signs: Array, costs: Array) -> None:
        there = np.zeros(rows.shape[1], dtype=np.bool_)
        there[rows.indices] = True
        self.features = np.flatnonzero(there)
        numbers = np.cumsum(there, dtype=np.int32) - 1
        shape = len(signs), len(self.features)
        found = numbers[rows.indices]
        self._rows = csr_matrix((rows.data, found, rows.indptr), shape=shape)
        self._columns = self._rows.T
        self._squares = csr_matrix((np.square(rows.data), found, rows.indptr), shape=shape).T
        self._signs, self._costs = signs, costs

    def begin(self, weights: Array, margins: Array, slopes: Array) -> None:
        """Begin at these weights, with a linear term that makes the slopes there these ones. margins: what the weights say."""
        self._weights, self._margins = weights[self.features], margins
        self._linear = np.zeros_like(self._weights)
        wrong = self._wrong()
        self._linear = slopes[self.features] + self._downhill(wrong)
        self._scale = np.reciprocal(self._squares @ (self._costs * wrong * (1 - wrong)) + 1)

    def _wrong(self) -> Array:
        wrong: Array = np.reciprocal(1 + np.exp(np.minimum(self._margins, 80)), dtype=np.float32)
        return wrong

    def _downhill(self, wrong: Array) -> Array:
        result: Array = self._columns @ (self._costs * self._signs * wrong) - self._weights - self._linear
        return result

    def _loss(self, weights: Array, margins: Array) -> float:
        lost = np.log1p(np.exp(-np.abs(margins))) - np.minimum(margins, 0)
        return float(self._costs @ lost + weights @ weights / 2 + self._linear @ weights)

    def solve(self) -> Array:
        """The weights of `features`."""
        loss = self._loss(self._weights, self._margins)
        for _ in range(STEPS):
            direction, change = self._direction()
            length = np.float32(1)
            for _ in range(HALVINGS):
                weights, margins = self._weights + length * direction, self._margins + length * change
                reached = self._loss(weights, margins)
                if reached <= loss:
                    break
                length /= 2
            else:
                break
            self._weights, self._margins = weights, margins
            if loss - reached < SETTLED * abs(loss):
                break
            loss = reached
        return self._weights

    def _direction(self) -> tuple[Array, Array]:
        """The Newton direction by conjugate gradients scaled by the Hessian's diagonal, and the margins it changes."""
        wrong = self._wrong()
        curvature = self._costs * wrong * (1 - wrong)
        scale, rest = self._scale, self._downhill(wrong)
        direction, change = np.zeros_like(rest), np.zeros_like(wrong)
        ahead = scale * rest
        left = rest @ ahead
        enough = CLOSE * left
        for _ in range(INNER):
            outputs = self._rows @ ahead
            bent = self._columns @ (curvature * outputs) + ahead
            length = left / max(ahead @ bent, np.float32(1e-30))
            direction += length * ahead
            change += length * outputs
            rest -= length * bent
            scaled = scale * rest
            before, left = left, rest @ scaled
            if left <= enough:
                break
            ahead = scaled + left / max(before, np.float32(1e-30)) * ahead
        return direction, change * self._signs
