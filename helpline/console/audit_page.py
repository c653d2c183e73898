"""The audit trail for supervisors: who looked at and did what, and whether the chain is whole."""

from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.roster import Role
from helpline.console.access import allowed, me
from helpline.store.audit import AuditLine, Verdict
from helpline.wiring import Services

SHOWN = 200
WORDS = {
    "viewed_board": "looked at the board",
    "viewed_case": "looked at a case",
    "viewed_roster": "looked at the roster",
    "viewed_flows": "looked at the flows",
    "viewed_reports": "looked at the reports",
    "viewed_forecast": "looked at the forecast",
    "viewed_ledger": "looked at the ledger",
    "viewed_contact": "looked at a contact in the ledger",
    "viewed_limits": "looked at limits and blocks",
    "blocked": "blocked a caller",
    "unblocked": "took a block back",
    "viewed_audit": "looked at this trail",
    "played_voicemail": "played a caller's message",
    "revealed_number": "looked at a caller's number",
    "signed_in": "signed in",
    "signed_out": "signed out",
    "sign_in_code": "was sent a code",
    "code_wrong": "gave a wrong code",
    "ended_visit": "signed somebody out",
    "denied": "was refused a page",
    "claim": "took a case, or tried to",
    "pass": "passed or gave back a case",
    "give": "gave a case to a colleague",
    "close": "closed a case",
    "note": "kept a note",
    "write": "wrote to a caller",
    "take_over": "took a conversation over",
    "give_back": "gave a conversation back to the bot",
    "call": "asked for a call",
    "judged": "judged what was heard",
    "roster_changed": "changed the roster",
    "roster_taken_back": "took a roster change back",
    "test_ring": "had their phone tested",
    "exported_report": "took a report as CSV",
}


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The trail's addresses."""

    @pages.get("/audit")
    @allowed(Role.SUPERVISOR)
    def audit() -> ResponseReturnValue:
        """The newest lines."""
        line.store.transact(lambda tx: tx.audit("viewed_audit", staff=me().staff.id))
        return _page(line, None)

    @pages.post("/audit")
    @allowed(Role.SUPERVISOR)
    @limiter.limit("6 per minute")
    def verify_audit() -> ResponseReturnValue:
        """Prove the whole chain now."""
        line.audit.link()
        return _page(line, line.audit.verify())


def _page(line: Services, verdict: Verdict | None) -> str:
    lines = [_shown(line, one) for one in line.audit.newest(SHOWN)]
    return render_template("console/audit.html", lines=lines, verdict=verdict, head=line.audit.head())


def _shown(line: Services, one: AuditLine) -> dict[str, object]:
    case = line.store.case(one.ids["case"]) if one.ids.get("case") else None
    more = {name: value for name, value in one.ids.items() if name not in {"staff", "case"} and value}
    return {
        "at": datetime.fromtimestamp(one.milliseconds / 1000, UTC),
        "who": one.ids.get("staff", ""),
        "what": WORDS.get(one.what, one.what.replace("_", " ")),
        "case": case,
        "more": ", ".join(f"{name} {value}" for name, value in more.items()),
    }
