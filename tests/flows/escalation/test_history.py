"""Whatever happens, in whatever order: the promises of a case, checked after every single event."""

import json
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from flows import bridging, claims, delivery, handling, notices
from flows.case import CALLER, Case, CaseState, ClaimVia, LineKind, Outcome, Refused
from flows.claims import AlreadyClosed, Claimed, TakenBy
from flows.escalation import Plan, plan
from flows.events import Channel
from flows.orders import BridgeCaller, PageOrder, RingOwner
from flows.pages import Page, PageState, Purpose, rank
from flows.roster import Contact
from flows.step import Consent, NeedPerson
from flows.urgency import Urgency
from tests.flows.escalation.line import ANA, BEN, CLEO, POLICY, ROSTER, SAM, START, opening

PEOPLE = (ANA, BEN, CLEO, SAM)
STAFF = st.sampled_from(PEOPLE)
WHO = st.sampled_from(("owner", "owner", "owner", *PEOPLE))
ONE_IN_FOUR = st.integers(0, 3).map(lambda number: number == 3)
ONE_IN_EIGHT = st.integers(0, 7).map(lambda number: number == 7)
NUMBERS = st.integers(min_value=0, max_value=10_000)
TEXT_STATUSES = ("queued", "sending", "sent", "delivered", "undelivered", "failed", "nonsense")
CALL_STATUSES = (
    "queued",
    "initiated",
    "ringing",
    "in-progress",
    "completed",
    "busy",
    "no-answer",
    "failed",
    "canceled",
)


class History(RuleBasedStateMachine):
    """One case on a clock that only moves when told to."""

    def __init__(self):
        super().__init__()
        self.now = START
        self.case, self.lines = handling.open_case(opening(), POLICY, self.now)
        self.planned: Plan | None = None
        self.numbers = 0

    # -- what can happen ------------------------------------------------------------------------------------

    @rule(wait=st.sampled_from((1, 4, 11, 26, 35, 61, 130, 700)))
    def time_passes(self, wait):
        self.now += timedelta(seconds=wait)
        self._plan()

    @rule()
    def planned_when_due(self):
        """The clock comes exactly when the plan asked for it."""
        self._plan()
        if self.planned.wake_at is not None:
            self.now = self.planned.wake_at
            self._plan()

    @rule(staff=STAFF, via=st.sampled_from((ClaimVia.SMS, ClaimVia.CONSOLE)))
    def somebody_claims(self, staff, via):
        self._claim(staff, via, "")

    @rule(staff=STAFF)
    def somebody_presses_1(self, staff):
        self._claim(staff, ClaimVia.CALL, f"CA-{staff}")

    @rule(who=WHO, really=ONE_IN_FOUR)
    def somebody_passes(self, who, really):
        if really:
            self._transition(claims.pass_by(self.case, self._staff(who), self.now))

    @rule(who=WHO, really=ONE_IN_FOUR)
    def somebody_releases(self, who, really):
        if really:
            self._transition(claims.release(self.case, self._staff(who), self.now))

    @rule(who=WHO, to=STAFF)
    def somebody_gives(self, who, to):
        staff = self._staff(who)
        self._transition(claims.give(self.case, staff, to=to, now=self.now))

    @rule(urgency=st.sampled_from(Urgency), danger=st.sampled_from(("overdose", "suicide")))
    def caller_needs_somebody(self, urgency, danger):
        self._transition(handling.raise_case(self.case, NeedPerson(urgency, "danger", (danger,)), self.now))

    @rule(consent=st.sampled_from(Consent))
    def caller_says_how_to_reach_them(self, consent):
        self._transition(handling.give_consent(self.case, consent, self.now))

    @rule(out=st.booleans())
    def caller_opts_out_or_in(self, out):
        self._transition(handling.opt_out(self.case, self.now, out=out))

    @rule()
    def caller_calls(self):
        self.numbers += 1
        self._transition(handling.join_session(self.case, f"s{self.numbers}", Channel.VOICE, self.now))
        if not self.case.on_line_call and not (self.case.bridge and self.case.bridge.caller_in):
            self._transition(bridging.call_started(self.case, f"CA-in-{self.numbers}", self.now))

    @rule(pick=NUMBERS)
    def a_call_ends(self, pick):
        calls = (*self.case.live_calls, "CA-unknown")
        self._transition(bridging.call_ended(self.case, calls[pick % len(calls)], self.now))

    @rule()
    def owner_joins(self):
        owner = self.case.owner
        pages = [page for page in self.case.live(Purpose.OWNER) if page.sids]
        call = pages[0].sids[0] if pages else f"CA-{owner}"
        self._transition(bridging.staff_joined(self.case, call, self.now))

    @rule()
    def caller_joins(self):
        pages = [page for page in self.case.live(Purpose.CALLER) if page.sids]
        call = pages[0].sids[0] if pages else self.case.on_line_call
        if call:
            self._transition(bridging.caller_joined(self.case, call, self.now))

    @rule(who=WHO)
    def owner_writes(self, who):
        self._transition(bridging.relayed(self.case, self._staff(who), self.now))

    @rule(who=WHO)
    def owner_wants_a_call(self, who):
        self._transition(bridging.call_now(self.case, self._staff(who), self.now))

    @rule(happens=st.sampled_from(("accepted", "accepted", "uncertain", "refused", "unavailable", "nothing")))
    def workers_send_all(self, happens):
        for page in self.case.pages:
            self._send(page, happens)

    @rule(take_it=st.sampled_from((True, True, False)))
    def phones_of_a_bridge_are_answered(self, take_it):
        """Owner and caller are rung, pick up and press 1, or do not."""
        for purpose, joined in ((Purpose.OWNER, bridging.staff_joined), (Purpose.CALLER, bridging.caller_joined)):
            for page in self.case.live(purpose):
                self._send(page, "accepted")
                if take_it:
                    self._transition(joined(self.case, f"S-{page.id}", self.now))
                else:
                    self._transition(self._status(page, "no-answer"))

    @rule(pick=NUMBERS)
    def a_notice_is_told(self, pick):
        waiting = [notice.id for notice in self.case.notices] or ["none"]
        self._transition(notices.told(self.case, waiting[pick % len(waiting)], self.now))

    @rule(outcome=st.sampled_from(Outcome), by=st.one_of(STAFF, st.sampled_from((CALLER, ""))), really=ONE_IN_EIGHT)
    def somebody_closes(self, outcome, by, really):
        if really:
            self._transition(handling.close(self.case, outcome, by=by, now=self.now))

    @rule(pick=NUMBERS, happens=st.sampled_from(("accepted", "uncertain", "refused", "unavailable", "nothing")))
    @precondition(lambda self: self.case.pages)
    def a_worker_sends(self, pick, happens):
        self._send(self.case.pages[pick % len(self.case.pages)], happens)

    @rule(pick=NUMBERS, found=st.booleans())
    @precondition(lambda self: self.case.pages)
    def a_page_is_reconciled(self, pick, found):
        page = self.case.pages[pick % len(self.case.pages)]
        if found:
            self._transition(delivery.page_accepted(self.case, page.id, sid=f"S-{page.id}", now=self.now))
        else:
            self._transition(delivery.page_not_found(self.case, page.id, now=self.now))

    @rule(pick=NUMBERS, status=NUMBERS, error=st.sampled_from(("", "30003", "30006", "21610", "30007")))
    @precondition(lambda self: any(page.sids for page in self.case.pages))
    def the_carrier_calls_back(self, pick, status, error):
        sent = [page for page in self.case.pages if page.sids]
        page = sent[pick % len(sent)]
        words = TEXT_STATUSES if page.channel is Contact.SMS else CALL_STATUSES
        word = words[status % len(words)]
        self._transition(
            delivery.page_status(self.case, page.id, sid=page.sids[0], status=word, error=error, now=self.now)
        )

    # -- what must hold ---------------------------------------------------------------------------------------

    @invariant()
    def the_record_survives_json(self):
        assert Case.from_json(json.loads(json.dumps(self.case.to_json()))) == self.case

    @invariant()
    def state_claim_and_bridge_agree(self):
        case = self.case
        if case.waiting:
            assert case.claim is None
            assert case.bridge is None
        elif not case.closed:
            assert case.claim is not None
        if case.state is CaseState.BRIDGING:
            assert case.bridge is not None
        if case.bridge is not None:
            both = case.bridge.staff_in and case.bridge.caller_in
            assert case.state is (CaseState.CONNECTED if both else CaseState.BRIDGING)
            assert not (case.bridge.caller_in and case.on_line_call)
        if case.awaits_outcome:
            assert case.ask_at is not None

    @invariant()
    def every_notice_in_the_case_is_true(self):
        assert all(notices.still_true(self.case, notice) for notice in self.case.notices)

    @invariant()
    def the_caller_is_dialled_at_most_once_at_a_time(self):
        assert len(self.case.live(Purpose.CALLER)) <= 1

    @invariant()
    def no_page_is_requested_more_than_twice(self):
        assert all(page.requests <= 2 for page in self.case.pages)

    @invariant()
    def a_closed_case_was_closed_by_somebody(self):
        ends = [line for line in self.lines if line.what is LineKind.CLOSED]
        assert len(ends) == (1 if self.case.closed else 0)
        assert all(line.who for line in ends)

    # -- how it is done ---------------------------------------------------------------------------------------

    def _plan(self):
        before = self.case
        self.planned = plan(before, ROSTER, now=self.now)
        self._take(self.planned.case, self.planned.lines)
        again = plan(self.case, ROSTER, now=self.now)
        assert (again.case, again.orders, again.lines) == (self.case, (), ())
        assert self.case.closed or self.planned.wake_at is not None
        assert self.planned.wake_at is None or self.planned.wake_at > self.now
        self._nothing_is_slept_through()
        for order in self.planned.orders:
            self._order_is_allowed(order)
        self._failures_are_followed()

    def _nothing_is_slept_through(self):
        case, wake = self.case, self.planned.wake_at
        if case.waiting:
            assert wake <= min(case.step_at, case.next_notice_at)
        if case.state in {CaseState.CLAIMED, CaseState.BRIDGING}:
            assert wake <= case.claim.until
        for page in case.pages:
            assert not page.unsent or wake <= page.next_at
        for notice in case.notices:
            assert wake <= notice.next_at

    def _order_is_allowed(self, order):
        if isinstance(order, PageOrder):
            assert self.case.waiting, "nobody is paged once somebody has the case"
        if isinstance(order, RingOwner):
            assert order.page.staff_id == self.case.owner
        if isinstance(order, BridgeCaller):
            assert self.case.bridge.staff_in
            assert self.case.may_call
        if isinstance(order, PageOrder | RingOwner | BridgeCaller):
            leased = delivery.page_leased(self.case, order.page.id, token="t", now=self.now + timedelta(seconds=3))
            assert not isinstance(leased, Refused), "what is ordered is written down and can be done"

    def _failures_are_followed(self):
        for page in self.case.pages:
            failed = page.state is PageState.FAILED_FINAL and page.purpose is Purpose.PAGE
            if failed and self.case.waiting and page.round == self.case.round and page.staff_id not in self.case.passed:
                assert any(self._covers(page, other) for other in self.case.pages) or "fallback" in page.staff_id

    @staticmethod
    def _covers(failed: Page, other: Page) -> bool:
        return other.staff_id == failed.staff_id and other.channel is not failed.channel

    def _claim(self, staff, via, call):
        before = self.case
        result = claims.claim(self.case, staff, via=via, now=self.now, call=call)
        if isinstance(result, Claimed):
            assert before.owner in {None, staff}
            assert result.case.owner == staff
            self._take(result.case, result.lines)
            self._plan()
        elif isinstance(result, TakenBy):
            assert before.owner == result.staff_id != staff
        else:
            assert isinstance(result, AlreadyClosed)
            assert before.closed

    def _staff(self, who):
        return (self.case.owner or ANA) if who == "owner" else who

    def _send(self, page, happens):
        leased = delivery.page_leased(self.case, page.id, token="t", now=self.now)
        self._transition(leased)
        if not isinstance(leased, Refused):
            self._transition(self._report(page, happens))

    def _status(self, page, status):
        return delivery.page_status(self.case, page.id, sid=f"S-{page.id}", status=status, now=self.now)

    def _report(self, page, happens):
        match happens:
            case "accepted":
                return delivery.page_accepted(self.case, page.id, sid=f"S-{page.id}", now=self.now)
            case "uncertain":
                return delivery.page_uncertain(self.case, page.id, token="t", now=self.now)
            case "refused":
                return delivery.page_refused(self.case, page.id, token="t", code="21614", now=self.now)
            case "unavailable":
                return delivery.page_unavailable(self.case, page.id, token="t", now=self.now)
            case _:
                return self.case, ()

    def _transition(self, result):
        if not isinstance(result, Refused):
            self._take(*result)
            self._plan()

    def _take(self, after, lines):
        before = self.case
        assert after.urgency >= before.urgency
        assert after.version == before.version + (after != before)
        assert not (before.closed and not after.closed), "a closed case never opens again"
        assert not before.closed or (after.outcome, after.closed_by) == (before.outcome, before.closed_by)
        for page in before.pages:
            later = after.page(page.id)
            assert later is None or rank(later) >= rank(page), "a status never goes back"
        assert not any("+1202" in str(line) for line in lines)
        self.case, self.lines = after, (*self.lines, *lines)


History.TestCase.settings = settings(max_examples=60, stateful_step_count=60)
TestHistory = History.TestCase
