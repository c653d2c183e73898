"""One's own page: does my phone ring, where am I signed in; supervisors can sign anybody out."""

import secrets
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.events import Channel
from flows.roster import Contact, Role
from flows.step import Prompt
from helpline.console.access import allowed, me
from helpline.store import Letter, LetterKind, Transaction, Visit
from helpline.wiring import Services

TEST_LASTS = timedelta(minutes=5)


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The addresses of one's own page."""

    @pages.get("/account")
    @allowed(Role.RESPONDER)
    def account() -> ResponseReturnValue:
        """Test ring and visits."""
        return render_template("console/account.html", visits=[_as_shown(line, one) for one in _mine(line)])

    @pages.post("/account/ring")
    @allowed(Role.RESPONDER)
    @limiter.limit("10 per 10 minutes")
    def test_ring() -> ResponseReturnValue:
        """Ring or text my own phone."""
        by = Contact.SMS if request.form.get("by") == "text" else Contact.CALL
        line.store.transact(lambda tx: _test(tx, line, by))
        flash("Your phone is texted now." if by is Contact.SMS else "Your phone rings now.", "good")
        return redirect(url_for("console.account"), HTTPStatus.SEE_OTHER)

    @pages.post("/account/end")
    @allowed(Role.RESPONDER)
    def end_visit() -> ResponseReturnValue:
        """Sign a browser out: one's own, or for supervisors anybody's."""
        key = request.form.get("visit", "")
        chosen = next((one for one in _mine(line) if _key(line, one) == key), None)
        if chosen is None:
            flash("That one is signed out already.", "warn")
        else:
            line.console.end_visit(chosen.id)
            line.store.transact(lambda tx: tx.audit("ended_visit", staff=me().staff.id, whose=chosen.staff_id))
            flash(f"{line.errands.name(chosen.staff_id)} is signed out there.", "good")
        return redirect(url_for("console.account"), HTTPStatus.SEE_OTHER)


def _mine(line: Services) -> tuple[Visit, ...]:
    visits, now = line.console.visits(), line.clock()
    all_of_them = me().may(Role.SUPERVISOR)
    return tuple(one for one in visits if not one.over(now) and (all_of_them or one.staff_id == me().staff.id))


def _as_shown(line: Services, visit: Visit) -> dict[str, object]:
    """A visit without its id, which is what its cookie holds."""
    return {
        "id": visit.id if visit.id == me().visit.id else "",
        "key": _key(line, visit),
        "staff_id": visit.staff_id,
        "device": visit.device,
        "shared": visit.shared,
        "since": visit.since,
        "seen": visit.seen,
    }


def _key(line: Services, visit: Visit) -> str:
    return line.store.vault.keyed("visit", visit.id)


def _test(tx: Transaction, line: Services, by: Contact) -> None:
    staff, now = me().staff, line.clock()
    channel = Channel.SMS if by is Contact.SMS else Channel.VOICE
    text = line.content.catalogue.text(Prompt("test_ring", staff.languages[0]), channel)
    letter = Letter(
        id=f"t{secrets.token_hex(10)}", kind=LetterKind.TEST, to=staff.phone, text=text, by=by,
        language=staff.languages[0], until=now + TEST_LASTS,
    )  # fmt: skip
    tx.post_letter(letter, now)
    tx.audit("test_ring", staff=staff.id, by=by.value)
