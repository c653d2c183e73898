"""A simulated night on the pure core: callers, staff, workers and a carrier that fail at random, on a moved clock.

Only time and chance are made up here. Every decision is the core's, every record goes through JSON as in the store.
"""

import heapq
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from flows import bridging, claims, delivery, handling, notices
from flows.case import CALLER, Case, CaseState, ClaimVia, Hearer, NoticeKind, Outcome, Refused
from flows.claims import Claimed
from flows.codes import code_of
from flows.escalation import plan
from flows.events import Channel
from flows.orders import BridgeCaller, CancelCall, CheckCalls, JoinHolding, PageOrder, Reconcile, RingOwner, Tell
from flows.pages import Page, PageState, Purpose
from flows.planning import is_fallback
from flows.roster import Contact, Role, Roster, StaffId
from flows.step import Consent, NeedPerson
from flows.urgency import Urgency
from tests.flows.escalation.line import POLICY, START, on_list, opening, person

HOURS = 12
STORM = 60
TEAM = tuple(StaffId(f"staff{number}") for number in range(10))
ROSTER = Roster(
    staff=tuple(
        person(
            one,
            languages=("en", "es") if place % 3 == 0 else ("en",),
            role=Role.SUPERVISOR if place > 8 else Role.RESPONDER,
        )
        for place, one in enumerate(TEAM)
    ),
    lists=(on_list("primary", *TEAM[:3]), on_list("backup", *TEAM[3:6])),
    supervisors=TEAM[9:],
    fallback_numbers=("+12025550999",),
)
LEVELS = (Urgency.ROUTINE, Urgency.SOON, Urgency.URGENT, Urgency.EMERGENCY)


@dataclass
class Sent:
    """One message or call as the carrier knows it; `live` while a phone rings or talks."""

    sid: str
    page: Page
    case_id: str
    status: str = "queued"
    live: bool = True


@dataclass
class Faults:
    """How often each thing goes wrong."""

    job_lost: float = 0.05
    crash_before_request: float = 0.03
    crash_after_request: float = 0.03
    answer_lost: float = 0.03
    busy_carrier: float = 0.05
    refused: float = 0.03
    undelivered: float = 0.08
    list_lags: float = 0.2
    callback_lost: float = 0.1
    callback_twice: float = 0.2


@dataclass
class Night:
    """`run()` goes through the night and as long after it as it takes; what it saw is in `seen`."""

    seed: int
    callers: int = 300
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self):
        self.random = Random(self.seed)
        self.now: datetime = START
        self.records: dict[str, Case] = {}
        self.largest = 0
        self.sent: dict[str, Sent] = {}
        self.handed_over: defaultdict[str, list[Sent]] = defaultdict(list)
        self.to_caller: defaultdict[str, list[Sent]] = defaultdict(list)
        self.requests: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self.first_page: dict[str, float] = {}
        self.faulty: list[str] = []
        self._queue: list[tuple[datetime, int, object]] = []
        self._order = count()
        self._writes = count()
        self._wake: dict[str, datetime] = {}

    # -- time and chance ------------------------------------------------------------------------------------------

    def later(self, seconds, do):
        heapq.heappush(self._queue, (self.now + timedelta(seconds=seconds), next(self._order), do))

    def chance(self, probability):
        return self.random.random() < probability

    def run(self):
        moments = [self.random.uniform(0, HOURS * 3600) for _ in range(self.callers - STORM)]
        moments += [3 * 3600 + self.random.uniform(0, 60) for _ in range(STORM)]
        for number, moment in enumerate(sorted(moments)):
            self.later(moment, lambda number=number: self.somebody_needs_help(number))
        end = START + timedelta(hours=3 * HOURS)
        while self._queue and self.now < end:
            self.now, _, do = heapq.heappop(self._queue)
            do()
        return self

    # -- the store and the clock ----------------------------------------------------------------------------------

    def case(self, case_id) -> Case:
        return self.records[case_id]

    def cases(self):
        return list(self.records.values())

    def _write(self, case):
        """Every tenth record goes through JSON (the random histories do it with every one, which takes its time)."""
        self.records[case.id] = case
        if next(self._writes) % 10 == 0:
            record = json.dumps(case.to_json())
            self.largest = max(self.largest, len(record))
            self.records[case.id] = Case.from_json(json.loads(record))

    def put(self, before, result) -> Case | None:
        if isinstance(result, Refused):
            return None
        after, _lines = result
        assert before is None or after.version == before.version + (after != before)
        self._write(after)
        self.later(self.random.uniform(0, 0.5), lambda: self.advance(after.id))
        return after

    def change(self, case_id, transition):
        case = self.case(case_id)
        return self.put(case, transition(case))

    def busy(self, but):
        awake = (self.records[case_id] for case_id in self._wake if case_id != but)
        return frozenset(case.owner for case in awake if case.bridge is not None and case.owner)

    def advance(self, case_id):
        planned = plan(self.case(case_id), ROSTER, now=self.now, busy=self.busy(case_id))
        self._write(planned.case)
        for order in planned.orders:
            if not self.chance(self.faults.job_lost):
                self.later(self.random.uniform(0.05, 2), lambda order=order: self.carry_out(case_id, order))
        self._sweep_at(case_id, planned.wake_at)

    def _sweep_at(self, case_id, wake_at):
        if wake_at is None:
            self._wake.pop(case_id, None)
            return
        if self._wake.get(case_id) != wake_at:
            self._wake[case_id] = wake_at
            wait = (wake_at - self.now).total_seconds() + self.random.uniform(0, 1)
            self.later(wait, lambda: self._swept(case_id, wake_at))

    def _swept(self, case_id, wake_at):
        if self._wake.get(case_id) == wake_at:
            self.advance(case_id)

    # -- workers --------------------------------------------------------------------------------------------------

    def carry_out(self, case_id, order):
        match order:
            case PageOrder(page) | RingOwner(page) | BridgeCaller(page):
                self.send(case_id, page)
            case Reconcile(page):
                self.reconcile(case_id, page)
            case CancelCall(page):
                self.cancel(page)
            case JoinHolding(call, _):
                self.later(1, lambda: self.change(case_id, lambda case: self._joined(case, call)))
            case Tell(notice):
                self.tell(case_id, notice)
            case CheckCalls(calls):
                for call in calls:
                    if call in self.sent and not self.sent[call].live:
                        self.change(case_id, lambda case, call=call: bridging.call_ended(case, call, self.now))

    def _joined(self, case, call):
        return bridging.caller_joined(case, call, self.now) if case.on_line_call == call else Refused("gone")

    def send(self, case_id, page):
        token = str(next(self._order))
        held = self.change(case_id, lambda case: delivery.page_leased(case, page.id, token=token, now=self.now))
        if held is None or self.chance(self.faults.crash_before_request):
            return
        stall = 45 if self.chance(0.01) else self.random.uniform(0.1, 1)
        self.later(stall, lambda: self._request(case_id, page, token))

    def _request(self, case_id, page, token):
        case = self.case(case_id)
        known = case.page(page.id)
        if known is None or known.state is not PageState.LEASED or known.token != token:
            return
        if page.purpose is Purpose.PAGE and not case.waiting:
            self.faulty.append(f"{page.staff_id} paged for {case_id} after the claim")
        if self.chance(self.faults.busy_carrier):
            self.change(case_id, lambda case: delivery.page_unavailable(case, page.id, token=token, now=self.now))
            return
        if self.chance(self.faults.refused):
            code = self.random.choice(("21211", "21614", "21610"))
            self.change(
                case_id, lambda case: delivery.page_refused(case, page.id, token=token, code=code, now=self.now)
            )
            return
        self.requests[page.id] += 1
        sent = self._accept(case_id, page)
        if self.chance(self.faults.answer_lost):
            self.change(case_id, lambda case: delivery.page_uncertain(case, page.id, token=token, now=self.now))
        elif not self.chance(self.faults.crash_after_request):
            self.change(case_id, lambda case: delivery.page_accepted(case, page.id, sid=sent.sid, now=self.now))

    def reconcile(self, case_id, page):
        found = next(iter(self.handed_over[page.id]), None)
        if found is None or self.chance(self.faults.list_lags):
            self.change(case_id, lambda case: delivery.page_not_found(case, page.id, now=self.now))
        else:
            self.change(case_id, lambda case: delivery.page_accepted(case, page.id, sid=found.sid, now=self.now))

    def cancel(self, page):
        for sid in page.sids:
            if self.sent[sid].status in {"queued", "ringing"}:
                self._status(self.sent[sid], "canceled")

    def tell(self, case_id, notice):
        case = self.case(case_id)
        if not any(one.id == notice.id for one in case.notices) or not notices.still_true(case, notice):
            return
        self.seen[f"told {notice.kind}"] += 1
        self._truth(case, notice)
        if notice.to is Hearer.STAFF and notice.kind is NoticeKind.ASK_OUTCOME and self.chance(0.7):
            self.later(self.random.uniform(5, 60), lambda: self.owner_says_done(case_id, notice.staff_id))
        self.change(case_id, lambda case: notices.told(case, notice.id, self.now))

    def _truth(self, case, notice):
        """What a caller is told must be so at this moment."""
        false = {
            NoticeKind.TAKEN: case.claim is None,
            NoticeKind.ALERTED: not case.waiting or not self.first_page.get(case.id),
            NoticeKind.STILL_TRYING: not case.waiting,
            NoticeKind.LOOKING_AGAIN: not case.waiting,
        }
        if false.get(notice.kind, False):
            self.faulty.append(f"{case.id} was told {notice.kind} in state {case.state}")

    # -- the carrier ----------------------------------------------------------------------------------------------

    def _accept(self, case_id, page):
        sent = Sent(f"S{next(self._order)}", page, case_id)
        self.sent[sent.sid] = sent
        self.handed_over[page.id].append(sent)
        self.to_caller[case_id] += [sent] if page.purpose is Purpose.CALLER else []
        self.first_page.setdefault(case_id, (self.now - self.case(case_id).opened_at).total_seconds())
        if sum(one.live for one in self.to_caller[case_id]) > 1:
            self.faulty.append(f"the caller of {case_id} is dialled twice at a time")
        if page.channel is Contact.SMS:
            self._text(sent)
        else:
            self.later(self.random.uniform(1, 3), lambda: self._ring(sent))
        return sent

    def _text(self, sent):
        words = [("sending", ""), ("sent", "")]
        if self.chance(self.faults.undelivered):
            words.append(("undelivered", self.random.choice(("30003", "30006", "30008"))))
        else:
            words.append(("delivered", ""))
            self.later(self.random.uniform(5, 40), lambda: self.staff_reads(sent))
        self.random.shuffle(words)
        for word, error in words:
            self._callback(sent, word, error)
        sent.live = False

    def _ring(self, sent):
        if sent.status != "queued":
            return
        self._status(sent, "ringing")
        self.later(self.random.uniform(3, 24), lambda: self._picked_up(sent))

    def _picked_up(self, sent):
        if sent.status != "ringing":
            return
        match sent.page.purpose:
            case Purpose.PAGE:
                self.staff_answers(sent)
            case Purpose.OWNER:
                self._bridge_phone(sent, 0.85, bridging.staff_joined)
            case Purpose.CALLER:
                self._bridge_phone(sent, 0.7, bridging.caller_joined)

    def _bridge_phone(self, sent, willing, joined):
        if not self.chance(willing):
            self._status(sent, self.random.choice(("no-answer", "busy", "completed")))
            return
        self._status(sent, "in-progress")
        after = self.change(sent.case_id, lambda case: joined(case, sent.sid, self.now))
        if after is None:
            self._status(sent, "completed")
        else:
            self.later(1, lambda: self._talk(sent.case_id))

    def _status(self, sent, word):
        sent.status = word
        sent.live = word in {"queued", "ringing", "in-progress"}
        self._callback(sent, word, "")

    def _callback(self, sent, word, error):
        if self.chance(self.faults.callback_lost):
            return
        for _ in range(1 + self.chance(self.faults.callback_twice)):
            self.later(self.random.uniform(0.05, 3), lambda: self._called_back(sent, word, error))

    def _called_back(self, sent, word, error):
        def report(case):
            return delivery.page_status(case, sent.page.id, sid=sent.sid, status=word, error=error, now=self.now)

        self.change(sent.case_id, report)
        if word in {"completed", "no-answer", "busy", "canceled"}:
            self.change(sent.case_id, lambda case: bridging.call_ended(case, sent.sid, self.now))

    # -- staff ----------------------------------------------------------------------------------------------------

    def staff_reads(self, sent):
        if self.chance(0.12):
            self._claim(sent, ClaimVia.SMS, "")
        elif self.chance(0.08):
            self.change(sent.case_id, lambda case: claims.pass_by(case, sent.page.staff_id, self.now))

    def staff_answers(self, sent):
        if is_fallback(sent.page.staff_id) or not self.chance(0.4):
            self._status(sent, self.random.choice(("no-answer", "completed", "busy")))
            return
        self._status(sent, "in-progress")
        if self.chance(0.75):
            self._claim(sent, ClaimVia.CALL, sent.sid)
        else:
            self.change(sent.case_id, lambda case: claims.pass_by(case, sent.page.staff_id, self.now))
            self._status(sent, "completed")

    def _claim(self, sent, via, call):
        case, staff = self.case(sent.case_id), sent.page.staff_id
        if call and staff in self.busy(case.id):
            self._status(sent, "completed")
            return
        result = claims.claim(case, staff, via=via, now=self.now, call=call, code=case.code)
        if not isinstance(result, Claimed):
            self.seen[f"claim refused: {type(result).__name__}"] += 1
            if call:
                self._status(sent, "completed")
            return
        if case.owner not in {None, staff}:
            self.faulty.append(f"{case.id} was taken from {case.owner}")
        self.seen["claims"] += 1
        self.put(case, (result.case, result.lines))
        if call:
            self.later(1, lambda: self.change(case.id, lambda case: bridging.staff_joined(case, call, self.now)))
            self.later(2, lambda: self._talk(case.id))
        self.later(self.random.uniform(5, 60), lambda: self._relay(case.id, staff))

    def _relay(self, case_id, staff):
        """To a caller who may only be written to, the owner writes, and some time later it is over."""
        case = self.case(case_id)
        if case.owner == staff and not case.may_call and not case.on_line_call:
            written = self.change(case_id, lambda case: bridging.relayed(case, staff, self.now))
            self.seen["written to"] += written is not None
            self.later(self.random.uniform(60, 900), lambda: self.owner_says_done(case_id, staff))

    def _talk(self, case_id):
        case = self.case(case_id)
        if case.state is not CaseState.CONNECTED or case.bridge is None:
            return
        both = (case.bridge.staff_call, case.bridge.caller_call)
        self.seen["talks"] += 1
        self.later(self.random.uniform(5, 600), lambda: self._hang_up(case_id, both))

    def _hang_up(self, case_id, both):
        first, second = both if self.chance(0.5) else both[::-1]
        self._ended(case_id, first)
        self.later(self.random.uniform(0.5, 8), lambda: self._ended(case_id, second))

    def _ended(self, case_id, call):
        if call in self.sent and self.sent[call].live:
            self._status(self.sent[call], "completed")
        else:
            self.change(case_id, lambda case: bridging.call_ended(case, call, self.now))

    def owner_says_done(self, case_id, staff):
        case = self.case(case_id)
        if case.closed or case.owner != staff or case.bridge is not None:
            return
        outcome = Outcome.HANDED_OVER if case.contact_at else Outcome.UNREACHABLE
        self.put(case, handling.close(case, outcome, by=staff, now=self.now))

    # -- callers --------------------------------------------------------------------------------------------------

    def somebody_needs_help(self, number):
        channel = self.random.choice(tuple(Channel))
        holds = channel is Channel.VOICE and self.chance(0.8)
        line = f"CA-caller-{number}" if holds else ""
        known = opening(
            id=f"case{number}", code=code_of(number), caller_key=f"key{number}", channel=channel,
            urgency=self.random.choices(LEVELS, (2, 3, 3, 2))[0], language=self.random.choice(("en", "es")),
            consent=self.random.choice(tuple(Consent)), on_line_call=line, anonymous=holds and self.chance(0.05),
        )  # fmt: skip
        case = self.put(None, handling.open_case(known, POLICY, self.now))
        if holds:
            self.later(self.random.expovariate(1 / 240), lambda: self._ended(case.id, line))
        if self.chance(0.15):
            self.later(self.random.uniform(10, 900), lambda: self._worse(case.id))
        if self.chance(0.1):
            self.later(self.random.uniform(10, 900), lambda: self._withdraws(case.id))
        if self.chance(0.1):
            self.later(self.random.uniform(30, 900), lambda: self._calls_in(case.id, number))

    def _worse(self, case_id):
        self.change(case_id, lambda case: handling.raise_case(case, NeedPerson(Urgency.EMERGENCY, "danger"), self.now))

    def _withdraws(self, case_id):
        def withdraw(case):
            return handling.close(case, Outcome.WITHDRAWN_BY_CALLER, by=CALLER, now=self.now)

        self.change(case_id, withdraw)

    def _calls_in(self, case_id, number):
        case = self.case(case_id)
        if not case.live_calls:
            line = f"CA-again-{number}"
            self.change(case_id, lambda case: bridging.call_started(case, line, self.now))
            self.later(self.random.expovariate(1 / 240), lambda: self._ended(case_id, line))
