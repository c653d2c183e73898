"""One page: one attempt to tell one staff member about one case by one channel. Also the calls that make a bridge.

A page is written down as due before anything is sent, leased by one worker, handed to the carrier, and followed by
the carrier's callbacks. Nothing here ever moves backwards, whatever order the callbacks come in.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from flows.carrier_codes import NO_KEY, UNCONFIRMED, Verdict, verdict
from flows.policy import Policy
from flows.roster import Contact, StaffId

MOST_REQUESTS: Final = 2
"""Requests to the carrier for one page whose answer was lost: a second page beats a lost one, a third does not."""


class Purpose(StrEnum):
    """Whom the phone of this attempt belongs to, and what for."""

    PAGE = "page"  # A staff member: somebody is needed.
    OWNER = "owner"  # The one who claimed: join the bridge.
    CALLER = "caller"  # The caller: join the bridge.
    GUEST = "guest"  # A third person whom the owner wants in the bridge.


class PageState(StrEnum):
    """Where an attempt stands."""

    DUE = "due"
    LEASED = "leased"
    UNCERTAIN = "uncertain"  # Sent or not? Ask the carrier before sending again.
    FAILED_RETRY = "failed_retry"  # Refused for now, never processed; again at `next_at`.
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    ANSWERED = "answered"  # A call was picked up; by whom, only a key press tells.
    FAILED_FINAL = "failed_final"
    SUPERSEDED = "superseded"  # No longer wanted.


UNSENT: Final = frozenset({PageState.DUE, PageState.LEASED, PageState.UNCERTAIN, PageState.FAILED_RETRY})
OVER: Final = frozenset({PageState.FAILED_FINAL, PageState.SUPERSEDED})
RECEIVED: Final = frozenset({PageState.DELIVERED, PageState.ANSWERED})

SMS_RANKS: Final = MappingProxyType({
    "": -1, "accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3,
    "canceled": 4, "failed": 5, "undelivered": 6, "delivered": 7, "read": 8,
})  # fmt: skip
CALL_RANKS: Final = MappingProxyType({
    "": -1, "queued": 0, "initiated": 1, "ringing": 2, "in-progress": 3, "answered": 3,
    "canceled": 4, "failed": 5, "busy": 6, "no-answer": 7, "completed": 8,
})  # fmt: skip
_SMS_FAILED: Final = frozenset({"canceled", "failed", "undelivered"})
_CALL_ENDED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One attempt. `id` is the same whenever the same plan is made again, and goes into the callback address.

    `next_at` is when somebody must look at it again. `token` fences the worker that holds it. `requests` counts
    requests to the carrier of which one may have been processed; `retries` those that certainly were not. `sids` has
    more than one entry only after a lost answer. `status` and `error` are the carrier's words.
    """

    id: str
    staff_id: StaffId
    channel: Contact
    round: int
    step: int
    n: int
    due_at: datetime
    next_at: datetime
    purpose: Purpose = Purpose.PAGE
    state: PageState = PageState.DUE
    token: str = ""
    requests: int = 0
    retries: int = 0
    sids: tuple[str, ...] = ()
    status: str = ""
    error: str = ""
    accepted_at: datetime | None = None
    followed: bool = False

    @property
    def unsent(self) -> bool:
        return self.state in UNSENT

    @property
    def sendable(self) -> bool:
        """True if nobody holds it and the carrier certainly does not have it."""
        return self.state in {PageState.DUE, PageState.FAILED_RETRY}

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def received(self) -> bool:
        return self.state in RECEIVED

    @property
    def live_call(self) -> bool:
        """True while a phone may be ringing or talking for this attempt."""
        return self.channel is Contact.CALL and bool(self.sids) and rank(self) < _CALL_ENDED

    @property
    def ringing(self) -> bool:
        """True while a phone may be ringing and nobody is known to have picked up."""
        return self.live_call and rank(self) < CALL_RANKS["in-progress"]


def page_id(case_id: str, *parts: object) -> str:
    """An opaque id in which only the case can be read back (`case_of`)."""
    digest = sha256("\x1f".join(map(str, (case_id, *parts))).encode()).hexdigest()
    return f"{case_id}.{digest[:16]}"


def case_of(page: str) -> str:
    """The id of the case that a page belongs to, so that a callback finds it even when nothing else was saved."""
    return page.rpartition(".")[0]


def rank(page: Page) -> int:
    """How far the carrier says the attempt has come."""
    return ranks(page.channel)[page.status]


def ranks(channel: Contact) -> MappingProxyType[str, int]:
    """The carrier's status words in the only order in which they count (Twilio docs: callbacks come in any order)."""
    return SMS_RANKS if channel is Contact.SMS else CALL_RANKS


def lease(page: Page, token: str, now: datetime, policy: Policy) -> Page | None:
    """The page held by one worker until `next_at`; None when it is not to be sent now.

    One that waits after a refusal may go with another request to the same person; should that be refused too, it is
    no try of its own. The worker checks right before its request that the stored token is still its own.
    """
    if not page.sendable:
        return None
    early = page.state is PageState.FAILED_RETRY
    return replace(
        page,
        state=PageState.LEASED,
        token=token,
        requests=page.requests + 1,
        retries=page.retries - early,
        next_at=now + policy.page_lease,
    )


def woken(page: Page, now: datetime) -> Page:
    """The page once the time it waited for has come.

    A lease that ran out leaves it uncertain: its worker may have died before or after the request. A wait after a
    refusal makes it due again.
    """
    if page.next_at > now:
        return page
    if page.state is PageState.LEASED:
        return replace(page, state=PageState.UNCERTAIN, next_at=now)
    if page.state is PageState.FAILED_RETRY:
        return replace(page, state=PageState.DUE, next_at=now)
    return page


def uncertain(page: Page, token: str, now: datetime) -> Page:
    """The worker sent the request and got no answer it can trust (time-out, 5xx)."""
    if page.state is PageState.LEASED and page.token == token:
        return replace(page, state=PageState.UNCERTAIN, next_at=now)
    return page


def not_found(page: Page, now: datetime) -> Page:
    """The carrier knows nothing of an uncertain page: it may be sent again, within `MOST_REQUESTS`.

    A call to the caller is not: the carrier's list may lag, and two phones must not ring for one bridge. It counts as
    a try that failed, and the next one comes when the first can no longer ring.
    """
    if page.state is not PageState.UNCERTAIN:
        return page
    if page.requests < MOST_REQUESTS and page.purpose is not Purpose.CALLER:
        return replace(page, state=PageState.DUE, token="", next_at=now)
    return replace(page, state=PageState.FAILED_FINAL, token="", error=UNCONFIRMED)


def unavailable(page: Page, token: str, wait_until: datetime, policy: Policy) -> Page:
    """The carrier refused for now and processed nothing (429, no connection): again at `wait_until`, then final."""
    if page.state is not PageState.LEASED or page.token != token:
        return page
    requests, retries = page.requests - 1, page.retries + 1
    if retries > len(policy.retry_backoff):
        return replace(page, state=PageState.FAILED_FINAL, token="", requests=requests, retries=retries, error="20429")
    return replace(page, state=PageState.FAILED_RETRY, token="", requests=requests, retries=retries, next_at=wait_until)


def back_off(page: Page, now: datetime, policy: Policy) -> datetime:
    """When a page that is refused for now is tried again, unless the carrier asks for longer."""
    return now + policy.retry_backoff[min(page.retries, len(policy.retry_backoff) - 1)]


def refused(page: Page, token: str, code: str) -> Page:
    """The carrier answered with an error that says the request was not and will not be processed."""
    if page.state is not PageState.LEASED or page.token != token:
        return page
    return replace(page, state=PageState.FAILED_FINAL, token="", error=code)


def accepted(page: Page, sid: str, now: datetime) -> Page:
    """The carrier has the page as `sid`. Also adopts what a worker thought lost, or sent with a lease that was over."""
    if sid in page.sids:
        return page
    known = replace(page, sids=(*page.sids, sid), accepted_at=page.accepted_at or now)
    if page.unsent:
        return replace(known, state=PageState.ACCEPTED, token="")
    return known


def outcome(page: Page, sid: str, status: str, error: str, now: datetime) -> Page:
    """The page after one of the carrier's callbacks; the highest status counts, whatever order they come in.

    An unknown status word changes nothing but proves that the carrier has the page.
    """
    known = accepted(page, sid, now)
    order = ranks(page.channel)
    if status not in order or (order[status], status) < (rank(page), page.status):
        return known
    worst = max(page.error, error, key=_weight) if status == page.status else error
    seen = replace(known, status=status, error=worst)
    if seen.state is PageState.SUPERSEDED:
        return seen
    return _settled(seen)


def _weight(error: str) -> tuple[bool, str]:
    """Of two errors for one status the carrier's number counts more than a bare word."""
    return error.isdigit(), error


def _settled(page: Page) -> Page:
    """The page in the state that its status stands for."""
    if page.channel is Contact.SMS:
        return _settled_text(page)
    return _settled_call(page)


def _settled_text(page: Page) -> Page:
    if page.status in _SMS_FAILED:
        return replace(page, state=PageState.FAILED_FINAL, error=page.error or page.status)
    if page.status in {"delivered", "read"}:
        return replace(page, state=PageState.DELIVERED, error="")
    return replace(page, state=PageState.SENT if page.status == "sent" else PageState.ACCEPTED)


def _settled_call(page: Page) -> Page:
    if rank(page) >= _CALL_ENDED:
        ended = NO_KEY if page.status == "completed" else page.status
        return replace(page, state=PageState.FAILED_FINAL, error=page.error or ended)
    if rank(page) == CALL_RANKS["in-progress"]:
        return replace(page, state=PageState.ANSWERED)
    return replace(page, state=PageState.SENT if page.status == "ringing" else PageState.ACCEPTED)


def superseded(page: Page, now: datetime) -> Page:
    """The page is no longer wanted: nothing more is sent; a phone that rings is to be stopped (`next_at`)."""
    if page.over:
        return page
    return replace(page, state=PageState.SUPERSEDED, token="", next_at=now)


def rings_until(page: Page, policy: Policy) -> datetime:
    """When no phone can ring for this page any more, even if the callback that would say so is lost."""
    return (page.accepted_at or page.due_at) + 2 * policy.ring_timeout + policy.page_lease


def page_verdict(page: Page) -> Verdict:
    """What the failure of a page calls for."""
    return verdict(page.error)
