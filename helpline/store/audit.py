"""The audit trail as a chain: every line's keyed hash covers the line and the hash before it.

Lines are written with what they tell of, by whoever does it, without waiting for each other (`Transaction.audit`).
Right after, they are linked in the order in which they stand. Whoever changes, removes, adds or reorders a linked line
without the lookup key breaks the chain there; `verify` says where. The head, kept elsewhere, shows a cut-off end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from helpline.store import keys
from helpline.store.redis_store import RedisStore
from helpline.store.transaction import AUDIT_LENGTH, Transaction

BATCH = 500
FOREVER = timedelta(days=36_500)
START = "0-0"


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line: when (a stream id of Redis, milliseconds first), what, and ids."""

    id: str
    what: str
    ids: dict[str, str]

    @property
    def milliseconds(self) -> int:
        return int(self.id.partition("-")[0])


@dataclass(frozen=True, slots=True)
class Head:
    """The last linked line: its place in the stream, its number, its hash."""

    id: str = START
    number: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found; `waiting` lines are written and not linked yet."""

    lines: int
    waiting: int
    head: Head
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.faults


class AuditTrail:
    """Links, reads and verifies."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    def link(self) -> int:
        """Link every line that is not linked yet; gives how many. Two who do it at once make one chain."""
        linked = 0
        while (many := self._store.transact(self._link_batch)) > 0:
            linked += many
        return linked

    def head(self) -> Head:
        """The last link."""
        return self._store.transact(_head)

    def newest(self, count: int, *, only_staff: bool = True) -> tuple[AuditLine, ...]:
        """The newest lines, newest first; of callers' turns only if asked for."""
        found: list[AuditLine] = []
        before = "+"
        while len(found) < count:
            end = before
            rows: Any = self._store.ask(lambda redis, end=end: redis.xrevrange(keys.AUDIT, end, "-", count=BATCH))  # type: ignore[misc]
            if not rows:
                break
            lines = [_line(row) for row in rows]
            found += [line for line in lines if not only_staff or "staff" in line.ids]
            before = f"({lines[-1].id}"
        return tuple(found[:count])

    def verify(self, anchor: Head | None = None) -> Verdict:
        """Look at every line. `anchor` is a head that was kept elsewhere: it must be in the chain as it was."""
        head = self.head()
        faults: list[str] = []
        lines, previous, seen_anchor = 0, Head(), anchor is None
        links = self._rows(keys.AUDIT_LINKS, "-")
        for line in (_line(row) for row in self._rows(keys.AUDIT, "-")):
            if _after(line.id, head.id):
                break
            link = next(links, None)
            if link is None or link[0].decode() != line.id:
                faults.append(f"line {line.id} was put in, or a line before it was taken out")
                return Verdict(lines, 0, head, tuple(faults))
            at = Head(line.id, int(link[1][b"n"]), link[1][b"h"].decode())
            faults += self._wrong(line, at, previous, first=lines == 0)
            seen_anchor = seen_anchor or at == anchor
            lines, previous = lines + 1, at
        if previous != head:
            faults.append(f"the chain ends at number {previous.number}, but its head says {head.number}")
        if next(links, None) is not None:
            faults.append("a line at the end was taken out")
        if not seen_anchor:
            faults.append("the head that was kept elsewhere is not in the chain: the end was cut off and written anew")
        waiting = sum(1 for _ in self._rows(keys.AUDIT, f"({head.id}" if head.number else "-"))
        return Verdict(lines, waiting, head, tuple(faults))

    def _wrong(self, line: AuditLine, at: Head, previous: Head, *, first: bool) -> Iterator[str]:
        if first and at.number > 1:
            length: Any = self._store.ask(lambda redis: redis.xlen(keys.AUDIT))
            if length < AUDIT_LENGTH * 0.99:
                yield f"the first {at.number - 1} lines were taken out"
            return
        if at.number != previous.number + 1:
            yield f"line {line.id} has number {at.number}, but comes after {previous.number}"
        elif at.hash != self._hash(previous.hash, line):
            yield f"line {line.id} was changed"

    def _link_batch(self, tx: Transaction) -> int:
        head = _head(tx)
        rows: Any = tx.rows_after(keys.AUDIT, head.id, BATCH)
        for line in (_line(row) for row in rows):
            head = Head(line.id, head.number + 1, self._hash(head.hash, line))
            tx.write(_link(head))
        if rows:
            tx.put(keys.AUDIT_HEAD, {"id": head.id, "number": head.number, "hash": head.hash}, FOREVER)
        return len(rows)

    def _hash(self, previous: str, line: AuditLine) -> str:
        told = "\x1f".join((previous, line.id, line.what, *(f"{name}={line.ids[name]}" for name in sorted(line.ids))))
        return self._store.vault.keyed("audit", told)

    def _rows(self, stream: str, start: str) -> Iterator[Any]:
        while True:
            begin = start
            rows: Any = self._store.ask(lambda redis, begin=begin: redis.xrange(stream, begin, "+", count=BATCH))  # type: ignore[misc]
            if not rows:
                return
            yield from rows
            start = f"({rows[-1][0].decode()}"


def _head(tx: Transaction) -> Head:
    (kept,) = tx.read(keys.AUDIT_HEAD)
    return Head() if kept is None else Head(kept["id"], kept["number"], kept["hash"])


def _link(head: Head) -> Any:
    return lambda pipe: pipe.xadd(keys.AUDIT_LINKS, {"n": head.number, "h": head.hash}, id=head.id)


def _line(row: Any) -> AuditLine:
    ids = {name.decode(): value.decode() for name, value in row[1].items()}
    return AuditLine(row[0].decode(), ids.pop("what", ""), ids)


def _after(one: str, other: str) -> bool:
    return _place(one) > _place(other)


def _place(stream_id: str) -> tuple[int, int]:
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds), int(number)
