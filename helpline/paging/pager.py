"""Hands pages and calls to the carrier: leased, folded where many are due, and reported whatever becomes of them.

A worker may die at any point of this and the errand be run again: what is uncertain is looked up at the carrier
before it is sent a second time.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from flows import delivery
from flows.case import Case
from flows.folding import Due, fold
from flows.pages import Page, PageState, Purpose
from flows.roster import Contact, StaffId
from helpline.channels.voice import Addresses
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.rest import Callbacks, Gateway, Machine
from helpline.outbox import Bell, Job
from helpline.paging import reports
from helpline.paging.dialling import Dialling
from helpline.paging.dispatch import Change, Dispatch
from helpline.paging.staff_phones import StaffPhones
from helpline.paging.whose_number import WhoseNumber
from helpline.paging.wording import Wording
from helpline.running.fault_points import Faults, Point
from helpline.store import RedisStore

log = structlog.get_logger()

ANSWERS = {Purpose.CALLER: "caller/screen", Purpose.GUEST: "guest/offer"}

LOOK_BACK = timedelta(seconds=5)  # before the lease began, for clocks that differ
NO_NUMBER = "21211"  # the carrier's own code for it


TOO_OFTEN = timedelta(hours=1)  # before a caller who was rung very often is rung again


@dataclass(frozen=True, slots=True)
class Pager:
    """Sends pages and the calls of a bridge."""

    store: RedisStore
    dispatch: Dispatch
    gateway: Gateway
    wording: Wording
    addresses: Addresses
    numbers: WhoseNumber
    phones: StaffPhones
    dialling: Dialling
    faults: Faults
    clock: Callable[[], datetime]

    def send(self, case_id: str, page_id: str) -> None:
        """Hand one page to the carrier, if it is still wanted and nobody else holds it.

        A page to staff takes others that are due with it, and waits while that person's phone has enough to do.
        """
        self.faults.reach(Point.DEQUEUED)
        case = self.store.case(case_id)
        page = None if case is None else case.page(page_id)
        if case is None or page is None or page.state is not PageState.DUE:
            return
        if page.purpose is not Purpose.PAGE:
            token = _token()
            held = self._leased(((case, page),), token)
            if held:
                self._hand_over(held, token)
            return
        wait = self.phones.wait_of(case, page)
        if wait is not None:
            self.dispatch.hold(case_id, page_id, wait)
            return
        self._page(page)

    def _page(self, page: Page) -> None:
        """Everything one text can say, or the one call that is most urgent, to this person."""
        due = self.phones.due_to(page.staff_id, page.channel)
        wanted = {one.id for folded in fold(due) for one in folded.pages}
        token = _token()
        held = self._leased(tuple(one for one in due if one[1].id in wanted), token)
        rings = bool(held) and self._hand_over(held, token)
        if page.channel is Contact.CALL and rings:
            self.phones.rings(*held[0])
        elif page.channel is Contact.CALL:
            self.phones.rings_no_more(page.staff_id, page.id)

    def call_over(self, staff_id: StaffId, page_id: str) -> None:
        """A staff phone has stopped ringing: the next call that waits for it is made.

        The page itself may be gone from its case by now.
        """
        self.picked_up(staff_id, page_id)
        following = fold(self.phones.due_to(staff_id, Contact.CALL))
        if following:
            self.store.ring(Bell(Job.SEND, (following[0].shown[0].id, following[0].pages[0].id)))

    def picked_up(self, staff_id: StaffId, page_id: str) -> None:
        """A staff phone rings no more; whether the person has time is now for the case they took to say."""
        self.phones.rings_no_more(staff_id, page_id)

    def _leased(self, due: tuple[Due, ...], token: str) -> tuple[Due, ...]:
        """Those of the pages that this worker now holds, each leased in its own case."""
        held = ((self.dispatch.leased(case.id, page.id, token), page.id) for case, page in due)
        return tuple((case, page) for case, page_id in held if case is not None and (page := case.page(page_id)))

    def _hand_over(self, held: tuple[Due, ...], token: str) -> bool:
        """One request for all pages held, and a report on each; True if a phone may ring or buzz for it now."""
        self.faults.reach(Point.LEASED)
        number = self.numbers.of(*held[0])
        if number is None:
            self._report(held, lambda page: reports.refused(page, token, NO_NUMBER))
            return False
        mine = tuple(due for due in held if self._still_held(due, token))
        return bool(mine) and self._request(mine, number, token)

    def _request(self, held: tuple[Due, ...], number: str, token: str) -> bool:
        try:
            sid = self._sent(held, number, token)
            self.faults.reach(Point.ANSWER_LOST)
        except Refused as fault:
            code = str(fault.code)
            self._report(held, lambda page: reports.refused(page, token, code))
            return False
        except Unavailable as fault:
            wait = fault.retry_after
            self._report(held, lambda page: reports.unavailable(page, token, wait))
            return False
        except Uncertain:
            self._report(held, lambda page: reports.uncertain(page, token))
            return True
        self.faults.reach(Point.ACCEPTED)
        self._report(held, lambda page: reports.accepted(page, sid))
        log.info("page_accepted", case=held[0][0].id, page=held[0][1].id, channel=held[0][1].channel.value)
        self.faults.reach(Point.WRITTEN)
        return True

    def _sent(self, held: tuple[Due, ...], number: str, token: str) -> str:
        case, page = held[0]
        if len(held) > 1:
            self.store.remember_fold(token, tuple(one.id for _, one in held))
        callbacks = self._callbacks(page, token if len(held) > 1 else "")
        if page.channel is Contact.SMS:
            return self.gateway.text(number, self._words(held), callbacks, valid_for=case.policy.sms_validity)
        if page.purpose is Purpose.CALLER and not self.dialling.may_ring_again(case.caller_key, self.clock()):
            raise Unavailable("this caller was rung as often today as anybody can need", TOO_OFTEN)
        return self.gateway.ring(number, callbacks, ring_for=case.policy.ring_timeout, machine=_machine(case, page))

    def _callbacks(self, page: Page, fold_token: str) -> Callbacks:
        answer = ANSWERS.get(page.purpose, "staff/offer")
        params = {"p": page.id}
        more = {"f": fold_token} if fold_token else {}
        if page.purpose is Purpose.PAGE and page.channel is Contact.CALL:
            more = {"s": page.staff_id}
        return Callbacks(self.addresses.of("status/page", {**params, **more}), self.addresses.of(answer, params))

    def _words(self, held: tuple[Due, ...]) -> str:
        """The text of one page, or of many: code and level only."""
        language = self.wording.language(held[0][1].staff_id)
        (folded,) = fold(held)
        if len(held) == 1:
            case = held[0][0]
            waited = int((self.clock() - case.opened_at).total_seconds() // 60)
            params = {"code": case.code, "level": case.urgency.word.upper(), "minutes": str(waited)}
            return self.wording.text("page", language, params)
        cases = ", ".join(f"{case.code} {case.urgency.word.upper()}" for case in folded.shown)
        count = str(len(folded.shown) + folded.more)
        return self.wording.text("page_several", language, {"cases": cases, "count": count})

    def _still_held(self, due: Due, token: str) -> bool:
        """Whether the lease is still this worker's: one that was stopped and woke up late must not send."""
        case = self.store.case(due[0].id)
        page = None if case is None else case.page(due[1].id)
        return page is not None and page.state is PageState.LEASED and page.token == token

    def reconcile(self, case_id: str, page_id: str) -> None:
        """Ask the carrier whether it has a page whose answer was lost; send nothing until that is known."""
        case = self.store.case(case_id)
        page = None if case is None else case.page(page_id)
        number = None if case is None or page is None else self.numbers.of(case, page)
        if case is None or page is None or number is None or page.state is not PageState.UNCERTAIN:
            return
        try:
            sid = self._found(case, page, number)
        except (Unavailable, Uncertain):
            return  # the plan orders it again
        if sid is None:
            self.dispatch.change(case_id, lambda c, now: delivery.page_not_found(c, page_id, now=now))
        else:
            self.dispatch.change(case_id, lambda c, now: delivery.page_accepted(c, page_id, sid=sid, now=now))

    def _found(self, case: Case, page: Page, number: str) -> str | None:
        known = {sid for one in case.pages for sid in one.sids}
        since = page.due_at - LOOK_BACK
        found = (
            self.gateway.find_texts(number, since)
            if page.channel is Contact.SMS
            else self.gateway.find_calls(number, since)
        )
        fresh = [row for row in found if row["sid"] not in known and row["at"] is not None and row["at"] >= since]
        if page.channel is Contact.SMS:
            fresh = [row for row in fresh if case.code in row["body"]]
        return str(fresh[0]["sid"]) if fresh else None

    def stop(self, case_id: str, page_id: str) -> None:
        """Stop the phones that ring for a page nobody needs; a talk in progress is left alone."""
        case = self.store.case(case_id)
        page = None if case is None else case.page(page_id)
        for sid in () if page is None else page.sids:
            self.gateway.cancel(sid)

    def _report(self, held: tuple[Due, ...], report: Callable[[Page], Change]) -> None:
        for case, page in held:
            self.dispatch.change(case.id, report(page))


def _token() -> str:
    return secrets.token_hex(8)


def _machine(case: Case, page: Page) -> Machine:
    """Staff prove by a key that they are there; at a caller's phone a machine must hear nothing it may not keep."""
    if page.purpose is not Purpose.CALLER:
        return Machine.ANY
    return Machine.AFTER_THE_TONE if case.may_leave_message else Machine.NOTICE
