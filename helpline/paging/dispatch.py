"""One case's turn: plan, write the plan down, ring for its orders. And every report that changes a case."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from flows import bridging, claims, delivery, handling, holding, notices, survey, third_party
from flows.case import Case, ClaimVia, Lines, Outcome, Reason, Refused
from flows.claims import Claimed, ClaimResult
from flows.escalation import plan
from flows.ledger import after_case
from flows.orders import BridgeCaller, CancelCall, CheckCalls, JoinHolding, Order, PageOrder, Reconcile, RingOwner, Tell
from flows.roster import StaffId
from flows.wake import wake_at
from helpline.arrival import text_session
from helpline.outbox import Bell, Job, QueueName
from helpline.privacy.vault import CallerKey
from helpline.staff.roster_source import RosterSource
from helpline.store import RedisStore, Transaction, keys

Transition = tuple[Case, Lines] | Refused
Change = Callable[[Case, datetime], Transition]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Moves cases on; the only place where a case is written outside a caller's turn."""

    store: RedisStore
    roster: RosterSource
    clock: Callable[[], datetime]

    def advance(self, case_id: str) -> tuple[Bell, ...]:
        """Plan this case now and ring for what the plan orders; harmless at any time and from many at once.

        Gives the bells that were rung, for whoever cannot be sure that somebody hears them.
        """
        busy = self.store.busy_staff(but=case_id)
        roster = self.roster.now()

        def decide(tx: Transaction) -> tuple[Bell, ...] | None:
            case = tx.case(case_id)
            if case is None:
                return None
            planned = plan(case, roster, now=self.clock(), busy=busy)
            tx.put_case(planned.case, planned.lines, planned.wake_at)
            bells = tuple(bell(case_id, order) for order in planned.orders)
            for one in bells:
                tx.ring(one)
            return bells

        rung = self.store.transact(decide)
        if rung is None:
            self.store.drop_due(keys.case_member(case_id))
        return rung or ()

    def change(self, case_id: str, change: Change) -> Case | None:
        """Make one transition of a case and have it planned at once.

        Gives the case as it then is; None where there is no such case or the transition was refused.
        """

        def decide(tx: Transaction) -> Case | None:
            case = tx.case(case_id)
            return None if case is None else self.write(tx, case, change(case, self.clock()))

        return self.store.transact(decide)

    def act(self, case_id: str, change: Change) -> Case | Refused | None:
        """As `change`, with the reason of a refusal; None where there is no such case."""

        def decide(tx: Transaction) -> Case | Refused | None:
            case = tx.case(case_id)
            if case is None:
                return None
            changed = change(case, self.clock())
            return changed if isinstance(changed, Refused) else self.write(tx, case, changed)

        return self.store.transact(decide)

    # -- what a staff member does with a case, from whichever side ------------------------------------------------

    def pass_by(self, case_id: str, staff_id: StaffId) -> Case | Refused | None:
        """Not them, this time; from the owner it gives the case back."""
        return self.act(case_id, lambda case, now: claims.pass_by(case, staff_id, now))

    def release(self, case_id: str, staff_id: StaffId) -> Case | Refused | None:
        """The owner gives the case back and others are paged at once."""
        return self.act(case_id, lambda case, now: claims.release(case, staff_id, now))

    def give(self, case_id: str, staff_id: StaffId, *, to: StaffId) -> Case | Refused | None:
        """The owner hands the case to a colleague."""
        return self.act(case_id, lambda case, now: claims.give(case, staff_id, to=to, now=now))

    def close(self, case_id: str, staff_id: StaffId, outcome: Outcome) -> Case | Refused | None:
        """A staff member says how the case ended."""
        return self.act(case_id, lambda case, now: handling.close(case, outcome, by=staff_id, now=now))

    def call_now(self, case_id: str, staff_id: StaffId) -> Case | Refused | None:
        """The owner asks that both phones be called at once."""
        return self.act(case_id, lambda case, now: bridging.call_now(case, staff_id, now))

    def write(self, tx: Transaction, before: Case, changed: Transition) -> Case | None:
        """Put a transition into a transaction, with the doorbell that has it planned; None where it was refused."""
        if isinstance(changed, Refused):
            return None
        case, lines = changed
        if case != before:
            tx.put_case(case, lines, self.clock())
            _book(tx, before, case)
            _ask_whether_it_helped(tx, before, case, self.clock())
            if (seconds := holding.waited(before, case)) is not None:
                tx.note_wait(case.urgency.word, seconds)
            tx.ring(Bell(Job.ADVANCE, (case.id,)))
        return case

    def claim(self, case_id: str, staff_id: StaffId, *, via: ClaimVia, call: str) -> ClaimResult | None:
        """Take a case for a staff member if nobody has it; the result is written before it is given."""

        def decide(tx: Transaction) -> ClaimResult | None:
            case = tx.case(case_id)
            if case is None:
                return None
            result = claims.claim(case, staff_id, via=via, now=self.clock(), call=call)
            if isinstance(result, Claimed):
                self.write(tx, case, (result.case, result.lines))
            return result

        return self.store.transact(decide)

    # -- what workers and the carrier report --------------------------------------------------------------------

    def leased(self, case_id: str, page_id: str, token: str) -> Case | None:
        """Hold the page for this worker; None when it is not, or no longer, to be sent."""
        return self._quietly(case_id, lambda case, now: delivery.page_leased(case, page_id, token=token, now=now))

    def hold(self, case_id: str, page_id: str, until: datetime) -> None:
        """Let a due page wait."""
        self._quietly(case_id, lambda case, _: delivery.page_held(case, page_id, until=until))

    def _quietly(self, case_id: str, change: Change) -> Case | None:
        """A transition after which nothing is to be planned before its own time."""

        def decide(tx: Transaction) -> Case | None:
            case = tx.case(case_id)
            changed = None if case is None else change(case, self.clock())
            if changed is None or isinstance(changed, Refused):
                return None
            held, lines = changed
            tx.put_case(held, lines, wake_at(held))
            return held

        return self.store.transact(decide)

    def page_status(self, case_id: str, page_id: str, *, sid: str, status: str, error: str) -> None:
        """One of the carrier's callbacks; the end of a call is also the end of somebody's part in a bridge."""
        self.change(
            case_id, lambda case, now: delivery.page_status(case, page_id, sid=sid, status=status, now=now, error=error)
        )

    def call_over(self, case_id: str, call_sid: str) -> None:
        """A call of the owner's or the caller's has ended."""
        self.change(case_id, lambda case, now: bridging.call_ended(case, call_sid, now))

    def joined(self, case_id: str, call_sid: str, n: int = 0) -> None:
        """Somebody is in bridge `n`'s room (0: the present one's): the owner if it is their call, else the caller."""

        def join(case: Case, now: datetime) -> Transition:
            if not bridging.of_room(case, n):
                return Refused(Reason.NO_BRIDGE)
            if case.guest is not None and case.guest.call == call_sid:
                return third_party.is_here(case, call_sid, now)
            owners = case.bridge is not None and case.bridge.staff_call == call_sid
            return (bridging.staff_joined if owners else bridging.caller_joined)(case, call_sid, now)

        joined = self.change(case_id, join)
        if joined is not None and joined.guest is not None and joined.guest.here:
            self.store.ring(Bell(Job.STAY, (case_id,)))

    def told(self, case_id: str, notice_id: str) -> None:
        """Somebody has been told."""
        self.change(case_id, lambda case, now: notices.told(case, notice_id, now))


def _ask_whether_it_helped(tx: Transaction, before: Case, case: Case, now: datetime) -> None:
    """The one question by text is a timer of the conversation; whatever the caller writes before makes it void."""
    texts = tx.session(text_session(CallerKey(case.caller_key))) if survey.wanted(before, case) else None
    if texts is not None:
        tx.put_session(survey.to_be_asked(texts, case, now))
        tx.wake(keys.timer_member(texts.id, survey.SURVEY, texts.version), now + survey.AFTER)


def _book(tx: Transaction, before: Case, case: Case) -> None:
    """The contacts of a case whose target moved, or which a human has closed."""
    if (before.closed, before.due_at) == (case.closed, case.due_at):
        return
    for session_id in case.sessions:
        contact = tx.contact(session_id)
        if contact is not None:
            tx.put_contact(after_case(contact, case))


def bell(case_id: str, order: Order) -> Bell:
    """The doorbell of an order."""
    match order:
        case PageOrder(page) | RingOwner(page) | BridgeCaller(page):
            return Bell(Job.SEND, (case_id, page.id))
        case Reconcile(page):
            return Bell(Job.RECONCILE, (case_id, page.id))
        case CancelCall(page):
            return Bell(Job.STOP, (case_id, page.id))
        case Tell(notice):
            return Bell(Job.TELL, (case_id, notice.id), QueueName.DEFAULT)
        case JoinHolding():
            return Bell(Job.JOIN, (case_id,))
        case CheckCalls():
            return Bell(Job.CHECK, (case_id,), QueueName.DEFAULT)
        case _:
            assert_never(order)
