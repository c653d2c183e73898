"""Drives one case as the service does: transition, plan, carry out, on a clock moved by hand."""

from flows import bridging, claims, delivery
from flows.case import Case, ClaimVia, Refused
from flows.claims import Claimed
from flows.escalation import plan
from flows.orders import BridgeCaller, Order, PageOrder, RingOwner, Tell
from flows.pages import Page, Purpose
from flows.roster import Contact, Roster, StaffId
from tests.flows.escalation.line import ROSTER, START, at, new_case


class Desk:
    """`carrier` True: every page is handed over and accepted at once, texts delivered; False: workers are away."""

    def __init__(self, case: Case | None = None, *, roster: Roster = ROSTER, carrier: bool = True, busy=frozenset()):
        self.case, self.roster, self.carrier = case or new_case(), roster, carrier
        self.now, self.busy = START, busy
        self.orders: list[tuple[float, Order]] = []
        self.lines = []
        self.plan()

    @property
    def second(self) -> float:
        return (self.now - START).total_seconds()

    def plan(self):
        """Plan until nothing more is ordered at this instant."""
        while True:
            planned = plan(self.case, self.roster, now=self.now, busy=self.busy)
            self.case, self.wake_at = planned.case, planned.wake_at
            self.lines += planned.lines
            self.orders += [(self.second, order) for order in planned.orders]
            if not planned.orders:
                return
            for order in planned.orders:
                self._carry_out(order)

    def _carry_out(self, order: Order):
        if self.carrier and isinstance(order, PageOrder | RingOwner | BridgeCaller):
            self.send(order.page)

    def send(self, page: Page):
        self.take(delivery.page_leased(self.case, page.id, token="t", now=self.now))
        self.take(delivery.page_accepted(self.case, page.id, sid=f"S{page.id}", now=self.now))
        if page.channel is Contact.SMS:
            self.take(self.status_of(page, "delivered"))

    def status_of(self, page: Page, status: str, error: str = ""):
        return delivery.page_status(self.case, page.id, sid=f"S{page.id}", status=status, error=error, now=self.now)

    def take(self, result):
        assert not isinstance(result, Refused), result
        self.case, lines = result
        self.lines += lines

    def do(self, result):
        self.take(result)
        self.plan()

    def until(self, second: float):
        """Let the time pass, planning whenever the plan asked for it."""
        while self.wake_at is not None and self.wake_at <= at(second):
            assert self.wake_at > self.now
            self.now = self.wake_at
            self.plan()
        self.now = at(second)
        self.plan()

    # -- people ------------------------------------------------------------------------------------------------

    def claims(self, staff: StaffId, *, call: str = "", via: ClaimVia = ClaimVia.SMS):
        result = claims.claim(self.case, staff, via=via, now=self.now, call=call)
        assert isinstance(result, Claimed), result
        self.do((result.case, result.lines))

    def owner_joins(self):
        (page,) = self.case.live(Purpose.OWNER)
        self.do(bridging.staff_joined(self.case, page.sids[0], self.now))

    def caller_joins(self):
        (page,) = self.case.live(Purpose.CALLER)
        self.do(bridging.caller_joined(self.case, page.sids[0], self.now))

    def caller_does_not_answer(self):
        (page,) = self.case.live(Purpose.CALLER)
        self.do(self.status_of(page, "no-answer"))

    def connect(self, staff: StaffId):
        """Claim, join, join."""
        self.claims(staff)
        self.owner_joins()
        self.caller_joins()

    # -- what was ordered ----------------------------------------------------------------------------------------

    def of(self, kind: type) -> list:
        return [order for _, order in self.orders if isinstance(order, kind)]

    @property
    def paged(self) -> list[tuple[float, str, str]]:
        """Who was paged when and how, each page once."""
        first = {}
        for second, order in self.orders:
            if isinstance(order, PageOrder):
                first.setdefault(order.page.id, (second, order.page.staff_id, order.page.channel.value))
        return list(first.values())

    @property
    def told(self) -> list[tuple[float, str]]:
        """What there was to tell when, each notice once."""
        first = {}
        for second, order in self.orders:
            if isinstance(order, Tell):
                first.setdefault(order.notice.id, (second, order.notice.kind.value))
        return list(first.values())
