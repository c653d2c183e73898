"""Checks of attribute values. Each returns what is wrong, or an empty string."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from emulator.identifiers import is_e164

Check = Callable[[str], str]

KEYS = frozenset("0123456789*#")


def anything(value: str) -> str:  # noqa: ARG001 - a check that everything passes
    """Accept every value."""
    return ""


def whole(low: int, high: int | None = None) -> Check:
    """Accept whole numbers from `low` to `high`."""

    def check(value: str) -> str:
        if not re.fullmatch(r"\d+", value, re.ASCII):
            return "must be a whole number"
        if int(value) < low or (high is not None and int(value) > high):
            return f"must be from {low} to {high}" if high is not None else f"must be at least {low}"
        return ""

    return check


def one_of(*values: str) -> Check:
    """Accept exactly these values, in this case."""

    def check(value: str) -> str:
        return "" if value in values else "must be one of " + ", ".join(values)

    return check


def list_of(*values: str) -> Check:
    """Accept these values separated by single spaces, each at most once."""

    def check(value: str) -> str:
        words = value.split(" ")
        fine = len(set(words)) == len(words) and all(word in values for word in words)
        return "" if fine else "must be a space-separated list of " + ", ".join(values)

    return check


def either(*checks: Check) -> Check:
    """Accept what one of the checks accepts."""

    def check(value: str) -> str:
        faults = [inner(value) for inner in checks]
        return "" if "" in faults else " or ".join(faults)

    return check


def text(longest: int) -> Check:
    """Accept up to `longest` characters."""

    def check(value: str) -> str:
        return "" if len(value) <= longest else f"must have at most {longest} characters"

    return check


def url(value: str) -> str:
    """Accept an absolute http(s) URL or a relative reference."""
    if not value:
        return "must not be empty"
    if any(char.isspace() or not char.isprintable() for char in value):
        return "must not contain spaces or control characters"
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        return f"is not a URL: {error}"
    if parts.scheme not in ("", "http", "https"):
        return "must be an http or https URL"
    return "must name a host" if parts.scheme and not parts.hostname else ""


def url_or_empty(value: str) -> str:
    """Accept a URL, or nothing (silence)."""
    return url(value) if value else ""


def urls(value: str) -> str:
    """Accept one or more URLs separated by spaces."""
    return next((fault for fault in map(url, value.split()) if fault), "") if value.strip() else "must not be empty"


def phone(value: str) -> str:
    """Accept an E.164 number."""
    return "" if is_e164(value) else "must be a phone number in E.164 form"


def caller_id(value: str) -> str:
    """Accept an E.164 number or a client name."""
    return "" if value.startswith("client:") else phone(value)


def hints(value: str) -> str:
    """Accept up to 500 words or phrases of up to 100 characters each, separated by commas."""
    phrases = value.split(",")
    if len(phrases) > 500 or any(len(phrase.strip()) > 100 for phrase in phrases):
        return "may hold 500 phrases of 100 characters each"
    return ""


def one_key(value: str) -> str:
    """Accept one key, or nothing (which switches the attribute off)."""
    return "" if value == "" or (len(value) == 1 and value in KEYS) else "must be one of 0-9, *, # or empty"


def keys(value: str) -> str:
    """Accept a string of keys."""
    return "" if value and set(value) <= KEYS else "must be made of 0-9, *, #"


def send_digits(value: str) -> str:
    """Accept keys and waits (w: half a second, W: a second)."""
    return "" if re.fullmatch(r"[0-9*#wW]{1,32}", value) else "must be 1 to 32 of 0-9, *, #, w, W"


BOOLEAN = one_of("true", "false")
METHOD = one_of("GET", "POST")
