"""Learning the linear model of a release from its own intent files, on one core, in seconds.

Runs outside the serving process (publishing, the command line), which needs no solver.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.content.model import Content
from app.heap import undisturbed
from app.nlu.bags import Bags, Numbers
from app.nlu.concepts import Concepts
from app.nlu.intent import IntentClassifier
from app.nlu.learnt import Learnt
from app.nlu.logistic import learn
from app.nlu.model import Array, LinearModel
from app.nlu.taught import lessons
from app.nlu.text import Dictionary, Tokeniser, clauses, normal_words, normalise
from app.nlu.words import dictionary
from app.vocabulary import DEFAULT_PACKS

MIN_DOCUMENTS: Final = 3
PENALTY: Final = 12.0
NEVER: Final = -8.0
"""The bias of an intent without examples."""
LONG: Final = 3
"""Clauses from which on a message with several intents is also learnt clause by clause."""
JOINED: Final = 1500
PRIOR_RIGHT: Final = 1.5
PRIOR_WRONG: Final = 0.7
"""Cases every pattern is given before any is counted."""
PRAISE: Final = "thanks_praise"
OTHER: Final = "other"
_SEED: Final = 20261122
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence with the intents it expresses. only_for: it is a lesson for this intent alone (a near miss of it).

    pack: where it stands; the sentences of an optional pack teach that pack's intents only. open: intents of which it is
    not known whether it expresses them, so that it is a lesson for all others.
    """

    text: str
    labels: frozenset[str]
    only_for: str | None = None
    pack: str = "common"
    open: frozenset[str] = frozenset()


def samples(content: Content) -> list[Sample]:
    """Every example and near miss of the intent files; held-out sentences are never among them.

    `other` is learnt like an intent, so that silence has a score to compare with.
    """
    found: dict[tuple[str, str | None], set[str]] = {}
    packs: dict[str, str] = {}
    for intent in content.intents.values():
        for example in intent.examples:
            found.setdefault((example.text, None), set()).update({intent.id}, example.also)
            packs.setdefault(example.text, intent.pack)
        for miss in intent.not_examples:
            packs.setdefault(miss.text, intent.pack)
            if miss.intent is None:
                found.setdefault((miss.text, intent.id), set())
            else:
                found.setdefault((miss.text, None), set()).update({miss.intent}, miss.also)
    return [
        Sample(text, frozenset(labels), only_for, packs[text]) for (text, only_for), labels in found.items()
    ]


def praise_by_clause(given: Sequence[Sample]) -> list[Sample]:
    """Each clause of pure praise is praise too; else 质量, 尺码 and 物流 would always sound like complaints."""
    pure = [sample.text for sample in given if sample.labels == {PRAISE}]
    parts = {text[clause.start : clause.end] for text in pure for clause in clauses(normalise(text).text)}
    return [Sample(part, frozenset({PRAISE})) for part in sorted(parts) if len(part) > 2]


def clause_by_clause(given: Sequence[Sample]) -> list[Sample]:
    """Each clause of a long message with several intents: which of them it expresses is not known, but no other one.

    What is only told around a trouble would else sound like whatever trouble has the same words.
    """
    parts: dict[str, set[str]] = {}
    for sample in given:
        if len(sample.labels) < 2 or OTHER in sample.labels or sample.pack not in DEFAULT_PACKS:
            continue
        text = normalise(sample.text).text
        found = clauses(text)
        if len(found) >= LONG:
            for clause in found:
                parts.setdefault(text[clause.start : clause.end], set()).update(sample.labels)
    taught = {normalise(sample.text).text for sample in given}
    return [
        Sample(part, frozenset(), open=frozenset(labels))
        for part, labels in parts.items()
        if len(part) > 1 and part not in taught
    ]


def joined(given: Sequence[Sample], count: int) -> list[Sample]:
    """Pairs of single-intent sentences as one message: customers rarely have just one trouble."""
    chance = random.Random(_SEED)  # noqa: S311
    single = [
        sample
        for sample in given
        if len(sample.labels) == 1
        and sample.only_for is None
        and OTHER not in sample.labels
        and sample.pack in DEFAULT_PACKS
    ]
    if len(single) < 2:
        return []
    pairs = (chance.sample(single, 2) for _ in range(count))
    return [Sample(f"{first.text}，{second.text}", first.labels | second.labels) for first, second in pairs]


def train(content: Content) -> bytes:
    """The model of this content. Deterministic: the same content gives the same predictions."""
    with undisturbed():
        given, words = samples(content), dictionary(content.lexicon)
        linear = replace(fit(content, given, words), trust=trust(content, given, words))
        return Learnt(content.nlu_digest, linear, words, lessons(content)).to_bytes()


def trust(content: Content, given: Sequence[Sample], words: Dictionary) -> dict[str, float]:
    """How right each pattern is on the samples, by `pattern_key`: log odds, drawn toward two in three while cases are few."""
    intents = tuple(content.intents)
    none = np.zeros(len(intents), dtype=np.float32)
    untaught = LinearModel({}, none[:0], np.zeros((0, len(intents)), dtype=np.float32), none, intents)
    strong = {
        name: intent.model_copy(update={"weak_patterns": ()}) for name, intent in content.intents.items()
    }
    patterns = IntentClassifier(replace(content, intents=strong), untaught, Tokeniser(words))
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for sample in given:
        if sample.only_for is not None:
            continue
        for intent, key in set(patterns.claims(normalise(sample.text))):
            if sample.pack in {*DEFAULT_PACKS, content.intents[intent].pack}:
                (right if intent in sample.labels else wrong)[key] += 1
    return {
        key: round(math.log((right[key] + PRIOR_RIGHT) / (wrong[key] + PRIOR_WRONG)), 3)
        for key in sorted({*right, *wrong})
    }


def fit(content: Content, given: Sequence[Sample], words: Dictionary) -> LinearModel:
    """Learn from the given samples; `content` provides the intents and the classes of meaning."""
    intents = tuple(sorted(content.intents))
    everything = [*given, *praise_by_clause(given), *clause_by_clause(given), *joined(given, JOINED)]
    texts = normal_words([sample.text for sample in everything])
    bags = Bags(texts, Tokeniser(words))
    known, idf, matrix = _vectors(bags.found, bags.of_text, len(texts))
    vocabulary = {name: row for row, name in enumerate(bags.names(known))}
    del bags
    taught = _taught(content, everything, intents)
    weights, bias = _learn(matrix, *taught)
    about = _fit_concepts(content, texts, intents, taught) if content.concepts else None
    return LinearModel(vocabulary, idf, weights * idf[:, None], bias, intents, concepts=about)


def _fit_concepts(
    content: Content, texts: Sequence[str], intents: tuple[str, ...], taught: tuple[Flags, Flags]
) -> LinearModel | None:
    """The second model, over classes of meaning; None where no class comes up often enough."""
    concepts = Concepts(content.concepts)
    codes = [concepts.codes(concepts.find(text)) for text in texts]
    of_text = np.repeat(np.arange(len(texts)), [len(own) for own in codes])
    found = np.fromiter(chain.from_iterable(codes), np.int64, len(of_text))
    known, idf, matrix = _vectors(found, of_text, len(texts))
    if not len(known):
        return None
    weights, bias = _learn(matrix, *taught)
    vocabulary = {concepts.name(code): row for row, code in enumerate(known.tolist())}
    return LinearModel(vocabulary, idf, weights * idf[:, None], bias, intents)


def _vectors(found: Numbers, of_text: Numbers, texts: int) -> tuple[Numbers, Array, csr_matrix]:
    """The features that enough texts have, each with its inverse document frequency, and the texts' vectors of length 1.

    found: features as numbers. of_text: the text that each is found in.
    """
    features, columns = np.unique(found, return_inverse=True)
    pairs = np.sort(of_text * len(features) + columns)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    of_text, columns = np.divmod(pairs, max(1, len(features)))
    counts = np.bincount(columns, minlength=len(features))
    known = counts >= MIN_DOCUMENTS
    of_text, columns = of_text[known[columns]], (np.cumsum(known) - 1)[columns[known[columns]]]
    idf = (1 + np.log((1 + texts) / (1 + counts[known]))).astype(np.float32)
    lengths = np.sqrt(np.bincount(of_text, weights=np.square(idf[columns]), minlength=texts))
    values = idf[columns] / lengths[of_text].astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(of_text, minlength=texts))])
    return features[known], idf, csr_matrix((values, columns, starts), shape=(texts, len(idf)))


def _taught(content: Content, everything: Sequence[Sample], intents: tuple[str, ...]) -> tuple[Flags, Flags]:
    """[samples, intents]: which intents each sample expresses, and for which intents it is a lesson."""
    of_pack = {
        pack: np.array([pack in (*DEFAULT_PACKS, content.intents[name].pack) for name in intents])
        for pack in {sample.pack for sample in everything}
    }
    columns = {name: column for column, name in enumerate(intents)}
    truth = np.zeros((len(everything), len(intents)), dtype=np.bool_)
    taught = np.array([of_pack[sample.pack] for sample in everything], dtype=np.bool_).reshape(truth.shape)
    for row, sample in enumerate(everything):
        truth[row, [columns[name] for name in sample.labels if name in columns]] = True
        if sample.only_for is not None:
            taught[row, np.arange(len(intents)) != columns[sample.only_for]] = False
        if sample.open:
            taught[row, [columns[name] for name in sample.open if name in columns]] = False
    return truth, taught


def _learn(matrix: csr_matrix, truth: Flags, taught: Flags) -> tuple[Array, Array]:
    """One logistic regression per intent: weights [features, intents] and biases [intents]."""
    weights = learn(matrix, truth, taught, PENALTY)
    biases = weights[-1]
    unknown = ~(truth & taught).any(axis=0) | ~(~truth & taught).any(axis=0)
    weights[:, unknown], biases[unknown] = 0, NEVER
    return weights[:-1], biases
