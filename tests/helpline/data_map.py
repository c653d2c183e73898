"""The table of docs/privacy.md, read so that Redis can be held against it."""

import re
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from tests.helpline.stored import values

DOCUMENT = Path(__file__).parents[2] / "docs" / "privacy.md"
ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (sealed|ids|counts) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NO_EXPIRY = (
    "for good",
    "it is",
    "it ends",
    "they",
    "the visit",
    "the talk",
    "the case",
    "the reports",
    "1,000,000",
    "1 day",
)
OPEN_CASE = ("case:", "timeline:", "code:")
"""These expire from the closing of their case on."""


@dataclass(frozen=True)
class Row:
    """One row."""

    key: str
    kept_as: str
    until: str

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"<[a-z]+>", r"[^\\s]+", self.key.replace("*", "<any>")) + r"\Z")

    @property
    def expires(self) -> bool:
        return not self.until.startswith(NO_EXPIRY) or "at most" in self.until


def rows() -> tuple[Row, ...]:
    return tuple(Row(key, kept, until) for key, _, kept, until, _ in ROW.findall(DOCUMENT.read_text()))


def row_of(key: str, table: tuple[Row, ...]) -> Row | None:
    """The row that speaks of this key; the one with the longest fixed part, for `audit` and `audit:links`."""
    found = [row for row in table if row.pattern.match(key)]
    return max(found, key=lambda row: len(row.key.partition("<")[0]), default=None)


def contradictions(redis: Redis) -> list[str]:
    """Where Redis is not as the table says: an unknown key, something unsealed, or something without an expiry."""
    table, wrong = rows(), []
    for value in values(redis):
        row = row_of(value.key, table)
        if row is None:
            wrong.append(f"{value.key} is not in the data map")
        elif (
            row.kept_as == "sealed"
            and not value.sealed
            and value.raw != value.key.encode()
            and not _name(value.raw, row)
        ):
            wrong.append(f"{value.key} is not sealed")
    for key in redis.scan_iter():
        row = row_of(key.decode(), table)
        if row is not None and row.expires and redis.ttl(key) == -1 and not key.decode().startswith(OPEN_CASE):
            wrong.append(f"{key.decode()} never expires")
    return sorted(set(wrong))


def _name(raw: bytes, row: Row) -> bool:
    """A field of a sealed hash is an id in clear."""
    return row.key == "overrides" and len(raw) < 60
