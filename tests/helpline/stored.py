"""Everything a Redis holds, raw and opened: what a stranger with the data sees, and what a stranger with the key does."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from redis import Redis

from helpline.privacy.vault import Vault, is_sealed


@dataclass(frozen=True)
class Value:
    """One value, with the key it stands under."""

    key: str
    raw: bytes

    @property
    def sealed(self) -> bool:
        return is_sealed(self.raw)

    def opened(self, vault: Vault) -> bytes:
        """What it says to whoever has the keys."""
        return json.dumps(vault.open(self.raw), ensure_ascii=False).encode() if self.sealed else self.raw


def values(redis: Redis) -> Iterator[Value]:
    """Every value under every key, key names and field names too, RQ's compressed ones unpacked."""
    for key in sorted(redis.scan_iter(count=1000)):
        name = key.decode()
        yield Value(name, key)
        for raw in _parts(redis, key):
            yield Value(name, _unpacked(raw))


def _parts(redis: Redis, key: bytes) -> Iterator[bytes]:
    match redis.type(key):
        case b"string":
            yield redis.get(key) or b""
        case b"list":
            yield from redis.lrange(key, 0, -1)
        case b"set":
            yield from redis.smembers(key)
        case b"zset":
            yield from redis.zrange(key, 0, -1)
        case b"hash":
            for field, value in redis.hgetall(key).items():
                yield from (field, value)
        case b"stream":
            for _, entry in redis.xrange(key):
                for field, value in entry.items():
                    yield from (field, value)
        case b"none":
            return
        case other:
            raise AssertionError(f"{key!r} is a {other!r}, which this scan cannot read")


def _unpacked(raw: bytes) -> bytes:
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return raw


def tells(text: bytes, secrets: list[str]) -> list[str]:
    """Which of the secrets stand in it, a number also in the ways people and machines write it."""
    low = text.lower()
    return [secret for secret in secrets if any(form in low for form in _forms(secret))]


def _forms(secret: str) -> set[bytes]:
    forms = {secret}
    if secret.startswith("+1"):
        area, office, line = secret[2:5], secret[5:8], secret[8:]
        forms |= {secret[1:], secret[2:], f"%2b{secret[1:]}", f"({area}) {office}-{line}", f"{area}-{office}-{line}"}
    forms |= {json.dumps(form)[1:-1] for form in forms}
    return {form.lower().encode() for form in forms}
