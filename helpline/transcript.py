"""What was said in a turn while a case is open, for whoever takes it; before that no words are kept."""

from collections.abc import Iterator

from flows.case import CALLER
from flows.catalogue import Catalogue
from flows.events import Answered, Channel
from flows.step import Step
from helpline.arrival import Arrival
from helpline.store import BOT, Spoken


def transcript(step: Step, arrival: Arrival, catalogue: Catalogue) -> Iterator[Spoken]:
    """The caller's words, then the bot's, in the channel's form."""
    event, channel = arrival.event, arrival.channel
    if isinstance(event, Answered) and event.text.strip():
        yield Spoken(event.at, CALLER, event.text, channel)
    said = " ".join(catalogue.text(prompt, channel) for prompt in step.prompts)
    if said.strip() and (isinstance(event, Answered) or channel is Channel.SMS):
        yield Spoken(event.at, BOT, said, channel)
