"""The documents' seven steps of handling a complaint (002.4), ticked off from what was said and written down."""

from __future__ import annotations

from dataclasses import dataclass

from app.cases.casebook import CaseFile


@dataclass(frozen=True, slots=True)
class Step:
    """hint: what to do while it is not done."""

    name: str
    done: bool
    hint: str


def steps(file: CaseFile) -> list[Step]:
    """The seven steps in their order. Without a conversation, the first three count as done with the written account."""
    fields = file.case.fields
    acts = {act.partition("(")[0] for turn in file.turns for act in turn.acts}
    answered = any(turn.role == "agent" for turn in file.turns)
    told = bool(fields["description"])
    in_person = told and file.case.conversation_id is None
    return [
        Step("平静", in_person or answered, "先回应一句，别急着解释"),
        Step("聆听", in_person or (told and "asked" in acts), "让顾客说完，把要紧的问清"),
        Step("换位", in_person or bool(acts & {"empathised", "apologised"}), "说出顾客的难处"),
        Step("记录", told and bool(fields["order_number"] or fields["product"]), "写下经过、商品或订单号"),
        Step("方案", bool(fields["remedies"]), "写下处理方案，超出权限的写批准人"),
        Step("执行", bool(fields["confirmation"]), "办完请顾客确认"),
        Step("总结", bool(fields["outcome"]), "写处理结果，结案"),
    ]
