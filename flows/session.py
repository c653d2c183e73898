"""The record of one caller's pass through the flows; it goes through JSON between every two steps."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flows.events import Channel
from flows.step import Prompt
from flows.urgency import Urgency

SCHEMA = 1

Answer = tuple[int, ...] | None  # None: asked and not answered (skipped, silent or unclear twice)


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a conversation may know of the caller's open case; the store fills it in at every load.

    `state` is the case's state word; `tried` counts staff already paged; `helper` is the first name of who has it.
    """

    code: str
    state: str
    tried: int = 0
    helper: str = ""
    relay: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation. `version` rises by exactly one with every new event; `urgency` never falls.

    `said` is what the last step said, so that the same event again can be answered with the same words.
    """

    id: str
    caller_key: str
    channel: Channel
    language: str
    content: str
    node: str
    started_at: datetime
    last_at: datetime
    version: int = 0
    urgency: Urgency = Urgency.ROUTINE
    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    memory: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tries: int = 0
    turns: int = 0
    trail: tuple[str, ...] = ()
    last_event: str = ""
    case: CaseView | None = None
    said: tuple[Prompt, ...] = ()

    @property
    def fresh(self) -> bool:
        """True until the caller has been greeted."""
        return self.version == 0

    def seen_with(self, case: CaseView | None) -> "Session":
        """The same conversation with the present view of its case."""
        return self if case == self.case else replace(self, case=case)

    def with_texts_stopped(self, stopped: bool) -> "Session":  # noqa: FBT001  a fact about the caller, not a switch
        """The same conversation, knowing whether the caller has stopped our texts, by whatever way."""
        if stopped == ("stopped" in self.memory):
            return self
        memory = {what: value for what, value in self.memory.items() if what != "stopped"}
        return replace(self, memory=MappingProxyType({**memory, "stopped": "1"} if stopped else memory))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values with a schema number; `from_json` gives back an equal session."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "caller_key": self.caller_key,
            "channel": self.channel.value,
            "language": self.language,
            "content": self.content,
            "node": self.node,
            "started_at": self.started_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "version": self.version,
            "urgency": int(self.urgency),
            "answers": {k: None if v is None else list(v) for k, v in self.answers.items()},
            "memory": dict(self.memory),
            "tries": self.tries,
            "turns": self.turns,
            "trail": list(self.trail),
            "last_event": self.last_event,
            "case": None if self.case is None else asdict(self.case),
            "said": [[prompt.message, prompt.language, dict(prompt.params)] for prompt in self.said],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Session":
        """Read what `to_json` wrote.

        Raises:
            ValueError: the record was written by a schema this program does not know.

        """
        if data["schema"] != SCHEMA:
            raise ValueError(f"session schema {data['schema']!r} is not {SCHEMA}: run the release step first")
        return cls(
            id=data["id"],
            caller_key=data["caller_key"],
            channel=Channel(data["channel"]),
            language=data["language"],
            content=data["content"],
            node=data["node"],
            started_at=datetime.fromisoformat(data["started_at"]),
            last_at=datetime.fromisoformat(data["last_at"]),
            version=data["version"],
            urgency=Urgency(data["urgency"]),
            answers=MappingProxyType({k: None if v is None else tuple(v) for k, v in data["answers"].items()}),
            memory=MappingProxyType(dict(data["memory"])),
            tries=data["tries"],
            turns=data["turns"],
            trail=tuple(data["trail"]),
            last_event=data["last_event"],
            case=None if data["case"] is None else CaseView(**data["case"]),
            said=tuple(
                Prompt(message, language, MappingProxyType(params)) for message, language, params in data["said"]
            ),
        )
