"""What callers' texts and calls come in by."""

import structlog
from flask import Blueprint, Response, request

from flows import bridging, handling
from flows.case import Case, CaseState
from flows.holding import Told
from flows.step import Prompt
from helpline import arrival
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.limits import Verdict
from helpline.outbox import Bell, Job
from helpline.webhooks import short
from helpline.webhooks.gate import nothing, twiml
from helpline.wiring import Services

log = structlog.get_logger()


def blueprint(line: Services) -> Blueprint:
    """The caller's addresses."""
    pages = Blueprint("callers", __name__)
    _texts(pages, line)
    _calls(pages, line)
    _holding(pages, line)
    _leaving(pages, line)
    return pages


def _texts(pages: Blueprint, line: Services) -> None:
    @pages.post("/sms")
    @pages.post("/sms/fallback")
    def text() -> Response:
        """A text: a staff member's to the desk, anybody else's to their conversation."""
        message = arrival.text_message(request.form, line.store.vault, line.clock(), line.dialable)
        sender = message.number
        if sender == line.settings.helpline_number:
            return twiml(sms.twiml(()))  # our own text come back: an answer would come back too
        staff = line.roster.staff_with_number(sender) if sender else None
        if sender and (verified := line.numbers.confirmed(sender, message)) is not None:
            return twiml(verified)
        if staff is not None and (answer := line.staff.text(staff, message)) is not None:
            return twiml(answer)
        return twiml(short.text(line, message))


def _calls(pages: Blueprint, line: Services) -> None:
    @pages.post("/voice")
    def call() -> Response:
        """A call begins."""
        arrived = arrival.call(request.form, line.store.vault, line.clock())
        return twiml(short.call(line, arrived))

    @pages.post("/voice/short")
    def said_again() -> Response:
        """The short answer once more, to whoever still listens; any key goes on into the conversation."""
        arrived = arrival.call(request.form, line.store.vault, line.clock())
        blocked = request.args.get("w") == Verdict.BLOCKED.value
        return twiml(short.said(line, arrived, Verdict.BLOCKED if blocked else Verdict.LIMITED))

    @pages.post("/voice/fallback")
    def back() -> Response:
        """A call that the safe answer or Twilio's fallback sent here goes on where it was."""
        return twiml(line.conversations.take(arrival.call_again(request.form, line.store.vault, line.clock())))

    @pages.post("/voice/turn")
    def turn() -> Response:
        """A key, words or silence at the question of session version `v`."""
        version = request.args.get("v", "0")
        form, vault = request.form, line.store.vault
        return twiml(line.conversations.take(arrival.call_turn(form, vault, line.clock(), version, line.dialable)))

    @pages.post("/voice/recorded")
    def recorded() -> Response:
        """A spoken message is done, or the caller hung up in the middle of it."""
        return twiml(line.conversations.take(arrival.recording(request.form, line.store.vault, line.clock())))

    @pages.post("/voice/status")
    def status() -> Response:
        """The caller's call has ended, if it says so in a known word; else the check of live calls finds out."""
        ended = arrival.call_ended(request.form, line.store.vault, line.clock())
        if request.form.get("CallStatus", "") not in arrival.CALL_OVER:
            return nothing()
        _, case = line.conversations.waiting(ended)
        line.conversations.take(ended)
        if case is not None and ended.call_sid:
            line.dispatch.call_over(case.id, ended.call_sid)
        return nothing()


def _holding(pages: Blueprint, line: Services) -> None:
    @pages.post("/voice/hold")
    def hold() -> Response:
        """The truth about how the search for a human stands; on to the bridge as soon as there is one."""
        held = arrival.call_turn(request.form, line.store.vault, line.clock(), "hold")
        session, case = line.conversations.waiting(held)
        version = request.args.get("v", "0")
        if case is None:
            return twiml(line.voice().to(line.addresses.of("voice/turn", {"v": version})))
        if case.bridge is not None and case.bridge.staff_in and not case.bridge.caller_in:
            return twiml(line.voice().to(line.addresses.of("voice/join", {"c": case.id})))
        _note_out_of_room(line, case, held)
        _note_on_line(line, case, held)
        return twiml(line.hold.document(session, case, _told()))

    @pages.post("/voice/join")
    def join() -> Response:
        """Into the room of the case, where the staff member waits."""
        case = line.store.case(request.args.get("c", ""))
        if case is None or case.bridge is None:
            return twiml(line.voice().to(line.addresses.of("voice/hold")))
        prompt = Prompt("joining", case.language, line.errands.facts(case))
        return twiml(line.room((prompt,), case, "voice/after"))


def _leaving(pages: Blueprint, line: Services) -> None:
    @pages.post("/voice/after")
    def after() -> Response:
        """The room is left: on hold again while the case needs a human, else one question and goodbye."""
        case = line.store.case(request.args.get("c", ""))
        if case is not None and not (case.closed or case.awaits_outcome):
            return twiml(line.voice().to(line.addresses.of("voice/hold", {"out": request.args.get("n", "0")})))
        if case is None or case.rated or case.contact_at is None:
            return twiml(line.voice().say_and_hang_up((Prompt("goodbye", _language(line, case)),)))
        address = line.addresses.of("voice/survey", {"c": case.id})
        return twiml(line.voice().offer((Prompt("survey", case.language),), address, again=address))

    @pages.post("/voice/survey")
    def survey() -> Response:
        """Whether the call helped; any other key, or none, is no answer, and the call ends kindly all the same."""
        case_id = request.args.get("c", "")
        helped = {"1": True, "2": False}.get(request.form.get("Digits", ""))
        if helped is not None:
            line.dispatch.change(case_id, lambda c, now: handling.rated(c, helped, now))
        case = line.store.case(case_id)
        return twiml(line.voice().say_and_hang_up((Prompt("goodbye", _language(line, case)),)))


def _note_out_of_room(line: Services, case: Case, held: Arrival) -> None:
    """A caller who comes from the room is not in it: the report that it ended may come later, or not at all.

    One who asks in any other way may have asked before they went in: then the carrier is asked where they are, for
    the owner may be waiting there, and nobody is to be left alone in a room.
    """
    sid, bridge = held.call_sid, case.bridge
    if not sid or bridge is None or not bridge.caller_in or bridge.caller_call != sid:
        return
    if arrival.count(request.args.get("out", "0")) == bridge.n:
        line.dispatch.change(case.id, lambda c, now: bridging.room_left(c, sid, now, on_line=True, n=bridge.n))
    else:
        line.store.ring(Bell(Job.CHECK, (case.id,)))


def _note_on_line(line: Services, case: Case, held: Arrival) -> None:
    """The case learns, once, that its caller is holding."""
    sid = held.call_sid
    if sid and case.on_line_call != sid and case.state is not CaseState.CONNECTED:
        line.dispatch.change(case.id, lambda c, now: bridging.call_started(c, sid, now))


def _told() -> Told:
    """What the caller has been told in this call; it travels with the document's address."""
    rounds = request.args.get("n", "0")
    return Told(request.args.get("t", ""), arrival.count(rounds))


def _language(line: Services, case: Case | None) -> str:
    return line.content.catalogue.default if case is None else case.language
