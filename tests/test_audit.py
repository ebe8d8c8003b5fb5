"""Every change and every export leaves a trace: a new route has to say which, or this fails."""

from __future__ import annotations

import re
from typing import Final

from app.web import access
from app.web.app import _PUBLIC, _SIGNED_IN
from tests.conftest import ROOT

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
EXPORTS: Final = re.compile(r"export|print|appeal|health\.(?:xlsx|csv)")

TOLD: Final = ROOT / "app" / "web" / "access.py"
"""Where traces are told in Chinese."""
NOTHING: Final = "stores nothing"
OWN: Final = "its rows say who and when themselves: "
TRACES: Final[dict[str, str]] = {
    "auth.paste_link": NOTHING,
    "auth.sign_in": "person.signed_in",
    "auth.sign_out": "person.signed_out",
    "hooks.receive": OWN + "channel_inbound",
    "access.add_person": "person.added",
    "access.set_company": "person.company",
    "access.new_link": "person.link",
    "access.disable": "person.disabled",
    "access.add_token": "token.added",
    "access.revoke": "token.revoked",
    "access.export_customer": "customer.exported",
    "access.erase_customer": "customer.erased",
    "alerts.see_alert": "alert.seen",
    "api.suggest": NOTHING,
    "cases.open_case": "case.opened",
    "cases.change_case": "case.changed",
    "cases.withdraw": "case.withdrawn",
    "cases.take_over": "case.taken_over",
    "cases.add_photo": "case.photo_added",
    "cases.remove_photo": "case.photo_removed",
    "cases.export_cases": "cases.exported",
    "cases.export_case": "case.exported",
    "cases.export_appeal": "case.appeal_exported",
    "case_pages.print_page": "case.printed",
    "registers.leave": "handover.left",
    "registers.read_reviews": NOTHING,
    "registers.export_register": "register.exported",
    "register_pages.leave": "handover.left",
    "register_pages.take": "handover.taken",
    "register_pages.finish": "handover.done",
    "register_pages.add_vip": "vip.added",
    "register_pages.called": "vip.called",
    "register_pages.remove_vip": "vip.removed",
    "register_pages.settle": "quality.settled",
    "conversations.add_turn": OWN + "turns",
    "conversations.change_conversation": "conversation.changed",
    "conversations.give_facts": "conversation.given",
    "conversations.undo_turn": "turn.undone",
    "conversations.mark_risk": "risk.marked",
    "replies.send_reply": OWN + "turns",
    "replies.put_reply_away": OWN + "channel_deliveries",
    "drafts.read_excerpt": NOTHING,
    "drafts.check_draft": NOTHING,
    "drafts.give_feedback": OWN + "feedback",
    "mcp.mcp": NOTHING,
    "privacy.export": "customer.exported",
    "privacy.erase": "customer.erased",
    "products.upload": OWN + "product_uploads",
    "products.confirm": "products.imported",
    "products.remove": "product.removed",
    "products.save": "product.saved",
    "products.export": "products.exported",
    "promises.change_promise": "promise.changed",
    "promises.start_clock": "clock.started",
    "promises.stop_clock": "clock.stopped",
    "channels.add": "channel.added",
    "channels.act": "channel.changed",
    "channel_api.add_channel": "channel.added",
    "channel_api.change_channel": "channel.changed",
    "channel_api.remove_channel": "channel.removed",
    "channel_api.renew_secret": "channel.rotated",
    "channel_api.try_channel": NOTHING,
    "channel_api.resume_channel": "channel.resumed",
    "studio.save_entry": OWN + "studio_edits",
    "studio.check": NOTHING,
    "studio.undo": OWN + "studio_edits",
    "studio.discard": "studio.discarded",
    "studio.settle": "studio.clash_settled",
    "studio.try_message": NOTHING,
    "studio.add_golden": "studio.golden_added",
    "studio.remove_golden": "studio.golden_removed",
    "studio.review": "studio.reviewed",
    "studio.change_settings": "studio.review_setting",
    "studio.examine": OWN + "studio_runs",
    "studio.publish": "release.published",
    "studio.take_back": "release.published",
    "images.add_image": OWN + "studio_edits",
    "learning.teach": "studio.taught",
    "learning.dismiss": "studio.not_taught",
    "learning.reopen": "studio.teaching_undone",
    "library.import_table": "studio.imported",
    "library.download_workbook": "studio.exported",
    "library.download_csv": "studio.exported",
    "library_health.adopt": OWN + "studio_edits",
    "library_health.workbook": "studio.health_exported",
    "library_health.table": "studio.health_exported",
    "evidence.tick": "evidence.ticked",
    "own.add_own": "own_script.added",
    "own.change_own": "own_script.changed",
    "own.move": "own_script.moved",
    "own.remove": "own_script.removed",
    "own.remove_own": "own_script.removed",
    "own.save": "own_script.added",
    "trials.begin": "studio.trial_started",
    "trials.end": "studio.trial_ended",
    "trials.use": OWN + "studio_edits",
}


def routes() -> dict[str, str]:
    """Every route that changes or hands out something: its function -> method and path."""
    found: dict[str, str] = {}
    for module in (*_PUBLIC, *_SIGNED_IN):
        for route in module.router.routes:
            name = f"{route.endpoint.__module__.rpartition('.')[2]}.{route.endpoint.__name__}"
            if route.methods - SAFE or EXPORTS.search(route.path):
                found[name] = f"{sorted(route.methods)} {route.path}"
    return found


def recorded() -> set[str]:
    """What the code names when it writes to the audit log: every string of two words with a point between."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py") if path != TOLD)
    return {name for text in texts for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', text)}


def test_every_change_and_export_says_what_trace_it_leaves() -> None:
    there = routes()
    missing = {name: there[name] for name in there.keys() - TRACES.keys()}
    assert missing == {}, "name the audit entry they write"
    assert TRACES.keys() - there.keys() == set(), "no such route any more"


def test_every_trace_is_written_and_told_in_chinese() -> None:
    written = recorded()
    named = {trace for trace in TRACES.values() if "." in trace and ": " not in trace}
    assert named - written == set()
    kinds = {trace.partition(".")[0] for trace in named}
    entries = {name for name in written if re.fullmatch(rf"(?:{'|'.join(kinds)})\.[a-z_]+ed", name)}
    assert {name for name in named | entries if access.told(name) == name} == set()
