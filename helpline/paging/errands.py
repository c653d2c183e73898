"""What workers do in the outside world for a case besides paging: move and check calls, tell people, ring timers.

Each errand may die at any point and be run again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from flows import bridging
from flows.case import Bridge, Case, Hearer, Notice, NoticeKind
from flows.notices import still_true
from flows.roster import StaffId
from helpline.channels.voice import Addresses
from helpline.conversation import Conversations
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.rest import Callbacks, Gateway
from helpline.paging.dispatch import Dispatch
from helpline.paging.wording import Wording
from helpline.staff.roster_source import RosterSource
from helpline.store import RedisStore

log = structlog.get_logger()

LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})
ENDED_WITH_CALL = frozenset(
    {NoticeKind.CALLER_LEFT, NoticeKind.CALLER_NOT_REACHED, NoticeKind.CLAIM_OVER, NoticeKind.NOT_SAFE_YET}
)


@dataclass(frozen=True, slots=True)
class Errands:
    """Runs errands."""

    store: RedisStore
    dispatch: Dispatch
    conversations: Conversations
    gateway: Gateway
    wording: Wording
    roster: RosterSource
    addresses: Addresses
    clock: Callable[[], datetime]

    def timer(self, session_id: str, name: str, version: int) -> None:
        """Ring a conversation's timer; what it says is on its way when this is done."""
        self.conversations.timer(session_id, name, version, self.clock())

    # -- calls --------------------------------------------------------------------------------------------------

    def join(self, case_id: str) -> None:
        """Move the caller who holds into the bridge, unless they are there and the report of it is late.

        To move them then would take them out of the talk, and look as if the owner had left.
        """
        case = self.store.case(case_id)
        if case is None or not case.on_line_call:
            return
        if case.on_line_call in self.gateway.in_room(bridging.room_of(case)):
            self.dispatch.joined(case_id, case.on_line_call, case.bridges)
        else:
            self.gateway.redirect(case.on_line_call, self.addresses.of("voice/join", {"c": case.id}))

    def stay(self, case_id: str) -> None:
        """With a third person there the room outlives the owner's leaving; should this fail, the caller holds again."""
        case = self.store.case(case_id)
        if case is not None and case.bridge is not None and case.guest is not None and case.guest.here:
            self.gateway.let_leave(bridging.room_of(case), case.bridge.staff_call)

    def check(self, case_id: str) -> None:
        """Report calls that ended, and people who entered or left the room, without a word from the carrier."""
        case = self.store.case(case_id)
        for sid in () if case is None else case.live_calls:
            if self._ended(sid):
                self.dispatch.call_over(case_id, sid)
        if case is not None and case.bridge is not None:
            self._look_into(case, case.bridge)

    def _look_into(self, case: Case, bridge: Bridge) -> None:
        """Learn from the carrier who is in the room of this bridge."""
        inside = self.gateway.in_room(bridging.room_of(case))
        if bridge.connected_at is not None:
            self.dispatch.change(case.id, lambda c, now: bridging.seen_in_room(c, bridge.n, inside, now))
            return
        for sid in inside:
            self.dispatch.joined(case.id, sid, bridge.n)

    def _ended(self, sid: str) -> bool:
        """Whether a call is over; one the carrier does not know cannot be live."""
        try:
            return self.gateway.call_status(sid) not in LIVE
        except Refused:
            return True

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
            self.gateway.redirect(notice.call, self._told_at(case, notice))
            return True
        return self._write(case, notice)

    def _told_at(self, case: Case, notice: Notice) -> str:
        """Where the words are said: an owner is asked how the case ended, a third person is not."""
        if notice.kind is NoticeKind.CALLER_LEFT and notice.staff_id != case.owner:
            return self.addresses.of("guest/told", {"l": self.language(notice.staff_id)})
        return self.addresses.of("staff/told", {"c": case.id, "k": notice.kind.value})

    def _write(self, case: Case, notice: Notice) -> bool:
        callbacks = Callbacks(self.addresses.of("status/notice", {"c": case.id}))
        written = False
        for number, language in self._readers(case, notice):
            words = self.wording.text(f"notice_{notice.kind.value}", language, self.facts(case))
            try:
                self.gateway.text(number, words, callbacks)
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
        """The first name of a staff member."""
        return self.wording.name(staff_id)

    def facts(self, case: Case) -> dict[str, str]:
        """What messages about a case may say."""
        return self.wording.facts(case)

    def language(self, staff_id: StaffId) -> str:
        """The language a staff member is spoken to in."""
        return self.wording.language(staff_id)
