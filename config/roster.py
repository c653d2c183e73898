"""The roster file, read whole: a roster, or everything that is wrong with it at once.

The file is YAML 1.2 (config/roster.example.yaml shows every part of it). A fault that `blocks` keeps the file
from being used; the others are worth a look and do no harm.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config import roster_values
from config.content_yaml import Document, read_document
from config.roster_checks import clashes, entries, word
from config.roster_entries import RosterFile
from config.roster_values import Known, Wrong
from flows.fault import Fault
from flows.roster import Roster


def read_roster(path: Path) -> tuple[Roster | None, tuple[Fault, ...]]:
    """The roster, or None if any fault blocks it; and every fault, in order of line."""
    document = read_document(path, path.name)
    if isinstance(document, Fault):
        return None, (document,)
    if not isinstance(document.values, dict):
        return None, (Fault(document.file, 1, "this is not a roster", 'Begin with "zone:", "staff:" and "lists:"'),)
    return _read(document)


def reload_roster(path: Path, current: Roster) -> tuple[Roster, tuple[Fault, ...]]:
    """The file as it is now, or `current` while any fault blocks it; and every fault.

    `current` is the roster as it was read from the file, without live overrides: those are laid on afterwards.
    """
    roster, faults = read_roster(path)
    return (current if roster is None else roster), faults


def _read(document: Document) -> tuple[Roster | None, tuple[Fault, ...]]:
    known = _declared(document.values)
    faults = list(clashes(document, known))
    roster = None
    try:
        roster = RosterFile.model_validate(document.values, context=known).value()
    except ValidationError as error:
        faults += _of_entries(document, error)
    usable = not any(fault.blocks for fault in faults)
    return (roster if usable else None), tuple(sorted(faults))


def _declared(values: dict[str, Any]) -> Known:
    """The names declared in the file, also by entries that have other faults, so that one fault stays one."""
    try:
        zone = roster_values.zone(values.get("zone"))
    except Wrong:
        zone = ZoneInfo("UTC")
    return Known(staff=tuple(_names(values, "staff", "id")), lists=tuple(_names(values, "lists", "name")), zone=zone)


def _names(values: dict[str, Any], section: str, key: str) -> Iterator[str]:
    for _, entry in entries(values, section):
        if name := word(entry, key):
            yield name


def _of_entries(document: Document, error: ValidationError) -> Iterator[Fault]:
    for detail in error.errors(include_url=False, include_input=False):
        what, mend = _in_words(detail)
        place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in detail["loc"])
        yield Fault(document.file, document.line(detail["loc"]), f"{place}: {what}" if place else what, mend)


def _in_words(detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong and how to mend it, in the words of whoever writes the file."""
    match detail["type"], detail.get("ctx", {}).get("error"):
        case _, Wrong() as wrong:
            return wrong.what, wrong.mend
        case "missing", _:
            return "this is missing", f'Add "{detail["loc"][-1]}:" to the entry'
        case "extra_forbidden", _:
            return "nothing of this name belongs here", "Check the spelling against roster.example.yaml, or remove it"
        case _:
            return "a group of settings must stand here", "Write it as in roster.example.yaml, one setting a line"
