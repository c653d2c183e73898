"""One question by text after it is all over: did it help? Only to whoever writes with us; no answer is fine."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from flows.case import Case, Outcome
from flows.events import Channel
from flows.session import Session

SURVEY = "survey"
"""The timer that asks, and the memory of the case that is asked about."""

AFTER = timedelta(minutes=2)
"""Later than the last words, and void as soon as the caller writes."""

TALKED = frozenset({Outcome.HANDED_OVER, Outcome.REACHED_ELSEWHERE})


def wanted(before: Case, case: Case) -> bool:
    """Whether the caller of a case that staff have just closed is asked by text; on a call they are asked by key."""
    over = case.closed and not before.closed and case.outcome in TALKED and case.contact_at is not None
    writes = Channel.SMS in case.channels and case.may_text
    return over and writes and not (case.rated or case.synthetic)


def to_be_asked(session: Session, case: Case, now: datetime) -> Session:
    """The conversation by text, knowing which case the question will be about; the answer may come at once."""
    memory = MappingProxyType({**session.memory, SURVEY: case.id})
    return replace(session, memory=memory, last_at=now + AFTER)
