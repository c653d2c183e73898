"""Twilio's identifiers: two letters and 32 hexadecimal digits."""

import re
import secrets

E164 = re.compile(r"\+[1-9]\d{6,14}")


def new_sid(prefix: str) -> str:
    """Return a fresh SID such as `CA…` for a call."""
    return prefix + secrets.token_hex(16)


def is_e164(number: str) -> bool:
    """Return whether `number` is written as +, country code, subscriber number (ITU-T E.164)."""
    return E164.fullmatch(number) is not None
