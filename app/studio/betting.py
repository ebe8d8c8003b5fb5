"""Which of two wordings does better, in a test that may be looked at as often as one likes.

Conversations come in at random on either side; the i-th of one side is paired with the i-th of the other, and a bettor
puts a fixed part of what they have on the difference of each pair, which lies between -1 and 1. When both sides do
equally well, no bet makes money on average, so by Ville's inequality the wealth ever reaches 1/x with probability x at
most, whenever one looks. Each side has its own bettor, who starts with 1 and spreads it evenly over the parts in
`_PARTS`; with a bar of 2/ALPHA for each, a difference is claimed where there is none in ALPHA of all trials at most.

Sources: I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal
Statistical Society B 86 (2024), doi:10.1093/jrsssb/qkad009; S. Shekhar, A. Ramdas, "Nonparametric two-sample testing by
betting", IEEE Transactions on Information Theory 70 (2024), doi:10.1109/TIT.2023.3305867; J. Ville, "Étude critique de
la notion de collectif" (1939).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, exp, log, log1p
from typing import Final, Literal

Outcome = Literal["", "a", "b"]

ALPHA: Final = 0.05
BAR: Final = 2 / ALPHA
"""How much a bettor must have made of 1."""
_PARTS: Final = tuple(step / 20 for step in range(1, 20))
_TOO_MANY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """outcome: the side that does better, "" while nobody can tell. pairs: those looked at until then. evidence_a, evidence_b:
    what the bettors on a and on b have. more: conversations on both sides that it likely takes still, None when the
    difference is so small that nobody will ever tell.
    """

    outcome: Outcome
    pairs: int
    evidence_a: float
    evidence_b: float
    more: int | None


def judge(side_a: Sequence[float], side_b: Sequence[float], least: int) -> Verdict:
    """Look at how the conversations of both sides went, in the order in which they came, 0 to 1 each.

    least: pairs before anything is said. Later conversations change nothing once one side has won.
    """
    on_a, on_b = _Bettor(), _Bettor()
    count = 0
    for first, second in zip(side_a, side_b, strict=False):
        count += 1
        on_a.bet(first - second)
        on_b.bet(second - first)
        if count >= least and max(on_a.wealth, on_b.wealth) >= BAR:
            return Verdict("a" if on_a.wealth > on_b.wealth else "b", count, on_a.wealth, on_b.wealth, 0)
    more = _more(side_a, side_b, max(on_a.wealth, on_b.wealth), max(0, least - count))
    return Verdict("", count, on_a.wealth, on_b.wealth, more)


class _Bettor:
    """Bets that differences are above nought."""

    def __init__(self) -> None:
        self._logs = [0.0] * len(_PARTS)
        self.wealth = 1.0

    def bet(self, difference: float) -> None:
        """difference: -1 to 1."""
        if difference:
            self._logs = [made + gain for made, gain in zip(self._logs, _gains(difference), strict=True)]
            self.wealth = sum(map(exp, self._logs)) / len(_PARTS)


def _gains(difference: float) -> tuple[float, ...]:
    known = _GAINS.get(difference)
    if known is None:
        known = tuple(log1p(part * difference) for part in _PARTS)
    return known


_GAINS: Final = {
    difference: tuple(log1p(part * difference) for part in _PARTS) for difference in (-1.0, -0.5, 0.5, 1.0)
}


def _more(side_a: Sequence[float], side_b: Sequence[float], wealth: float, least: int) -> int | None:
    """Conversations until the better side likely wins if both go on as they went."""
    if not side_a or not side_b:
        return 2 * max(least, 1)
    spread: defaultdict[float, float] = defaultdict(float)
    one, other = _shares(side_a), _shares(side_b)
    for first, weight in one.items():
        for second, weighs in other.items():
            spread[first - second] += weight * weighs
    if sum(difference * weight for difference, weight in spread.items()) < 0:
        spread = defaultdict(float, {-difference: weight for difference, weight in spread.items()})
    growth = max(
        sum(weight * log1p(part * difference) for difference, weight in spread.items()) for part in _PARTS
    )
    pairs = log(BAR / min(wealth, BAR)) / growth if growth > 0 else _TOO_MANY
    return None if pairs >= _TOO_MANY / 2 else 2 * max(ceil(pairs), least, 1)


def _shares(values: Iterable[float]) -> dict[float, float]:
    """How often each value came, with half a success and half a failure added, so that nothing is taken for impossible."""
    counts: dict[float, float] = {0.0: 0.5, 1.0: 0.5}
    for value in values:
        counts[value] = counts.get(value, 0.0) + 1
    total = sum(counts.values())
    return {value: count / total for value, count in counts.items()}
