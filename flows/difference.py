"""What changed between two contents, in words a reviewer can read: what came, what went, what says something else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

from flows.loaded import LoadedContent


class Change(StrEnum):
    """What happened to a part of the content."""

    CAME = "new"
    WENT = "gone"
    DIFFERS = "changed"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One part that is not as it was; `was` and `now` are texts, empty where there is nothing to show."""

    part: str
    id: str
    change: Change
    was: str = ""
    now: str = ""

    def __str__(self) -> str:
        """The difference as a terminal shows it."""
        head = f"{self.change.value:<8}{self.part} {self.id}"
        return "\n".join((head, *(f"    - {self.was}",) * bool(self.was), *(f"    + {self.now}",) * bool(self.now)))


def differences(old: LoadedContent, new: LoadedContent) -> tuple[Difference, ...]:
    """Everything that differs, by part and id; empty for contents that say and do the same."""
    return tuple(sorted(_all(old, new)))


def stranded(old: LoadedContent, new: LoadedContent) -> tuple[str, ...]:
    """The nodes of the old content where a caller may be waiting and which the new one neither has nor maps."""
    gone = old.flow.nodes.keys() - new.flow.nodes.keys() - new.flow.moves.keys()
    return tuple(sorted(gone))


def _all(old: LoadedContent, new: LoadedContent) -> Iterator[Difference]:
    yield from _between("node", old.flow.nodes, new.flow.nodes)
    yield from _between("script", old.flow.scripts, new.flow.scripts)
    yield from _between("question", {e.id: e for e in old.flow.faq}, {e.id: e for e in new.flow.faq})
    yield from _between("number", old.catalogue.numbers, new.catalogue.numbers)
    yield from _between("fact", old.catalogue.line, new.catalogue.line)
    yield from _between("rule", _rules(old), _rules(new))
    for code in old.catalogue.messages.keys() | new.catalogue.messages.keys():
        was, now = old.catalogue.messages.get(code, {}), new.catalogue.messages.get(code, {})
        yield from _between(f"message {code}", was, now)
    for setting in (
        "places",
        "lines",
        "commands",
        "offers",
        "page_from",
        "expiry",
        "check_ins",
        "guards",
        "tongues",
        "moves",
    ):
        yield from _between("setting", {setting: getattr(old.flow, setting)}, {setting: getattr(new.flow, setting)})


def _rules(loaded: LoadedContent) -> dict[str, Any]:
    return {str(place + 1): rule for place, rule in enumerate(loaded.flow.triage.rules)}


def _between(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in old.keys() | new.keys():
        if name not in old:
            yield Difference(part, name, Change.CAME, now=_shown(new[name]))
        elif name not in new:
            yield Difference(part, name, Change.WENT, was=_shown(old[name]))
        elif old[name] != new[name]:
            was, now = _apart(old[name], new[name])
            yield Difference(part, name, Change.DIFFERS, was, now)


def _apart(old: Any, new: Any) -> tuple[str, str]:
    """Only the fields that differ, where both are records of one kind."""
    if type(old) is not type(new) or not is_dataclass(old):
        return _shown(old), _shown(new)
    names = [one.name for one in fields(old) if getattr(old, one.name) != getattr(new, one.name)]
    return tuple(  # type: ignore[return-value]
        "; ".join(f"{name}: {_shown(getattr(value, name))}" for name in names) for value in (old, new)
    )


def _shown(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        told = ((one.name, getattr(value, one.name)) for one in fields(value))
        return "; ".join(f"{name}: {_shown(given)}" for name, given in told if given not in ("", (), None))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(given)}" for key, given in value.items())
    if isinstance(value, tuple | frozenset):
        return ", ".join(_shown(one) for one in value)
    return str(value)
