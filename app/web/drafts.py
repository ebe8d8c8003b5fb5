"""What surrounds a message: pasted chat excerpts, the check of a draft before it is sent, feedback on scripts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.errors import InvalidRequest, NotFound
from app.feedback import difference, record
from app.store.feedback import Feedback
from app.web.answers import as_json
from app.web.conversation_schemas import FeedbackIn, FeedbackOut
from app.web.deps import AssistantDep, CurrentPerson, DatabaseDep

router = APIRouter(prefix="/api/v1", tags=["会话"])


@router.post("/feedback", responses={200: {"model": FeedbackOut}}, response_class=Response)
async def give_feedback(
    body: FeedbackIn, assistant: AssistantDep, database: DatabaseDep, person: CurrentPerson
) -> Response:
    """一条话术怎么样：照发了、改了再发（记下改了哪里）、不对。用来给同一阶段的话术排先后，不影响风险话术。"""
    script = assistant.content.scripts.get(body.script_id)
    if script is None:
        raise NotFound("没有这条话术")
    if body.right_intent is not None and body.right_intent not in assistant.content.intents:
        raise InvalidRequest(f"没有「{body.right_intent}」这个意图")
    original = body.text if body.text is not None else "\n".join(script.bubbles)
    diff = difference(original, body.sent_text) if body.kind == "edited" and body.sent_text else ()
    feedback = Feedback(
        script_id=body.script_id,
        kind=body.kind,
        agent=person.name,
        conversation_id=body.conversation_id,
        turn_id=int(body.turn_id) if body.turn_id is not None else None,
        sent_text=body.sent_text,
        diff=diff,
        right_intent=body.right_intent,
        release=assistant.release,
    )
    number = await run_in_threadpool(record, database, feedback)
    return as_json({"id": str(number), "diff": diff})
