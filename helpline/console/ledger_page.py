"""The ledger: everybody who reached the line in a day, how it ended or whose turn it is, and what to look at."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.ledger import GapKind, tally
from flows.roster import Role
from helpline.console.access import allowed, me
from helpline.wiring import Services

DAY = timedelta(days=1)
SHOWN = 300
GAP_WORDS = {
    GapKind.NO_OWNER: "nobody owes them an answer",
    GapKind.CASE_GONE: "their case is gone or closed, and the contact is not",
    GapKind.OVERDUE: "past its time",
    GapKind.RECORD_GONE: "the record of it is gone",
}


def add(pages: Blueprint, line: Services, _limiter: Limiter) -> None:
    """The ledger's addresses."""

    @pages.get("/ledger")
    @allowed(Role.SUPERVISOR)
    def ledger() -> ResponseReturnValue:
        """The last 24 hours; with `id` one contact."""
        if wanted := request.args.get("id", "").strip():
            return _find(line, wanted)
        line.store.transact(lambda tx: tx.audit("viewed_ledger", staff=me().staff.id))
        gaps, contacts = line.ledger.gaps(), line.ledger.day(line.clock() - DAY)
        return render_template(
            "console/ledger.html", tally=tally(contacts, gaps), gaps=gaps, gap_words=GAP_WORDS, came=len(contacts),
            contacts=tuple(reversed(contacts))[:SHOWN],
        )  # fmt: skip

    @pages.get("/ledger/<contact_id>")
    @allowed(Role.SUPERVISOR)
    def ledger_contact(contact_id: str) -> ResponseReturnValue:
        """One contact: what is known of it, without a number or a word of the caller."""
        contact = line.ledger.one(contact_id)
        if contact is None:
            abort(HTTPStatus.NOT_FOUND)
        line.store.transact(lambda tx: tx.audit("viewed_contact", staff=me().staff.id, contact=contact.id))
        case = line.store.case(contact.case_id) if contact.case_id else None
        gap = next((one for one in line.ledger.gaps() if one.contact_id == contact.id), None)
        return render_template("console/contact_line.html", contact=contact, case=case, gap=gap, gap_words=GAP_WORDS)


def _find(line: Services, wanted: str) -> ResponseReturnValue:
    found = line.ledger.one(wanted)
    if found is None:
        flash("No contact has that id. The table below has those of the last 24 hours.", "warn")
        return redirect(url_for("console.ledger"), HTTPStatus.SEE_OTHER)
    return redirect(url_for("console.ledger_contact", contact_id=found.id), HTTPStatus.SEE_OTHER)
