"""Addresses of Redis: one server, or a group watched by Sentinels, each with or without TLS.

`redis+sentinel://[user:password@]host:port,host:port/NAME[/DB]`: the Sentinels, and the name they know the group by.
With `rediss+sentinel` servers and Sentinels are talked to over TLS. User and password are the servers'.
"""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

SENTINEL_PORT = 26379


@dataclass(frozen=True, slots=True)
class SentinelAddress:
    """Where the Sentinels are, and which group is ours."""

    sentinels: tuple[tuple[str, int], ...]
    name: str
    db: int = 0
    tls: bool = False
    user: str = ""
    password: str = ""


def is_sentinel(address: str) -> bool:
    """Whether the address names Sentinels."""
    return address.partition("://")[0] in {"redis+sentinel", "rediss+sentinel"}


def read_sentinel(address: str) -> SentinelAddress:
    """The parts of an address that names Sentinels.

    Raises:
        ValueError: says what is missing, without repeating the address, which may hold a password.

    """
    scheme, _, rest = address.partition("://")
    place, _, path = rest.partition("/")
    login, _, hosts = place.rpartition("@")
    name, _, db = path.partition("/")
    sentinels = tuple(_host(one) for one in hosts.split(",") if one.strip())
    if not sentinels:
        raise ValueError("no Sentinel in it: redis+sentinel://host:26379,host:26379/NAME")
    if not name or not (db or "0").isdecimal():
        raise ValueError("no name of the group in it: redis+sentinel://host:26379,host:26379/NAME")
    user, _, password = login.partition(":") if ":" in login else ("", "", login)
    return SentinelAddress(sentinels, name, int(db or 0), scheme == "rediss+sentinel", unquote(user), unquote(password))


def _host(written: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{written.strip()}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("the port of a Sentinel is none") from None
    if not host:
        raise ValueError("a Sentinel without a host")
    return host, port or SENTINEL_PORT
