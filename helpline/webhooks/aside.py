"""What an owner can do who stepped out of the room: go back, bring somebody in, give the case to others."""

from flask import Blueprint, Response, request

from flows import third_party
from flows.case import NOBODY, Case, ClaimVia, GuestKind
from flows.claims import Claimed
from flows.step import Prompt
from helpline.webhooks.gate import twiml
from helpline.webhooks.staff import ask_outcome
from helpline.wiring import Services


def blueprint(line: Services) -> Blueprint:
    """The addresses behind `*`."""
    pages = Blueprint("aside", __name__)

    @pages.post("/staff/after")
    def after() -> Response:
        """Out of the room while their phone is still up: the owner stepped out, or the talk is over."""
        case_id, call = request.args.get("c", ""), request.form.get("CallSid", "")
        if request.form.get("CallStatus", "") != "in-progress":  # they hung up; Twilio asks here all the same
            line.dispatch.call_over(case_id, call)
            return ask_outcome(line, line.store.case(case_id))
        out = line.dispatch.change(case_id, lambda c, now: third_party.stepped_out(c, call, now))
        return ask_outcome(line, line.store.case(case_id)) if out is None else _asked(line, out)

    @pages.post("/staff/aside")
    def aside() -> Response:
        """The key says which; an owner who presses none is rung again, and the case opens after the lease."""
        case = line.store.case(request.args.get("c", ""))
        if case is None or case.closed or case.owner is None:
            return ask_outcome(line, case)
        match request.form.get("Digits", ""):
            case "1":
                result = line.dispatch.claim(
                    case.id, case.owner, via=ClaimVia.CALL, call=request.form.get("CallSid", "")
                )
                return _back(line, result.case if isinstance(result, Claimed) else None, "claimed_you_call")
            case "3":
                return _back(line, _invited(line, case, GuestKind.COLLEAGUE), "guest_on_the_way")
            case "9":
                return _back(line, _invited(line, case, GuestKind.LIFELINE), "guest_on_the_way")
            case "5":
                line.dispatch.release(case.id, case.owner)
                return twiml(line.voice().say_and_hang_up((_words(line, case, "passed"),)))
            case _:
                return _asked(line, case)

    return pages


def _asked(line: Services, case: Case) -> Response:
    address = line.addresses.of("staff/aside", {"c": case.id})
    return twiml(line.voice().offer((_words(line, case, "staff_aside"),), address, None))


def _invited(line: Services, case: Case, kind: GuestKind) -> Case | None:
    call = request.form.get("CallSid", "")
    return line.dispatch.change(case.id, lambda c, now: third_party.invite(c, kind, call, now))


def _back(line: Services, case: Case | None, message: str) -> Response:
    """Into the room again, where the caller is brought too."""
    if case is None:
        return ask_outcome(line, line.store.case(request.args.get("c", "")))
    return twiml(line.room((_words(line, case, message),), case, "staff/after", staff=True))


def _words(line: Services, case: Case, message: str) -> Prompt:
    return Prompt(message, line.errands.language(case.owner or NOBODY), line.errands.facts(case))
