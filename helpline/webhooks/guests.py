"""What the phone of a third person comes in by: a colleague presses a key, the crisis line is simply put through."""

from flask import Blueprint, Response, request

from flows import third_party
from flows.case import Case, GuestKind, NoticeKind
from flows.pages import Page, case_of
from flows.step import Prompt
from helpline.webhooks.gate import twiml
from helpline.wiring import Services

JOIN = "1"


def blueprint(line: Services) -> Blueprint:
    """The addresses of calls to a third person."""
    pages = Blueprint("guests", __name__)

    @pages.post("/guest/offer")
    def offer() -> Response:
        """Picked up: level and code, and one key to join; the crisis line has its own menu and presses nothing."""
        case, page = _of_page(line)
        if case is None or page is None or not _wanted(case):
            return _no_longer(line, case, page)
        if case.guest is not None and case.guest.kind is GuestKind.LIFELINE:
            return _join(line, case, page)
        prompt = Prompt("guest_offer", line.errands.language(page.staff_id), line.errands.facts(case))
        return twiml(line.voice().offer((prompt,), line.addresses.of("guest/key", {"p": page.id}), None))

    @pages.post("/guest/key")
    def key() -> Response:
        """The key decides; whoever comes second is told that somebody is there."""
        case, page = _of_page(line)
        if case is None or page is None or request.form.get("Digits", "") != JOIN:
            return _no_longer(line, case, page)
        return _join(line, case, page)

    @pages.post("/guest/told")
    def told() -> Response:
        """The talk they had joined is over; without this they would sit in an empty room."""
        catalogue, asked = line.content.catalogue, request.args.get("l", "")
        language = asked if asked in catalogue.languages else catalogue.default
        return twiml(line.voice().say_and_hang_up((Prompt(f"call_{NoticeKind.CALLER_LEFT}", language),)))

    @pages.post("/guest/after")
    def after() -> Response:
        """Out of the room."""
        case = line.store.case(request.args.get("c", ""))
        language = line.content.catalogue.default if case is None else case.language
        return twiml(line.voice().say_and_hang_up((Prompt("goodbye", language),)))

    return pages


def _of_page(line: Services) -> tuple[Case | None, Page | None]:
    page_id = request.args.get("p", "")
    case = line.store.case(case_of(page_id))
    return case, None if case is None else case.page(page_id)


def _wanted(case: Case) -> bool:
    call = request.form.get("CallSid", "")
    return not case.closed and case.guest is not None and case.guest.call in {"", call}


def _join(line: Services, case: Case, page: Page) -> Response:
    call = request.form.get("CallSid", "")
    coming = line.dispatch.change(case.id, lambda c, now: third_party.takes_part(c, page.staff_id, call, now))
    return _no_longer(line, case, page) if coming is None else twiml(line.room((), coming, "guest/after"))


def _no_longer(line: Services, case: Case | None, page: Page | None) -> Response:
    language = line.content.catalogue.default if page is None else line.errands.language(page.staff_id)
    facts = {} if case is None else line.errands.facts(case)
    return twiml(line.voice().say_and_hang_up((Prompt("already_taken_care_of", language, facts),)))
