"""What staff phones come in by when the line calls them, and the caller's phone when it is called for a bridge."""

from flask import Blueprint, Response, request

from flows import claims, handling
from flows.case import Case, ClaimVia
from flows.claims import AlreadyClosed, Claimed, StaleCode, TakenBy
from flows.pages import Page, Purpose, case_of
from flows.step import Prompt
from helpline.arrival import count
from helpline.staff.desk import OUTCOMES, taken
from helpline.webhooks.gate import twiml
from helpline.wiring import Services

TAKE = "1"
MACHINES = ("machine", "fax")  # how the words of Twilio for a machine begin; anything else may be a person


def blueprint(line: Services) -> Blueprint:
    """The addresses of calls made by the line."""
    pages = Blueprint("staff", __name__)
    _offers(pages, line)
    _after_talk(pages, line)
    _caller_leg(pages, line)
    _letters(pages, line)
    return pages


def _letters(pages: Blueprint, line: Services) -> None:
    @pages.post("/letter")
    def letter() -> Response:
        """A letter that goes by call was picked up; it is said twice, and nothing can be pressed."""
        found = line.post.letter(request.args.get("l", ""))
        if found is None:
            return twiml(line.voice().say_and_hang_up((Prompt("goodbye", line.content.catalogue.default),)))
        return twiml(line.voice().letter(found.text, found.language))


def _offers(pages: Blueprint, line: Services) -> None:
    @pages.post("/staff/offer")
    def offer() -> Response:
        """A staff phone was picked up: code and level, and one key to take it."""
        case, page = _of_page(line)
        if case is None or page is None or case.closed:
            return twiml(line.voice().say_and_hang_up((Prompt("already_taken_care_of", _language(line, page)),)))
        if case.owner not in {None, page.staff_id}:
            return _said_who(line, case, page)
        message = "page_call" if page.purpose is Purpose.PAGE else "connect_call"
        prompt = Prompt(message, _language(line, page), line.errands.facts(case))
        said = count(request.args.get("n", "0"))
        again = None if said else line.addresses.of("staff/offer", {"p": page.id, "n": 1})
        return twiml(line.voice().offer((prompt,), line.addresses.of("staff/key", {"p": page.id}), again))

    @pages.post("/staff/key")
    def key() -> Response:
        """The key decides; what is said about it is said after it is written."""
        case, page = _of_page(line)
        if case is None or page is None:
            return twiml(line.voice().say_and_hang_up((Prompt("already_taken_care_of", _language(line, page)),)))
        match request.form.get("Digits", ""):
            case "1":
                return _take(line, case, page)
            case "2" if case.owner not in {None, page.staff_id}:
                return _said_who(line, case, page)
            case "2":
                line.dispatch.change(case.id, lambda c, now: claims.pass_by(c, page.staff_id, now))
                return _said(line, page, "passed", case)
            case _:
                return twiml(line.voice().to(line.addresses.of("staff/offer", {"p": page.id, "n": 1})))


def _take(line: Services, case: Case, page: Page) -> Response:
    call = request.form.get("CallSid", "")
    result = line.dispatch.claim(case.id, page.staff_id, via=ClaimVia.CALL, call=call)
    match result:
        case Claimed(held, _):
            line.pager.picked_up(page.staff_id, page.id)
            if held.bridge is None or held.bridge.staff_call != call:
                return _said(line, page, taken(held, line.clock()), held)  # they write, or are in the room already
            prompt = Prompt("claimed_you_call", _language(line, page), line.errands.facts(held))
            return twiml(line.room((prompt,), held, "staff/after", staff=True))
        case TakenBy(staff_id):
            return _said(line, page, "claimed_other", case, helper=line.errands.name(staff_id))
        case AlreadyClosed() | StaleCode() | None:
            return _said(line, page, "already_taken_care_of", case)


def _after_talk(pages: Blueprint, line: Services) -> None:
    @pages.post("/staff/told")
    def told() -> Response:
        """Something happened to the call a staff member waits in; then how the case ended is asked."""
        case = line.store.case(request.args.get("c", ""))
        kind = request.args.get("k", "")
        return ask_outcome(line, case, f"call_{kind}")

    @pages.post("/staff/outcome")
    def outcome() -> Response:
        """A key closes the case with that outcome."""
        case = line.store.case(request.args.get("c", ""))
        digits = request.form.get("Digits", "")
        chosen = OUTCOMES.get(count(digits))
        if case is None or case.owner is None or chosen is None:
            return ask_outcome(line, case, "")
        who = case.owner
        closed = line.dispatch.change(case.id, lambda c, now: handling.close(c, chosen, by=who, now=now))
        done = "outcome_done" if closed is not None else "already_taken_care_of"
        return twiml(
            line.voice().say_and_hang_up((Prompt(done, line.errands.language(who), line.errands.facts(case)),))
        )


def ask_outcome(line: Services, case: Case | None, first: str = "") -> Response:
    """Asks the owner how the case ended, after what happened has been said."""
    if case is None or case.closed or case.owner is None:
        return twiml(line.voice().say_and_hang_up((Prompt("goodbye", line.content.catalogue.default),)))
    language, facts = line.errands.language(case.owner), line.errands.facts(case)
    prompts = tuple(Prompt(message, language, facts) for message in (first, "outcome_ask_call") if message)
    return twiml(line.voice().offer(prompts, line.addresses.of("staff/outcome", {"c": case.id}), None))


def _caller_leg(pages: Blueprint, line: Services) -> None:
    @pages.post("/caller/screen")
    def screen() -> Response:
        """The caller's phone was picked up, by whom is not known: neutral words, and a key before anything else."""
        case, page = _of_page(line)
        if case is None or page is None or case.bridge is None:
            return twiml(line.voice().say_and_hang_up(()))
        if request.form.get("AnsweredBy", "").startswith(MACHINES):
            return _machine(line, case)
        prompt = Prompt("caller_screen", case.language, {})
        return twiml(line.voice().offer((prompt,), line.addresses.of("caller/key", {"p": page.id}), None))

    @pages.post("/caller/key")
    def caller_key() -> Response:
        """One key brings the caller in; anything else ends the call without a word.

        Whoever presses it just after the owner has hung up holds, and the owner is rung again; their page may be gone.
        """
        case, _ = _of_page(line)
        if case is None or case.closed or request.form.get("Digits", "") != TAKE:
            return twiml(line.voice().say_and_hang_up(()))
        line.conversations.enter(request.form.get("CallSid", ""), case, line.clock())
        if case.bridge is None or not case.bridge.staff_in:
            return twiml(line.voice().to(line.addresses.of("voice/hold")))
        prompt = Prompt("joining", case.language, line.errands.facts(case))
        return twiml(line.room((prompt,), case, "voice/after"))


def _machine(line: Services, case: Case) -> Response:
    """An answering machine: neutral words if the caller allowed them, else nothing at all."""
    if not case.may_leave_message:
        return twiml(line.voice().say_and_hang_up(()))
    line.dispatch.change(case.id, handling.message_left)
    return twiml(line.voice().say_and_hang_up((Prompt("caller_voicemail", case.language),)))


def _of_page(line: Services) -> tuple[Case | None, Page | None]:
    page_id = request.args.get("p", "")
    case = line.store.case(case_of(page_id))
    return case, None if case is None else case.page(page_id)


def _language(line: Services, page: Page | None) -> str:
    return line.content.catalogue.default if page is None else line.errands.language(page.staff_id)


def _said_who(line: Services, case: Case, page: Page) -> Response:
    """A colleague has it, perhaps since this phone began to ring: nobody is to wonder whether they are needed."""
    return _said(line, page, "claimed_other", case, helper=line.errands.name(case.owner or ""))


def _said(line: Services, page: Page, message: str, case: Case, *, helper: str = "") -> Response:
    facts = {**line.errands.facts(case), **({"helper": helper} if helper else {})}
    return twiml(line.voice().say_and_hang_up((Prompt(message, _language(line, page), facts),)))
