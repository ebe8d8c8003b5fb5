"""A small shop for the studio's tests: enough examples to learn from, and a bench without a process of its own."""

from __future__ import annotations

from typing import Any

from app.content.load import Files
from app.studio.bench import Bench
from tests.sample import FILES

SHRUNK = [
    "缩水了",
    "毛衣洗完缩水",
    "一洗就缩水",
    "缩水太厉害",
    "洗一次短了一截",
    "下水就短了一截",
    "洗完短了好多",
    "短了一大截",
]
PILLED = [
    "起球了",
    "衣服起球",
    "全是球",
    "穿一次就起球",
    "袖子起球厉害",
    "球球好多",
    "满身都是球",
    "一身毛球",
]
FINE: Files = {
    **FILES,
    "intents/apparel/shrinkage.yaml": FILES["intents/apparel/shrinkage.yaml"]
    + f"examples: [{', '.join(SHRUNK)}]\nheld_out: [衣服缩水了, 洗完缩水好多, 又缩水, 一下水就缩水, 缩水缩得穿不上]\n",
    "intents/apparel/pilling.yaml": "id: pilling\nname: 起球\ngroup: quality\nkind: complaint\npatterns: [起球]\n"
    f"examples: [{', '.join(PILLED)}]\nheld_out: [又起球, 起球了都, 裤子起球, 起球好多, 新买的就起球]\n",
    "intents/common/authority_complaint.yaml": "id: authority_complaint\nname: 12315与法律\ngroup: risk\nkind: risk\nbanner: true\n"
    'patterns: ["12315"]\nexamples: [我打12315]\nheld_out: [再不处理就12315, 12315见, 打12315告你, 12315投诉, 找12315]\n',
}
for _script in ("shrinkage.resolve.old",):
    _lines = FINE["scripts_zh/apparel/shrinkage.yaml"].split("\n")
    _at = next(at for at, line in enumerate(_lines) if _script in line)
    FINE["scripts_zh/apparel/shrinkage.yaml"] = "\n".join(_lines[:_at] + _lines[_at + 2 :])
for _id, _pack in (("return_refund", "common"), ("negative_review", "common"), ("accept_solution", "common")):
    FINE[f"scripts_zh/{_pack}/{_id}.yaml"] = (
        f"intent: {_id}\nscripts:\n  - id: {_id}.answer.one\n    title: 答一句{_id}\n    stage: answer\n    tone: 亲切\n"
        f"    bubbles: [好的，这就给您办{_id}。]\n    source: [practice]\n"
    )


class Inside:
    """A bench in the process of the tests."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        self._bench = Bench(packs)
        self._key: object = None
        self._state: dict[str, Any] = {}

    def use(self, key: object, files: Files) -> dict[str, Any]:
        if self._key != key:
            self._state = self._bench.use(files)
            self._key = key
        return self._state

    def call(self, key: object, files: Files, *steps: tuple[Any, ...]) -> Any:
        self.use(key, files)
        answer: Any = None
        for name, *arguments in steps:
            answer = getattr(self._bench, name)(*arguments)
        return answer

    def stop(self) -> None:
        pass
