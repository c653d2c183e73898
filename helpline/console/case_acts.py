"""The buttons of a case. Each posts a form, is written down before anything is said, and comes back to the case."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows import bridging, chatting, claims, handling
from flows.case import Case, Lines, Outcome, Refused
from flows.claims import AlreadyClosed, Claimed, StaleCode, TakenBy
from flows.roster import Role, StaffId
from helpline.arrival import clean
from helpline.console.access import allowed, may_read, me
from helpline.console.acting import Also, Change, act, claim, refused, unsafe_until
from helpline.console.case_page import open_to_me, ready
from helpline.console.filters import OUTCOME_WORDS
from helpline.console.numbers import shown as readable
from helpline.store import Letter, LetterKind, Spoken, Transaction
from helpline.wiring import Services

LONGEST_NOTE = 2_000
LONGEST_TEXT = 480  # three segments; longer ones are better said in two
CHAT_LASTS = timedelta(minutes=15)  # a text that comes later than this answers something long past


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The addresses of the buttons."""
    _having(pages, line)
    _ending(pages, line)
    for button in BUTTONS:
        _pressing(pages, line, button)
    _writing(pages, line, limiter)
    _looking(pages, line, limiter)


def _having(pages: Blueprint, line: Services) -> None:
    @pages.post("/cases/<case_id>/claim")
    @allowed(Role.RESPONDER)
    def claim_case(case_id: str) -> ResponseReturnValue:
        """Take it; whoever is later is told who has it."""
        open_to_me(line, case_id)
        result = claim(line, case_id, me().staff.id)
        match result:
            case Claimed(case, _):
                flash(f"Case {case.code} is yours. {_next(case, line.clock())}", "good")
                return _to_case(case_id)
            case TakenBy(other):
                flash(f"{line.errands.name(other)} already has this case. You need do nothing.", "warn")
            case AlreadyClosed(_, by):
                who = "The caller" if by == "caller" else line.errands.name(by) or "Somebody"
                flash(f"{who} has closed this case. You need do nothing.", "warn")
            case StaleCode() | None:
                abort(HTTPStatus.NOT_FOUND)
        return redirect(url_for("console.board"), HTTPStatus.SEE_OTHER)

    @pages.post("/cases/<case_id>/pass")
    @allowed(Role.RESPONDER)
    def pass_case(case_id: str) -> ResponseReturnValue:
        """Not me, this time; from its owner it gives the case back."""
        who = me().staff.id
        return _done(
            line,
            case_id,
            "pass",
            lambda case, now: claims.pass_by(case, who, now),
            "Others are being asked.",
            board=True,
        )

    @pages.post("/cases/<case_id>/give")
    @allowed(Role.RESPONDER)
    def give_case(case_id: str) -> ResponseReturnValue:
        """Hand it to a colleague."""
        to = line.roster.now().staff_member(StaffId(request.form.get("to", "")))
        if to is None or to.id == me().staff.id:
            flash("Choose a colleague first. Nothing was changed.", "warn")
            return _to_case(case_id)
        who = me().staff.id
        said = f"{to.first_name} has it now and is told by text."
        return _done(line, case_id, "give", lambda case, now: claims.give(case, who, to=to.id, now=now), said)


def _ending(pages: Blueprint, line: Services) -> None:
    @pages.post("/cases/<case_id>/close")
    @allowed(Role.RESPONDER)
    def close_case(case_id: str) -> ResponseReturnValue:
        """Say how it ended."""
        chosen = request.form.get("outcome", "")
        if chosen not in OUTCOME_WORDS or chosen == Outcome.WITHDRAWN_BY_CALLER:
            flash("Choose how it ended. The case is still open.", "warn")
            return _to_case(case_id)
        who = me().staff.id
        return _done(
            line, case_id, "close", lambda case, now: handling.close(case, Outcome(chosen), by=who, now=now),
            "The case is closed. Thank you.", board=True,
        )  # fmt: skip

    @pages.post("/cases/<case_id>/judge")
    @allowed(Role.RESPONDER)
    def judge_case(case_id: str) -> ResponseReturnValue:
        """Say whether the danger was rightly heard; counted, so that the words the line listens for get better."""
        found, who, now = open_to_me(line, case_id), me().staff.id, line.clock()
        verdict, danger = request.form.get("verdict", ""), request.form.get("danger", "")
        if verdict not in {"right", "wrong"} or danger not in found.dangers or not may_read(me(), found):
            flash("That could not be judged. Nothing was changed.", "warn")
            return _to_case(case_id)

        def also(tx: Transaction, _case: Case) -> None:
            tx.count(now, f"judged_{verdict}.{danger}")

        said = f"{danger.replace('_', ' ')}: heard {'rightly' if verdict == 'right' else 'wrongly'}"
        return _done(
            line, case_id, "judged", lambda case, at: handling.note(case, who, said, at), "Thank you. It is counted.",
            also=also,
        )  # fmt: skip

    @pages.post("/cases/<case_id>/note")
    @allowed(Role.RESPONDER)
    def note_case(case_id: str) -> ResponseReturnValue:
        """Keep a note, also in a closed case."""
        text = clean(request.form.get("text", ""))[:LONGEST_NOTE].strip()
        if not text or not may_read(me(), open_to_me(line, case_id)):
            flash("The note is empty, or this case is not yours. Nothing was kept.", "warn")
            return _to_case(case_id)
        who = me().staff.id
        return _done(line, case_id, "note", lambda case, now: handling.note(case, who, text, now), "The note is kept.")


@dataclass(frozen=True, slots=True)
class Button:
    """An act that is only its button: the end of its address, what it does, and what is said when it is done."""

    word: str
    change: Callable[[Case, StaffId, datetime], tuple[Case, Lines] | Refused]
    said: str


BUTTONS = (
    Button("call", bridging.call_now, "Your phone rings now. Press 1 on it, and the caller is called."),
    Button("take-over", chatting.take_over, "You write with the caller now. The bot keeps silent, except in danger."),
    Button("give-back", chatting.give_back, "The bot answers the caller again. The case stays yours."),
)


def _pressing(pages: Blueprint, line: Services, button: Button) -> None:
    name = button.word.replace("-", "_")

    @pages.post(f"/cases/<case_id>/{button.word}", endpoint=f"{name}_case")
    @allowed(Role.RESPONDER)
    def press(case_id: str) -> ResponseReturnValue:
        """Do what the button says, for whoever has the case."""
        who, found = me().staff.id, open_to_me(line, case_id)
        if button.word == "call" and request.form.get("anyway") != "1" and unsafe_until(found, line.clock()):
            flash("The caller said that a call is not safe now, so nobody was called. Look at their times.", "warn")
            return _to_case(case_id)
        return _done(line, case_id, name, lambda case, now: button.change(case, who, now), button.said)


def _writing(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    @pages.post("/cases/<case_id>/write")
    @allowed(Role.RESPONDER)
    @limiter.limit("60 per minute")
    def write(case_id: str) -> ResponseReturnValue:
        """Text the caller, from the helpline's number."""
        found, who, now = open_to_me(line, case_id), me().staff.id, line.clock()
        text = _to_send(line, found)
        caller = line.store.caller(found.caller_key) if found.owner == who else None
        if not text or len(text) > LONGEST_TEXT:
            flash(f"Nothing was sent: write between 1 and {LONGEST_TEXT} letters.", "warn")
            return _to_case(case_id)
        number = caller.number if caller else None
        if number is None:
            flash("Nothing was sent: the case is not yours, or the caller has no number we can text.", "warn")
            return _to_case(case_id)
        letter = Letter(
            id=f"c{secrets.token_hex(10)}", kind=LetterKind.CHAT, to=number, text=text,
            until=now + CHAT_LASTS, language=found.language, case_id=case_id,
            first=found.contact_at is None,
        )  # fmt: skip

        def also(tx: Transaction, _case: Case) -> None:
            tx.post_letter(letter, now)
            tx.say(case_id, Spoken(now, who, text))

        return _done(line, case_id, "write", lambda case, at: chatting.wrote(case, who, at), "", also=also)


def _looking(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    @pages.post("/cases/<case_id>/number")
    @allowed(Role.RESPONDER)
    @limiter.limit("30 per hour")
    def number(case_id: str) -> ResponseReturnValue:
        """Show the caller's number once; that it was shown is written down first."""
        found = open_to_me(line, case_id)
        if not may_read(me(), found):
            abort(HTTPStatus.NOT_FOUND)
        caller = line.store.caller(found.caller_key)
        line.store.transact(lambda tx: tx.audit("revealed_number", staff=me().staff.id, case=case_id))
        return render_template(
            "console/number.html", case=found, number=readable(caller.number) if caller and caller.number else None
        )


def _done(  # noqa: PLR0913  what is done, what is said, where to go on
    line: Services, case_id: str, what: str, change: Change, said: str, *, board: bool = False, also: Also | None = None
) -> ResponseReturnValue:
    """Do it, and say what came of it."""
    open_to_me(line, case_id)
    result = act(line, case_id, me().staff.id, what, change, also)
    if result is None:
        abort(HTTPStatus.NOT_FOUND)
    if isinstance(result, Refused):
        flash(refused(result.reason), "warn")
    elif said:
        flash(said, "good")
    to_board = board and not isinstance(result, Refused)
    return redirect(url_for("console.board"), HTTPStatus.SEE_OTHER) if to_board else _to_case(case_id)


def _to_case(case_id: str) -> ResponseReturnValue:
    return redirect(url_for("console.case", case_id=case_id), HTTPStatus.SEE_OTHER)


def _next(case: Case, now: datetime) -> str:
    if unsafe_until(case, now):
        return "It is not safe to call them now: the line waits for the time they named. Read it here first."
    if case.joinable:
        return "Your phone rings now; press 1 on it to be connected."
    return "The caller wants texts: write with them here." if case.may_text else "Read what is known, and decide."


def _to_send(line: Services, case: Case) -> str:
    """What was typed, or the ready answer that was chosen; it was read on the page and is sent as it stands there."""
    chosen = dict(ready(line, case.language)).get(request.form.get("ready", ""), "")
    return chosen or clean(request.form.get("text", "")).strip()
