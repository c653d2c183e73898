"""A call that drops in the middle of the questions goes on by text, at the same question and with its answers."""

from dataclasses import replace
from types import MappingProxyType

from flows.events import Channel
from flows.session import Session
from flows.turn import ENDED, OFFERED

DROPPED = "dropped"
"""The timer that rings at once in the conversation by text and says the first word in it."""


def carried_over(call: Session, texts: Session | None, texts_id: str) -> Session:
    """The call's conversation as the one by text; what was known from earlier texts stays known.

    Its version is above both, so that every timer set before is void. Until the caller writes it is a call that is
    gone: a danger question not answered within a call's patience is a missing answer.
    """
    earlier = {} if texts is None else {**texts.memory, ENDED: "", OFFERED: ""}
    memory = {what: value for what, value in {**earlier, **call.memory}.items() if value}
    answers = {**({} if texts is None else texts.answers), **call.answers}
    known = (call,) if texts is None else (call, texts)
    return replace(
        call,
        id=texts_id,
        channel=Channel.SMS,
        version=max(one.version for one in known) + 1,
        urgency=max(one.urgency for one in known),
        answers=MappingProxyType(answers),
        memory=MappingProxyType(memory),
        last_event="",
        said=(),
    )
