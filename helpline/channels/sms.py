"""Prompts as text messages."""

from collections.abc import Sequence

from flows.catalogue import Catalogue
from flows.events import Channel
from flows.segments import size_of
from flows.step import Prompt
from helpline.channels.twiml import document, said, verb

MOST_MESSAGES = 10  # Twilio refuses more replies to one text (error 14109)
LONGEST = 2  # segments; what fits is put into one message, because carriers may swap two


def texts(prompts: Sequence[Prompt], catalogue: Catalogue) -> tuple[str, ...]:
    """What the person receives, in order; neighbours share a message while it stays within two segments."""
    joined: list[str] = []
    for prompt in prompts:
        said = catalogue.text(prompt, Channel.SMS)
        if joined and size_of(f"{joined[-1]}\n{said}").segments <= LONGEST:
            joined[-1] = f"{joined[-1]}\n{said}"
        elif said:
            joined.append(said)
    return tuple(joined[:MOST_MESSAGES])


def twiml(messages: Sequence[str]) -> str:
    """The webhook's answer; no messages is an empty answer, which Twilio takes as "received"."""
    return document(*(verb("Message", said(message)) for message in messages))
