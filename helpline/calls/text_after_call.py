"""What was said in a call, as a text afterwards: only to whoever asked for it by a key, and where texts can arrive."""

from datetime import datetime, timedelta

from flows.catalogue import Catalogue
from flows.events import Channel
from flows.step import Prompt
from helpline.arrival import Arrival, takes_texts
from helpline.store import CallerRecord, Letter, LetterKind

NO_TEXTS = "no_texts"
"""Memory of a call, and of a caller: texts do not arrive there (a landline, or no number at all)."""

WITHIN = timedelta(hours=1)  # later it would come out of nowhere


def can_text(caller: CallerRecord) -> bool:
    """Whether texts can arrive at the caller's own telephone, as far as is known."""
    return caller.number is not None and takes_texts(caller.number) and not caller.memory.get(NO_TEXTS)


def letter(
    arrival: Arrival, caller: CallerRecord, messages: tuple[str, ...], language: str, catalogue: Catalogue
) -> Letter | None:
    """The text that repeats these messages; None where none can be sent, as the caller hears."""
    if arrival.channel is not Channel.VOICE or caller.number is None or caller.opted_out or not can_text(caller):
        return None
    now: datetime = arrival.event.at
    return Letter(
        id=f"answer-{arrival.event_key}",
        kind=LetterKind.ANSWER,
        to=caller.number,
        text="\n".join(catalogue.text(Prompt(message, language), Channel.SMS) for message in messages),
        until=now + WITHIN,
        language=language,
    )
