"""One case: how it stands, what was said, what happened, what can be done."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.case import CALLER, Case
from flows.events import Channel
from flows.ledger import Contact
from flows.roster import Role, everyone
from flows.session import Session
from flows.step import Prompt
from helpline.console import case_lines
from helpline.console.access import allowed, may_open, may_read, me
from helpline.console.acting import unsafe_until
from helpline.console.asked import Answered, answered, meaning, written
from helpline.console.board import CHANGES, names
from helpline.console.board_rows import row_of
from helpline.console.numbers import masked
from helpline.store.spoken import BOT, Spoken
from helpline.wiring import Services

READY = "ready_"
OTHER_CONTACTS = 10  # shown


def add(pages: Blueprint, line: Services, _limiter: Limiter) -> None:
    """The case's addresses."""

    @pages.get("/cases/<case_id>")
    @allowed(Role.RESPONDER)
    def case(case_id: str) -> ResponseReturnValue:
        """The whole page."""
        found = open_to_me(line, case_id)
        changes = line.console.changes()
        line.store.transact(lambda tx: tx.audit("viewed_case", staff=me().staff.id, case=case_id))
        return render_template("console/case.html", changes=changes, **shown(line, found))

    @pages.get("/cases/<case_id>/parts")
    @allowed(Role.RESPONDER)
    def case_parts(case_id: str) -> ResponseReturnValue:
        """The parts that change, if anything changed since `since`."""
        changes = line.console.changes()
        if request.args.get("since") == str(changes):
            return "", HTTPStatus.NO_CONTENT
        page = Response(render_template("console/_case.html", **shown(line, open_to_me(line, case_id))))
        page.headers[CHANGES] = str(changes)
        return page

    @pages.get("/cases/<case_id>/voicemail/<int:place>")
    @allowed(Role.RESPONDER)
    def voicemail(case_id: str, place: int) -> ResponseReturnValue:
        """The caller's spoken message; that it was played is written down first."""
        found = open_to_me(line, case_id)
        messages = line.voicemail.of_case(case_id)
        sound = line.voicemail.sound(messages[place]) if may_read(me(), found) and place < len(messages) else None
        if sound is None:
            abort(HTTPStatus.NOT_FOUND)
        line.store.transact(lambda tx: tx.audit("played_voicemail", staff=me().staff.id, case=case_id))
        return Response(sound, mimetype="audio/wav")


def open_to_me(line: Services, case_id: str) -> Case:
    """The case, if there is one that this person may open; else 404, which does not tell the two apart."""
    found = line.store.case(case_id)
    if found is None or not may_open(me(), found):
        abort(HTTPStatus.NOT_FOUND)
    return found


def shown(line: Services, case: Case) -> dict[str, object]:
    """Everything the page shows. What this person may not read is not put into it at all."""
    now, roster, reads = line.clock(), line.roster.now(), may_read(me(), case)
    named = names(roster)
    caller = line.store.caller(case.caller_key) if reads else None
    others = [roster.staff_member(staff_id) for staff_id in everyone(roster, now) if staff_id != me().staff.id]

    def who(staff_id: str) -> str:
        return {"": "the line", "caller": "the caller"}.get(staff_id) or named.get(staff_id, "somebody who left")

    def asked(note: str) -> Answered | None:
        return written(line.content.live, me().staff.languages[0], note)

    events = [
        (entry.at, case_lines.sentence(entry, who, asked, words=reads))
        for entry in line.store.timeline(case.id)
        if case_lines.told(entry)
    ]
    return {
        "case": case,
        "row": row_of(case, me().staff.id, who),
        "reads": reads,
        "reason": case_lines.reason(case.reason),
        "unsafe": unsafe_until(case, now) if not case.closed else None,
        "mine": case.owner == me().staff.id,
        "number": masked(caller.number if caller else None) if reads else "",
        "words": _with_meaning(line.console.words(case.id)) if reads else (),
        "answers": _answers(line, case) if reads else (),
        "voicemails": line.voicemail.of_case(case.id) if reads else (),
        "earlier": _earlier(line, case) if reads else (),
        "contacts": _other_contacts(line, case) if reads else (),
        "events": list(reversed(events)),
        "others": [one for one in others if one],
        "ready": ready(line, case.language) if case.owner == me().staff.id else (),
        "who": who,
        "now": now,
    }


def ready(line: Services, language: str) -> tuple[tuple[str, str], ...]:
    """The ready answers of the content, in the caller's language: id and text."""
    catalogue = line.content.catalogue
    ids = sorted(name for name in catalogue.messages[catalogue.default] if name.startswith(READY))
    return tuple((name, catalogue.text(Prompt(name, language), Channel.SMS)) for name in ids)


def _with_meaning(words: tuple[Spoken, ...]) -> tuple[tuple[Spoken, str], ...]:
    """What was said, and for a caller's bare number what it stood for under the bot's question before it."""
    asked, shown = "", []
    for one in words:
        shown.append((one, meaning(asked, one.text) if one.who == CALLER else ""))
        asked = one.text if one.who == BOT else asked
    return tuple(shown)


def _earlier(line: Services, case: Case) -> tuple[Case, ...]:
    return tuple(other for other in line.console.earlier_cases(case.caller_key) if other.id != case.id)


def _other_contacts(line: Services, case: Case) -> tuple[Contact, ...]:
    """When else the caller reached the line; what belongs to a case is told there."""
    return tuple(one for one in line.store.contacts_of(case.caller_key) if not one.case_id)[:OTHER_CONTACTS]


def _answers(line: Services, case: Case) -> tuple[Answered, ...]:
    """What the caller answered to the bot's questions, over all conversations of the case."""

    def read(session_id: str) -> Session | None:
        return line.store.transact(lambda tx: tx.session(session_id))

    sessions = [session for session_id in case.sessions if (session := read(session_id)) is not None]
    content, language = line.content.live, me().staff.languages[0]
    found = (
        answered(content, language, question, given)
        for session in sessions
        for question, given in session.answers.items()
    )
    return tuple(one for one in found if one is not None)
