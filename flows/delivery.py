"""What workers and the carrier report about the pages of a case."""

from dataclasses import replace
from datetime import datetime, timedelta

from flows import pages
from flows.bridging import caller_unreached, owner_unreached
from flows.case import Case, CaseState, Line, LineKind, Lines, NoticeKind, Reason, Refused
from flows.handling import Transition
from flows.notices import finished, with_notice
from flows.pages import Page, PageState, Purpose


def page_leased(case: Case, page_id: str, *, token: str, now: datetime) -> Transition:
    """The page is this worker's to send, until its lease is over; refused when it is not, or no longer, to be sent."""
    page = case.page(page_id)
    if page is None:
        return Refused(Reason.NO_SUCH_PAGE)
    held = pages.lease(page, token, now, case.policy)
    return Refused(Reason.NOT_DUE) if held is None else _with_page(case, page, held, now)


def page_held(case: Case, page_id: str, *, until: datetime) -> Transition:
    """The page stays due and waits: that person's phone has enough to do just now."""
    page = case.page(page_id)
    if page is None or page.state is not PageState.DUE:
        return Refused(Reason.NOT_DUE)
    return finished(replace(case, pages=tuple(_waiting(one, page_id, until) for one in case.pages)))


def _waiting(page: Page, page_id: str, until: datetime) -> Page:
    return replace(page, next_at=until) if page.id == page_id else page


def page_accepted(case: Case, page_id: str, *, sid: str, now: datetime) -> Transition:
    """The carrier has it. If the page was given up meanwhile its call is stopped by the next plan."""
    page = case.page(page_id)
    return Refused(Reason.NO_SUCH_PAGE) if page is None else _with_page(case, page, pages.accepted(page, sid, now), now)


def page_uncertain(case: Case, page_id: str, *, token: str, now: datetime) -> Transition:
    """The request was sent and its answer lost: the carrier is asked before anything is sent again."""
    page = case.page(page_id)
    if page is None:
        return Refused(Reason.NO_SUCH_PAGE)
    return _with_page(case, page, pages.uncertain(page, token, now), now)


def page_not_found(case: Case, page_id: str, *, now: datetime) -> Transition:
    """The carrier, asked, does not know the uncertain page."""
    page = case.page(page_id)
    return Refused(Reason.NO_SUCH_PAGE) if page is None else _with_page(case, page, pages.not_found(page, now), now)


def page_refused(case: Case, page_id: str, *, token: str, code: str, now: datetime) -> Transition:
    """The carrier will not send it: `code` is its error number, or the HTTP status if it gave none."""
    page = case.page(page_id)
    if page is None:
        return Refused(Reason.NO_SUCH_PAGE)
    return _with_page(case, page, pages.refused(page, token, code), now)


def page_unavailable(
    case: Case, page_id: str, *, token: str, now: datetime, wait: timedelta | None = None
) -> Transition:
    """The carrier refused for now and processed nothing; `wait` is its Retry-After, if it gave one."""
    page = case.page(page_id)
    if page is None:
        return Refused(Reason.NO_SUCH_PAGE)
    until = max(pages.back_off(page, now, case.policy), now + (wait or timedelta(0)))
    return _with_page(case, page, pages.unavailable(page, token, until, case.policy), now)


def page_status(case: Case, page_id: str, *, sid: str, status: str, now: datetime, error: str = "") -> Transition:
    """One of the carrier's status callbacks, in whatever order and however often it comes."""
    page = case.page(page_id)
    if page is None:
        return Refused(Reason.NO_SUCH_PAGE)
    return _with_page(case, page, pages.outcome(page, sid, status, error, now), now)


def _with_page(case: Case, old: Page, new: Page, now: datetime) -> Transition:
    if new == old:
        return case, ()
    held = replace(case, pages=tuple(new if page.id == new.id else page for page in case.pages))
    if new.state is old.state:
        return finished(held)
    detail = {"page": new.id, "state": new.state, "channel": new.channel, "error": new.error}
    line = Line(now, LineKind.PAGE_STATE, new.staff_id, {name: word for name, word in detail.items() if word})
    return finished(*_consequences(held, new, now, line))


def _consequences(case: Case, page: Page, now: datetime, line: Line) -> tuple[Case, *Lines]:
    """What a page's new state means for the case beyond the page."""
    if page.purpose is Purpose.PAGE:
        return _alerted(case, page, now), line
    if page.state is not PageState.FAILED_FINAL:
        return case, line
    if page.purpose is Purpose.GUEST:
        return case, line
    if page.purpose is Purpose.OWNER:
        return owner_unreached(case, now), line
    left, why = caller_unreached(case, page.error, now)
    return left, line, why


def _alerted(case: Case, page: Page, now: datetime) -> Case:
    """The caller may be told that staff are alerted once the carrier has taken a page, and not before."""
    taken = page.state in {PageState.ACCEPTED, PageState.SENT} or page.received
    if not taken or NoticeKind.ALERTED in case.told or case.state is CaseState.CLOSED:
        return case
    known = replace(case, told=(*case.told, NoticeKind.ALERTED))
    return with_notice(known, NoticeKind.ALERTED, now) if case.waiting else known
