"""One written value of the roster file at a time: the value, or what is wrong with it and how to mend it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import phonenumbers

from flows.roster import StaffId, Weekday
from flows.roster.wall_clock import instant

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]+(\d\d?:\d\d)")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")

T = TypeVar("T")
Choice = TypeVar("Choice", bound=Enum)


class Wrong(ValueError):
    """What is wrong with a value, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


@dataclass(frozen=True, slots=True)
class Known:
    """What the rest of the file has declared, for values that point to it."""

    staff: tuple[str, ...]
    lists: tuple[str, ...]
    zone: ZoneInfo


def text(value: object) -> str:
    """The value as text; a list or a map in its place is wrong."""
    if not isinstance(value, str):
        kind = "a list" if isinstance(value, list) else "a group of settings"
        raise Wrong(f"{kind} stands where a single value must stand", "Write one value after the colon")
    if not value.strip():
        raise Wrong("nothing is written here", "Write a value, or remove the line")
    return value.strip()


def name(value: object) -> str:
    """A short name that can stand in a command or a text: letters, digits, - and _."""
    written = text(value)
    if not _NAME.fullmatch(written):
        raise Wrong(f'"{written}" is not a short name', "Use only the letters a to z, digits, - and _, such as ana-f")
    return written


def phone(value: object) -> str:
    """The number in E.164, whatever spaces and dashes it was written with."""
    written = text(value)
    mend = "Write it with + and the country code, such as +1 717 555 0110"
    try:
        parsed = phonenumbers.parse(written, None)
    except phonenumbers.NumberParseException:
        raise Wrong(f'"{written}" is not a phone number', mend) from None
    if not phonenumbers.is_possible_number(parsed) or parsed.extension:
        raise Wrong(f'"{written}" is not a number that can be dialled: too short, too long or with an extension', mend)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def zone(value: object) -> ZoneInfo:
    """A time zone with its clock changes, by its Region/City name."""
    written = text(value)
    if "/" in written or written == "UTC":
        try:
            return ZoneInfo(written)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    cities = sorted(known for known in available_timezones() if "/" in known)
    near = get_close_matches(written.replace(" ", "_"), cities, n=1)
    raise Wrong(
        f'"{written}" is not a time zone', f"Write it as Region/City, such as {(near or ['America/New_York'])[0]}"
    )


def language(value: object) -> str:
    """A language by its ISO 639 code."""
    written = text(value).lower()
    if not _LANGUAGE.fullmatch(written):
        raise Wrong(f'"{written}" is not a language code', "Write two or three letters, such as en or es")
    return written


def weekday(value: object) -> Weekday:
    """A day by its English name or the first three letters of it."""
    written = text(value).lower()
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for number, day in enumerate(days):
        if written in {day, day[:3]}:
            return Weekday(number)
    raise Wrong(f'"{written}" is not a day of the week', "Write mon, tue, wed, thu, fri, sat or sun")


def clock(value: object) -> time:
    """A time of day on the 24-hour clock."""
    written = text(value)
    found = _CLOCK.fullmatch(written)
    if not found:
        raise Wrong(f'"{written}" is not a time of day', "Write hours and minutes on the 24-hour clock, such as 08:00")
    return time(int(found[1]), int(found[2]))


def closing_clock(value: object) -> time:
    """A time of day at which something ends; 24:00 is the midnight that ends the day."""
    return time(0) if text(value) == "24:00" else clock(value)


def day(value: object) -> date:
    """A date, year first."""
    written = text(value)
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Wrong(f'"{written}" is not a date', "Write year, month and day, such as 2026-12-25") from None


def moment(value: object, known: Known) -> datetime:
    """A UTC instant: date and wall-clock time in the roster's zone, or with an offset of its own."""
    written = text(value)
    try:
        if local := _MOMENT.fullmatch(written):
            return instant(date.fromisoformat(local[1]), clock(local[2]), known.zone)
        aware = datetime.fromisoformat(written)
    except Wrong:
        raise
    except ValueError:
        aware = None
    if aware is None or aware.tzinfo is None:
        raise Wrong(f'"{written}" is not a date with a time', "Write both, such as 2026-12-25 08:00")
    return aware.astimezone(UTC)


def count(value: object) -> int:
    """A whole number from 1 to 99."""
    written = text(value)
    if not re.fullmatch(r"[1-9][0-9]?", written):
        raise Wrong(f'"{written}" is not a whole number from 1 to 99', "Write how many, such as 2")
    return int(written)


def yes_or_no(value: object) -> bool:
    """Whether yes or true was written."""
    written = text(value).lower()
    if written not in {"yes", "no", "true", "false"}:
        raise Wrong(f'"{written}" is neither yes nor no', "Write yes or no")
    return written in {"yes", "true"}


def choice(options: type[Choice], words: Callable[[Choice], str]) -> Callable[[object], Choice]:
    """A reader of one of the options by its word."""
    by_word = {words(option): option for option in options}

    def read(value: object) -> Choice:
        written = text(value).lower()
        if written not in by_word:
            raise Wrong(f'"{written}" is not one of {_either(by_word)}', f"Write {_either(by_word)}")
        return by_word[written]

    return read


def staff_reference(value: object, known: Known) -> StaffId:
    """The id of somebody under `staff`."""
    return StaffId(_reference(value, known.staff, "staff"))


def list_reference(value: object, known: Known) -> str:
    """The name of a list under `lists`."""
    return _reference(value, known.lists, "lists")


def near_to(written: str, options: Iterable[str]) -> str:
    """A question that names the closest option, for a mend; empty if none is close."""
    near = get_close_matches(written, list(options), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _reference(value: object, options: tuple[str, ...], where: str) -> str:
    written = text(value)
    if written not in options:
        raise Wrong(
            f'nobody and nothing under "{where}" is called "{written}"',
            f'Use a name from "{where}"{near_to(written, options)}, or add it there',
        )
    return written


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
