"""The contact ledger: one line for each contact, from its first event to its ending.

The rule, checked all day: a contact has an ending, or an owner with a due time. An owner is the caller (we have
answered and wait for them), staff (a case is open) or the line itself (we owe them a text).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from flows.case import Case, Outcome
from flows.events import Channel
from flows.step import Effect, OptOut, Step, Timer, Wait
from flows.timers import SESSION
from flows.turn import LEFT

Word = TypeVar("Word", bound=StrEnum)

GRACE = timedelta(minutes=1)
"""After a due time, for the timer or the text that is on its way."""


class Ending(StrEnum):
    """How a contact ended."""

    HANDED_OVER = "handed_over"
    REACHED_ELSEWHERE = "reached_elsewhere"
    TRANSFERRED_911_988 = "transferred_911_988"
    UNREACHABLE = "unreachable"
    WITHDRAWN_BY_CALLER = "withdrawn_by_caller"
    COMPLETED = "completed"  # The conversation came to an end of its own.
    WENT_QUIET = "went_quiet"  # We had answered, and the person did not go on.
    HUNG_UP = "hung_up"  # The person ended the call while we owed them nothing.
    OPTED_OUT = "opted_out"
    TOLD = "told"  # A call that we missed was answered by a text: how to reach us.
    CAME_BACK = "came_back"  # A call that we missed, and the person reached us since.
    NOT_TO_BE_CONTACTED = "not_to_be_contacted"  # A call that we missed, and the person does not want to be contacted.
    NO_WAY_BACK = "no_way_back"  # A call that we missed, from a number that is withheld or takes no texts.


BY_STAFF = (Outcome.HANDED_OVER, Outcome.REACHED_ELSEWHERE, Outcome.TRANSFERRED_911_988)
"""How staff end a contact by reaching the person."""


class Owner(StrEnum):
    """Whose turn it is while a contact is open."""

    CALLER = "caller"
    STAFF = "staff"
    LINE = "line"


class GapKind(StrEnum):
    """What is wrong with an open contact."""

    NO_OWNER = "no_owner"
    CASE_GONE = "case_gone"
    OVERDUE = "overdue"
    RECORD_GONE = "record_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact. `missed` says that it came while the line could not answer; `late_by` how late it was answered.

    `missed_at`: when its last event came, if that one was taken up late.
    """

    id: str
    session_id: str
    caller_key: str
    channel: Channel
    began_at: datetime
    last_at: datetime
    events: int = 1
    owner: Owner | None = None
    due_at: datetime | None = None
    case_id: str = ""
    ending: Ending | None = None
    ended_at: datetime | None = None
    missed: bool = False
    late_by: timedelta = timedelta(0)
    missed_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.ending is None


@dataclass(frozen=True, slots=True)
class Gap:
    """One contact that breaks the rule, or is late."""

    contact_id: str
    kind: GapKind
    since: datetime | None = None


_OF_OUTCOME = {outcome: Ending(outcome.value) for outcome in Outcome}


def ended(contact: Contact, ending: Ending, now: datetime) -> Contact:
    """The contact with its ending; the first ending stays."""
    return contact if not contact.open else replace(contact, owner=None, due_at=None, ending=ending, ended_at=now)


def owed_by(contact: Contact, owner: Owner, due_at: datetime) -> Contact:
    """The open contact with whose turn it is, and until when."""
    return replace(contact, owner=owner, due_at=due_at)


def after_turn(contact: Contact, step: Step, case: Case | None, now: datetime, patience: timedelta) -> Contact:
    """The contact after one turn; `patience` is how long an unanswered question stays open."""
    if case is not None and not case.closed:
        return replace(owed_by(contact, Owner.STAFF, case.due_at), case_id=case.id)
    if any(isinstance(effect, OptOut) for effect in step.effects):
        return ended(contact, Ending.OPTED_OUT, now)
    if step.session.memory.get(LEFT):
        return ended(contact, Ending.WENT_QUIET, now)
    waits = _waits(step.effects, patience if step.listen.wait is not Wait.END else None)
    if waits is not None:
        return owed_by(contact, Owner.CALLER, now + waits)
    if case is not None and case.outcome is not None:
        return ended(contact, _OF_OUTCOME[case.outcome], now)
    return ended(contact, Ending.COMPLETED, now)


def after_hang_up(contact: Contact, step: Step, case: Case | None, now: datetime) -> Contact:
    """The contact once its call is over: an open question may still be answered by a text."""
    if case is not None and not case.closed:
        return replace(owed_by(contact, Owner.STAFF, case.due_at), case_id=case.id)
    waits = _waits(step.effects, None)
    return ended(contact, Ending.HUNG_UP, now) if waits is None else owed_by(contact, Owner.CALLER, now + waits)


def _waits(effects: Iterable[Effect], otherwise: timedelta | None) -> timedelta | None:
    timers = [effect.after for effect in effects if isinstance(effect, Timer) and effect.name == SESSION]
    return max(timers) if timers else otherwise


def after_case(contact: Contact, case: Case) -> Contact:
    """The contact of a case that has changed outside a turn: staff closed it, or its target moved."""
    if not contact.open or contact.owner is not Owner.STAFF:
        return contact
    if case.closed and case.outcome is not None and case.closed_at is not None:
        return ended(contact, _OF_OUTCOME[case.outcome], case.closed_at)
    return owed_by(contact, Owner.STAFF, case.due_at)


def lapsed(contact: Contact, now: datetime) -> Contact:
    """The contact whose caller did not go on within their time: it has ended, and nothing was owed."""
    waited_out = contact.open and contact.owner is Owner.CALLER and contact.due_at is not None
    if waited_out and contact.due_at is not None and contact.due_at + GRACE <= now:
        return ended(contact, Ending.WENT_QUIET, now)
    return contact


def gap(contact: Contact, case_of: Callable[[str], Case | None], now: datetime) -> Gap | None:
    """What is wrong with an open contact; None where it has an owner and is in time.

    A case that staff have reached the caller in is in time, whatever its target was.
    """
    if contact.owner is None or contact.due_at is None:
        return Gap(contact.id, GapKind.NO_OWNER, contact.last_at)
    if contact.owner is Owner.STAFF:
        case = case_of(contact.case_id)
        if case is None or case.closed:
            return Gap(contact.id, GapKind.CASE_GONE, contact.last_at)
        if case.contact_at is not None:
            return None
    return Gap(contact.id, GapKind.OVERDUE, contact.due_at) if contact.due_at + GRACE < now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The sum of some contacts: what came must be what ended and what is still owed."""

    came: int
    ended: tuple[tuple[Ending, int], ...]
    owed: tuple[tuple[Owner, int], ...]
    missed: int
    gaps: int

    @property
    def adds_up(self) -> bool:
        """Whether nobody fell between two lines."""
        return self.came == sum(n for _, n in self.ended) + sum(n for _, n in self.owed)


def tally(contacts: Iterable[Contact], gaps: Iterable[Gap]) -> Tally:
    """Add up."""
    rows = tuple(contacts)
    return Tally(
        came=len(rows),
        ended=tuple(_counted(Ending, (row.ending for row in rows))),
        owed=tuple(_counted(Owner, (row.owner for row in rows if row.open))),
        missed=sum(row.missed for row in rows),
        gaps=len(tuple(gaps)),
    )


def _counted(words: type[Word], found: Iterable[Word | None]) -> Iterator[tuple[Word, int]]:
    seen = tuple(found)
    return ((word, seen.count(word)) for word in words if word in seen)
