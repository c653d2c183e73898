"""What no single entry of the roster file can show: entries that clash with one another."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import phonenumbers
from pydantic import ValidationError

from config import roster_values
from config.content_yaml import Document
from config.roster_entries import OverrideEntry
from config.roster_values import Known, Wrong
from flows.fault import Fault
from flows.policy import EVERYONE, FALLBACK, SUPERVISOR
from flows.roster import PRIMARY, OverrideKind, Role, StaffId

_TAKEN = {EVERYONE, FALLBACK, SUPERVISOR}
_Place = tuple[str | int, ...]


def entries(values: Any, *path: str | int) -> list[tuple[int, dict[str, Any]]]:
    """The entries of a list in the file that have the shape of entries, each with its place."""
    for part in path:
        values = values.get(part) if isinstance(values, dict) else None
    written = values if isinstance(values, list) else []
    return [(number, entry) for number, entry in enumerate(written) if isinstance(entry, dict)]


def word(entry: dict[str, Any], key: str, default: str = "") -> str:
    """The single value under `key`, or `default` where none or something else stands there."""
    value = entry.get(key, default)
    return value if isinstance(value, str) else default


def clashes(document: Document, known: Known) -> Iterator[Fault]:
    """Every clash in the file, whatever else is wrong with it."""
    yield from _names_given_twice(document, "staff", "id")
    yield from _names_given_twice(document, "lists", "name")
    yield from _lists(document)
    yield from _numbers(document)
    yield from _supervisors(document)
    yield from _overrides(document, known)


def _fault(document: Document, path: _Place, what: str, mend: str, *, blocks: bool = True) -> Fault:
    return Fault(document.file, document.line(path), what, mend, blocks)


def _names_given_twice(document: Document, section: str, key: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for number, entry in entries(document.values, section):
        if not (name := word(entry, key)):
            continue
        if name in first:
            line = document.line((section, first[name], key))
            mend = f"Give one of them another {key}; the first is on line {line}"
            yield _fault(document, (section, number, key), f'the {key} "{name}" is given twice under "{section}"', mend)
        first.setdefault(name, number)


def _lists(document: Document) -> Iterator[Fault]:
    lists = entries(document.values, "lists")
    if lists and PRIMARY not in {word(entry, "name") for _, entry in lists}:
        mend = f'Call the list that is paged first "{PRIMARY}"'
        yield _fault(document, ("lists",), f'there is no list called "{PRIMARY}"', mend)
    for number, entry in lists:
        if word(entry, "name") in _TAKEN:
            what = f'"{entry["name"]}" cannot be the name of a list: the policy means something else by it'
            yield _fault(document, ("lists", number, "name"), what, "Give the list another name")
        if not {"shifts", "rotations"} & entry.keys():
            what = "the list has neither shifts nor rotations, so nobody would ever be on it"
            yield _fault(document, ("lists", number), what, 'Add "shifts" or "rotations", or remove the list')


def _numbers(document: Document) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for place, owner, number in _written_numbers(document):
        parsed = phonenumbers.parse(number, None)
        if not phonenumbers.is_valid_number(parsed):
            what = f"{number} is not in any range of numbers known to be in use"
            yield _fault(document, place, what, "Check it for a typing error, and call it", blocks=False)
        if owner and owners.setdefault(number, owner) != owner:
            what = f"{number} belongs to both {owners[number]} and {owner}, so a reply could not be told apart"
            yield _fault(document, place, what, "Give each person a number of their own")


def _written_numbers(document: Document) -> Iterator[tuple[_Place, str, str]]:
    """Where each usable number stands, whose it is ("" for a fallback number), and the number."""
    values = document.values if isinstance(document.values, dict) else {}
    groups: list[tuple[_Place, str, Any]] = [(("fallback_numbers",), "", values.get("fallback_numbers"))]
    groups += [
        (("staff", number, "phones"), word(entry, "id"), entry.get("phones"))
        for number, entry in entries(values, "staff")
    ]
    for place, owner, written in groups:
        for number, value in enumerate(written if isinstance(written, list) else []):
            try:
                yield (*place, number), owner, roster_values.phone(value)
            except Wrong:
                continue


def _supervisors(document: Document) -> Iterator[Fault]:
    staff = entries(document.values, "staff")
    roles = {word(entry, "id"): word(entry, "role", Role.RESPONDER) for _, entry in staff}
    named = document.values.get("supervisors")
    for number, name in enumerate(named if isinstance(named, list) else []):
        if isinstance(name, str) and roles.get(name) == Role.RESPONDER:
            mend = f'Give {name} "role: supervisor" under "staff", or name somebody else'
            yield _fault(document, ("supervisors", number), f"{name} is named as supervisor but has another role", mend)


def _overrides(document: Document, known: Known) -> Iterator[Fault]:
    """Overrides of which one makes another meaningless; only entries that can be read are compared."""
    readable = [
        (number, override)
        for number, entry in entries(document.values, "overrides")
        if (override := _readable(entry, known))
    ]
    for (first, one), (second, other) in combinations(readable, 2):
        if other.from_ >= one.to or one.from_ >= other.to or not _same_list(one, other):
            continue
        if why := _clash(one, other):
            line = document.line(("overrides", first))
            what = f"this override overlaps the one on line {line}: {why}"
            yield _fault(document, ("overrides", second), what, "Change the times of one of them, or remove it")


def _readable(entry: dict[str, Any], known: Known) -> OverrideEntry | None:
    try:
        return OverrideEntry.model_validate(entry, context=known)
    except ValidationError:
        return None


def _same_list(one: OverrideEntry, other: OverrideEntry) -> bool:
    return one.list_name is None or other.list_name is None or one.list_name == other.list_name


def _clash(one: OverrideEntry, other: OverrideEntry) -> str | None:
    twice = sorted(_replaced(one) & _replaced(other))
    if twice:
        return f"both replace {twice[0]}"
    if one.kind is other.kind is OverrideKind.OUT and one.who == other.who:
        return f"{one.who} is out in both"
    for out, step_in in ((one, other), (other, one)):
        if out.kind is OverrideKind.OUT and out.who in _stepping_in(step_in):
            return f"{out.who} steps in while out"
    return None


def _replaced(override: OverrideEntry) -> set[StaffId]:
    pair = {override.who, override.by} if override.kind is OverrideKind.SWAP else {override.who}
    return {person for person in pair if person} if override.kind is not OverrideKind.OUT else set()


def _stepping_in(override: OverrideEntry) -> set[StaffId | None]:
    return {override.who, override.by} if override.kind is OverrideKind.SWAP else {override.by}
