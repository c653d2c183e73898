"""The document of somebody who holds: what `flows.holding` decides to say, music, and keys alive all the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flows import holding
from flows.case import Case
from flows.holding import Told
from flows.nodes import Person
from flows.session import Session
from flows.step import Prompt
from flows.turn import as_dialled
from helpline.channels.voice import Addresses, VoiceRenderer
from helpline.content.live import LiveContent
from helpline.store import RedisStore

MUSIC = "media/hold.wav"


@dataclass(frozen=True, slots=True)
class HoldDesk:
    """Looks after callers on hold; reads, and writes nothing."""

    store: RedisStore
    content: LiveContent
    addresses: Addresses
    facts: Callable[[Case], dict[str, str]]
    fallback_number: str
    clock: Callable[[], datetime]

    def document(self, session: Session | None, case: Case, told: Told) -> str:
        """What this caller hears next, given what they have been told in this call."""
        language = case.language if session is None else session.language
        now_said = holding.next_round(
            case,
            told,
            place=self.store.place_on_hold(case.id),
            minutes=self._minutes(case),
            now=self.clock(),
            own=self._own(session),
        )
        params = {**self.facts(case), **now_said.params, "fallback": as_dialled(self.fallback_number)}
        prompts = tuple(Prompt(message, language, params) for message in now_said.messages)
        version = 0 if session is None else session.version
        voice = VoiceRenderer(self.content.catalogue, self.addresses)
        return voice.hold(prompts, version, language, now_said.told, self.addresses.site(MUSIC))

    def _own(self, session: Session | None) -> tuple[str, ...]:
        node = None if session is None else self.content.flow.nodes.get(session.node)
        return node.on_hold if isinstance(node, Person) else ()

    def _minutes(self, case: Case) -> int | None:
        return holding.typical_minutes(self.store.waits(case.urgency.word))
