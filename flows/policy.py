"""The escalation policy: for each urgency, whom to page, when, how often and until what. Content, not code.

Everything that lasts is a `timedelta`; in content files and JSON it is a number of seconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

from flows.plain import from_plain, to_plain
from flows.roster import Contact
from flows.urgency import Urgency

EVERYONE = "everyone"
SUPERVISOR = "supervisor"
FALLBACK = "fallback"

_NONE = timedelta(0)


class By(StrEnum):
    """How a step pages; what a staff member cannot be reached by is left out for them."""

    SMS = "sms"
    CALL = "call"
    BOTH = "both"

    @property
    def contacts(self) -> tuple[Contact, ...]:
        return (Contact.SMS, Contact.CALL) if self is By.BOTH else (Contact(self.value),)


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """Page these lists `after` the round began; `whom` are list names, "everyone", "supervisor" or "fallback"."""

    after: timedelta
    whom: tuple[str, ...]
    by: By = By.BOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What one urgency asks for.

    `repeat_every` is the wait between the last step of a round and the first of the next; rounds never end.
    `human_within` is the target for contact with a human. A claim not connected within `claim_lease` reopens.
    `notices` are the times, since the case opened, at which a waiting caller is told how things stand; then again
    every `notice_every`. After `max_hold` on the line a callback is offered. `callback_spacing` are the waits
    between tries to reach the caller: one more try than there are waits.
    """

    steps: tuple[PolicyStep, ...]
    repeat_every: timedelta
    human_within: timedelta
    claim_lease: timedelta
    notices: tuple[timedelta, ...]
    notice_every: timedelta
    max_hold: timedelta
    callback_spacing: tuple[timedelta, ...] = ()

    @property
    def callback_tries(self) -> int:
        return len(self.callback_spacing) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole policy; a case keeps the copy it was opened with.

    `page_receipt`: neither delivered nor answered in this time, a page goes out by the other channel too.
    `page_lease`: how long one worker may take to hand a page to the carrier. `ring_again`: how soon an order nobody
    took up is given again. `ring_timeout`: how long a phone rings, short enough to stay ahead of voicemail.
    `retry_backoff`: waits after the carrier refused for now. `in_vain_again`: the wait
    for the next round when no page of this one could arrive. `sms_validity`: after it a page text dies unsent.
    `talk_at_least`: a shorter talk is not taken for a hand-over. `outcome_reminder`: how often an owner who has
    talked is asked how it ended. `check_calls`: how often calls believed to be live are checked with the carrier.
    """

    routine: Level
    soon: Level
    urgent: Level
    emergency: Level
    page_receipt: timedelta = timedelta(seconds=30)
    page_lease: timedelta = timedelta(seconds=20)
    ring_again: timedelta = timedelta(seconds=5)
    ring_timeout: timedelta = timedelta(seconds=25)
    retry_backoff: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (2, 5, 10, 20))
    in_vain_again: timedelta = timedelta(seconds=60)
    sms_validity: timedelta = timedelta(seconds=240)
    talk_at_least: timedelta = timedelta(seconds=20)
    outcome_reminder: timedelta = timedelta(seconds=300)
    check_calls: timedelta = timedelta(seconds=60)

    def level(self, urgency: Urgency) -> Level:
        """What this urgency asks for."""
        return (self.routine, self.soon, self.urgent, self.emergency)[urgency]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Self:
        """Read a policy from content or from a case: field names of these classes, durations in seconds.

        Raises:
            ValueError: the shape is wrong, or `faults` found something; it names every place.

        """
        policy = from_plain(cls, data)
        if found := faults(policy):
            raise ValueError("; ".join(found))
        return policy

    def to_plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain


def faults(policy: Policy) -> tuple[str, ...]:
    """Everything in the policy that would keep it from paging; empty for a sound one."""
    return (*_faults_of_levels(policy), *_faults_of_times(policy))


def _faults_of_levels(policy: Policy) -> Iterator[str]:
    for urgency in Urgency:
        for fault in _faults_of_level(policy.level(urgency)):
            yield f"{urgency.word}: {fault}"


def _faults_of_level(level: Level) -> Iterator[str]:
    if not level.steps:
        yield "there is no step, so nobody would be paged"
    elif level.steps[0].after != _NONE:
        yield "the first step must come after 0 seconds"
    if any(later.after < sooner.after for sooner, later in pairwise(level.steps)):
        yield "steps must be in order of time"
    if any(not step.whom for step in level.steps):
        yield "a step names nobody to page"
    if any(later <= sooner for sooner, later in pairwise(level.notices)):
        yield "notices must be in order of time"
    for name in ("repeat_every", "human_within", "claim_lease", "notice_every", "max_hold"):
        if getattr(level, name) <= _NONE:
            yield f"{name} must be more than 0 seconds"
    if any(wait <= _NONE for wait in level.callback_spacing):
        yield "callback_spacing must be more than 0 seconds each"


def _faults_of_times(policy: Policy) -> Iterator[str]:
    names = (
        "page_receipt",
        "page_lease",
        "ring_again",
        "ring_timeout",
        "in_vain_again",
        "sms_validity",
        "outcome_reminder",
        "check_calls",
    )
    for name in names:
        if getattr(policy, name) <= _NONE:
            yield f"{name} must be more than 0 seconds"
    if policy.talk_at_least < _NONE:
        yield "talk_at_least must not be negative"
    if not policy.retry_backoff or any(wait <= _NONE for wait in policy.retry_backoff):
        yield "retry_backoff needs waits of more than 0 seconds each"
