"""How one value of the environment is read: the text in, the value out, or a `ValueError` that says what is wrong.

No message repeats the value: it may be a secret or somebody's number.
"""

import base64
import binascii
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import phonenumbers

from config.redis_address import is_sentinel, read_sentinel

# 32 drawn bytes hold about 30 different values; fewer than this is a pattern, not a draw (chance below 1e-12).
_LEAST_DIFFERENT_BYTES = 16


def e164(number: str) -> str:
    """The number as E.164, spaces and dashes taken out; ranges newer than the library's tables are let through."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        raise ValueError("not a telephone number in E.164") from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError("no telephone number of that length is in use there")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def web_address(address: str) -> str:
    """The address without its last slash; http or https, a host, and neither user, query nor fragment."""
    parts = _split(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not an http or https address")
    return address.rstrip("/")


def root_address(address: str) -> str:
    """A web address that paths can be added to: nothing after its own path, and no password in it."""
    parts = _split(address)
    if parts.query or parts.fragment or "?" in address or "#" in address:
        raise ValueError("the address has something after its path")
    if parts.username is not None:
        raise ValueError("the address has a user name in it, which Twilio does not sign")
    return web_address(address)


def https_or_local(address: str) -> str:
    """A root address to which secrets may be sent: https, or on this machine."""
    if not address.startswith("https:") and not is_local(address):
        raise ValueError("plain http to another machine would show the credentials to everyone between")
    return root_address(address)


def is_local(address: str) -> bool:
    """Whether the address is on this machine, so that nothing leaves it."""
    return _split(address).hostname in {"127.0.0.1", "::1", "localhost"}


def is_true(word: str) -> bool:
    """Whether a switch is on; anything but these words is off, and pydantic refuses what is neither."""
    return word.strip().lower() in {"1", "true", "yes", "on"}


def redis_address(address: str) -> str:
    """A Redis address of a kind redis-py opens, or one that names Sentinels."""
    if is_sentinel(address):
        read_sentinel(address)
        return address
    parts = _split(address)
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.hostname or parts.path):
        raise ValueError("not a redis, rediss, unix or redis+sentinel address")
    return address


def readable_file(path: str) -> Path:
    """The path of a file that is there and can be read."""
    try:
        with Path(path).open("rb"):
            return Path(path)
    except OSError as fault:
        raise ValueError(f"the file cannot be read ({fault.strerror})") from None


def secret_keys(listed: str) -> tuple[str, ...]:
    """The keys of a comma list, in their order."""
    keys = words(listed)
    if not keys:
        raise ValueError("no key in it")
    if len(set(keys)) < len(keys):
        raise ValueError("the same key twice")
    return tuple(strong_key(key) for key in keys)


def strong_key(key: str) -> str:
    """A key of 32 drawn bytes in URL-safe base64, the form `helpline keys` gives."""
    try:
        drawn = base64.b64decode(key, altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("a key is not URL-safe base64") from None
    if len(drawn) != 32:
        raise ValueError("a key is not 32 bytes long")
    if len(set(drawn)) < _LEAST_DIFFERENT_BYTES:
        raise ValueError("a key is a pattern, not drawn by chance")
    return key


def words(listed: str) -> tuple[str, ...]:
    """The entries of a comma list without the blanks around them."""
    return tuple(entry.strip() for entry in listed.split(",") if entry.strip())


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # a port out of range is found only when it is asked for
    except ValueError:
        raise ValueError("not an address") from None
    return parts
