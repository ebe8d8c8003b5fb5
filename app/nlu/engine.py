"""Everything about one message: intents, slots, emotion, each with where in the text it was found."""

from __future__ import annotations

from datetime import datetime

from app.content.model import Content
from app.nlu.emotion import EmotionReader
from app.nlu.intent import IntentClassifier
from app.nlu.learnt import Learnt
from app.nlu.slots import facts_from, find_slots
from app.nlu.taught import lessons
from app.nlu.text import Tokeniser, normalise
from app.nlu.words import dictionary
from app.steps import ended
from app.types import Analysis


class Engine:
    """Built once per release from its content and model; safe to use from many threads."""

    def __init__(self, content: Content, model: bytes) -> None:
        """Raises ValueError when the model is damaged. A model that was learnt from other intents or another lexicon may be
        given too; then what the content itself says is read from it.
        """
        learnt = Learnt.from_bytes(model)
        own = learnt.of == content.nlu_digest
        tokeniser = Tokeniser(learnt.dictionary if own else dictionary(content.lexicon))
        taught = learnt.lessons if own else lessons(content)
        self._classifier = IntentClassifier(content, learnt.linear, tokeniser, taught)
        self._emotion = EmotionReader(content.emotions)

    def analyse(self, text: str, now: datetime | None = None) -> Analysis:
        """Never raises; any string is fine. now: the present in the shop's time zone, for 昨天 and 下周三."""
        ended("receive")
        message = normalise(text)
        ended("normalise")
        judgement = self._classifier.classify(message)
        slots = find_slots(message, now)
        analysis = Analysis(
            text=text,
            intents=judgement.asserted,
            candidates=judgement.candidates,
            abstained=judgement.reason,
            emotion=self._emotion.read(message, judgement.asserted),
            slots=slots,
            traditional=message.traditional,
            cantonese=message.cantonese,
            facts=facts_from(message, slots, now),
        )
        ended("understand")
        return analysis
