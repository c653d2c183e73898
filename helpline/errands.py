"""What workers do in the outside world for a case: hand pages to the carrier, stop calls, tell people.

Each errand writes down what it is about to do, does it, and reports; it may die at any point and be run again.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from flows import delivery
from flows.case import Case, Hearer, Notice, NoticeKind
from flows.catalogue import Catalogue
from flows.events import Channel
from flows.notices import still_true
from flows.pages import Page, PageState, Purpose
from flows.planning import fallback_place, is_fallback
from flows.roster import Contact, Staff, StaffId
from flows.step import Prompt
from helpline.channels.voice import Addresses
from helpline.conversation import Conversations
from helpline.dispatch import Dispatch
from helpline.fault_points import AFTER_LEASE, FaultPoints
from helpline.gateway import Callbacks, Gateway, Refused, Unavailable, Uncertain
from helpline.live_content import LiveContent
from helpline.roster_source import RosterSource
from helpline.store import RedisStore

log = structlog.get_logger()

LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})
LOOK_BACK = timedelta(seconds=5)  # before the lease began, for clocks that differ
ENDED_WITH_CALL = frozenset({NoticeKind.CALLER_LEFT, NoticeKind.CALLER_NOT_REACHED, NoticeKind.CLAIM_OVER})


@dataclass(frozen=True, slots=True)
class Errands:
    """Runs errands."""

    store: RedisStore
    dispatch: Dispatch
    conversations: Conversations
    gateway: Gateway
    content: LiveContent
    roster: RosterSource
    addresses: Addresses
    fallback_number: str
    faults: FaultPoints
    clock: Callable[[], datetime]

    # -- pages --------------------------------------------------------------------------------------------------

    def send(self, case_id: str, page_id: str) -> None:
        """Hand one page to the carrier, if it is still wanted and nobody else holds it."""
        token = secrets.token_hex(8)
        case = self.dispatch.leased(case_id, page_id, token)
        page = None if case is None else case.page(page_id)
        if case is None or page is None:
            return
        self.faults.reach(AFTER_LEASE)
        number = self._number(case, page)
        if number is None:
            self._report(case_id, lambda c, now: delivery.page_refused(c, page_id, token=token, code="21211", now=now))
        elif self._still_held(case_id, page_id, token):
            self._hand_over(case, page, number, token)

    def _hand_over(self, case: Case, page: Page, number: str, token: str) -> None:
        try:
            sid = self._request(case, page, number)
        except Refused as fault:
            code = str(fault.code)
            self._report(case.id, lambda c, now: delivery.page_refused(c, page.id, token=token, code=code, now=now))
        except Unavailable as fault:
            wait = fault.retry_after
            self._report(case.id, lambda c, now: delivery.page_unavailable(c, page.id, token=token, now=now, wait=wait))
        except Uncertain:
            self._report(case.id, lambda c, now: delivery.page_uncertain(c, page.id, token=token, now=now))
        else:
            self._report(case.id, lambda c, now: delivery.page_accepted(c, page.id, sid=sid, now=now))
            log.info("page_accepted", case=case.id, page=page.id, channel=page.channel.value)

    def _request(self, case: Case, page: Page, number: str) -> str:
        callbacks = self._callbacks(page)
        if page.channel is Contact.SMS:
            return self.gateway.text(number, self._page_text(case, page), callbacks, valid_for=case.policy.sms_validity)
        return self.gateway.ring(number, callbacks, ring_for=case.policy.ring_timeout)

    def _callbacks(self, page: Page) -> Callbacks:
        answer = "caller/screen" if page.purpose is Purpose.CALLER else "staff/offer"
        params = {"p": page.id}
        return Callbacks(self.addresses.of("status/page", params), self.addresses.of(answer, params))

    def _page_text(self, case: Case, page: Page) -> str:
        waited = int((self.clock() - case.opened_at).total_seconds() // 60)
        params = {"code": case.code, "level": case.urgency.word.upper(), "minutes": str(waited)}
        return self._text(Prompt("page", self.language(page.staff_id), params))

    def _still_held(self, case_id: str, page_id: str, token: str) -> bool:
        """Whether the lease is still this worker's: one that was stopped and woke up late must not send."""
        case = self.store.case(case_id)
        page = None if case is None else case.page(page_id)
        return page is not None and page.state is PageState.LEASED and page.token == token

    def _number(self, case: Case, page: Page) -> str | None:
        if page.purpose is not Purpose.CALLER:
            return self._staff_number(page.staff_id)
        caller = self.store.caller(case.caller_key)
        return None if caller is None else caller.number

    def _staff_number(self, staff_id: StaffId) -> str | None:
        if is_fallback(staff_id):
            numbers = self.roster.now().fallback_numbers or (self.fallback_number,)
            place = fallback_place(staff_id)
            return numbers[place] if place < len(numbers) else None
        staff = self.roster.now().staff_member(staff_id)
        return None if staff is None else staff.phone

    def reconcile(self, case_id: str, page_id: str) -> None:
        """Ask the carrier whether it has a page whose answer was lost; send nothing until that is known."""
        case = self.store.case(case_id)
        page = None if case is None else case.page(page_id)
        number = None if case is None or page is None else self._number(case, page)
        if case is None or page is None or number is None or page.state is not PageState.UNCERTAIN:
            return
        try:
            sid = self._found(case, page, number)
        except (Unavailable, Uncertain):
            return  # the plan orders it again
        if sid is None:
            self._report(case_id, lambda c, now: delivery.page_not_found(c, page_id, now=now))
        else:
            self._report(case_id, lambda c, now: delivery.page_accepted(c, page_id, sid=sid, now=now))

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

    def timer(self, session_id: str, name: str, version: int) -> None:
        """Ring a conversation's timer and send what it says."""
        for number, body in self.conversations.timer(session_id, name, version, self.clock()):
            try:
                self.gateway.text(number, body, Callbacks(self.addresses.of("status/notice")))
            except (Refused, Unavailable, Uncertain) as fault:
                log.warning("check_in_not_sent", session=session_id, fault=type(fault).__name__)

    # -- calls --------------------------------------------------------------------------------------------------

    def join(self, case_id: str) -> None:
        """Move the caller who holds into the bridge."""
        case = self.store.case(case_id)
        if case is not None and case.on_line_call:
            self.gateway.redirect(case.on_line_call, self.addresses.of("voice/join", {"c": case.id}))

    def check(self, case_id: str) -> None:
        """Report calls that ended without a word from the carrier."""
        case = self.store.case(case_id)
        for sid in () if case is None else case.live_calls:
            if self.gateway.call_status(sid) not in LIVE:
                self.dispatch.call_over(case_id, sid)

    # -- words --------------------------------------------------------------------------------------------------

    def tell(self, case_id: str, notice_id: str) -> None:
        """Tell what is still true to whom it is for."""
        case = self.store.case(case_id)
        notice = None if case is None else next((one for one in case.notices if one.id == notice_id), None)
        if case is None or notice is None or not still_true(case, notice):
            return
        if self._told(case, notice):
            self.dispatch.told(case_id, notice_id)

    def _told(self, case: Case, notice: Notice) -> bool:
        """Whether the words went out; the caller on the line hears them from the hold document instead."""
        if notice.to is Hearer.CALLER and notice.call:
            return False
        if notice.to is Hearer.STAFF and notice.call and notice.kind in ENDED_WITH_CALL:
            address = self.addresses.of("staff/told", {"c": case.id, "k": notice.kind.value})
            self.gateway.redirect(notice.call, address)
            return True
        return self._write(case, notice)

    def _write(self, case: Case, notice: Notice) -> bool:
        callbacks = Callbacks(self.addresses.of("status/notice", {"c": case.id}))
        written = False
        for number, language in self._readers(case, notice):
            prompt = Prompt(f"notice_{notice.kind.value}", language, self.facts(case))
            try:
                self.gateway.text(number, self._text(prompt), callbacks)
                written = True
            except Refused as fault:
                log.warning("notice_refused", case=case.id, kind=notice.kind.value, code=fault.code)
                written = True  # it never will be; the timeline says that it was tried
            except (Unavailable, Uncertain) as fault:
                log.warning("notice_not_sent", case=case.id, kind=notice.kind.value, fault=type(fault).__name__)
        return written

    def _readers(self, case: Case, notice: Notice) -> tuple[tuple[str, str], ...]:
        if notice.to is Hearer.CALLER:
            caller = self.store.caller(case.caller_key)
            reachable = caller is not None and caller.number and not caller.opted_out and case.may_text
            return ((caller.number, case.language),) if caller and caller.number and reachable else ()
        roster = self.roster.now()
        ids = (notice.staff_id,) if notice.to is Hearer.STAFF else roster.supervisors
        people = (roster.staff_member(staff_id) for staff_id in ids)
        return tuple((person.phone, person.languages[0]) for person in people if person is not None)

    def name(self, staff_id: StaffId | str) -> str:
        """The first name of a staff member, the only one that is told; empty for somebody who left the roster."""
        staff = self._staff(StaffId(staff_id))
        return staff.first_name if staff else ""

    def facts(self, case: Case) -> dict[str, str]:
        """What messages about a case may say."""
        owner = self._staff(case.owner)
        return {
            "code": case.code,
            "level": case.urgency.word.upper(),
            "helper": owner.first_name if owner else "",
            "tried": str(len(case.tried)),
        }

    def _staff(self, staff_id: StaffId | None) -> Staff | None:
        return None if staff_id is None else self.roster.now().staff_member(staff_id)

    def language(self, staff_id: StaffId) -> str:
        """The language a staff member is spoken to in."""
        staff = self._staff(staff_id)
        return staff.languages[0] if staff else self._catalogue.default

    @property
    def _catalogue(self) -> Catalogue:
        return self.content.catalogue

    def _text(self, prompt: Prompt) -> str:
        return self._catalogue.text(prompt, Channel.SMS)

    def _report(self, case_id: str, change: Callable[[Case, datetime], object]) -> None:
        self.dispatch.change(case_id, change)  # type: ignore[arg-type]
