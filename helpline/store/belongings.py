"""Everything the line holds about one caller: deleted as one, or held for the law as one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpline.store import keys
from helpline.store.transaction import Transaction, milliseconds

ENDED = keys.ended_contact("")
CONTACT = keys.contact("")


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: while it stands nothing about the caller is deleted. `by` is who entered it."""

    by: str
    reason: str
    since: datetime


def forget(tx: Transaction, caller_key: str) -> int:
    """Delete everything about a caller when the transaction commits; gives how many records that is.

    What stays: that they want no texts (`keys.no_texts`, without their number), and the answer to the very event that
    asked for this, for a day, so that the same event again is not taken for a new one.
    """
    before = tx.belonging(caller_key) | {keys.caller(caller_key)}
    tx.forgetting = True

    def write(pipe: Any) -> None:
        names = before | tx.belonging_now(caller_key)
        pipe.delete(*sorted(names), keys.held(caller_key))
        for name in names:
            if name.startswith(ENDED):
                pipe.zrem(keys.CONTACTS_ENDED, name.removeprefix(ENDED))
            elif name.startswith(CONTACT):
                pipe.zrem(keys.CONTACTS_OPEN, name.removeprefix(CONTACT))
        pipe.zrem(keys.FORGET, caller_key)

    tx.write(write, last=True)
    return len(before)


def forget_later(tx: Transaction, caller_key: str, now: datetime) -> None:
    """Remember that this caller is to be forgotten as soon as their case has ended and no hold stands."""
    tx.write(lambda pipe: pipe.zadd(keys.FORGET, {caller_key: milliseconds(now)}, nx=True))


def erase_at_carrier(tx: Transaction, caller_key: str, number: str, at: datetime) -> None:
    """Have the carrier's copies of what was said with this number deleted, from `at` on until it is done."""
    tx.put(keys.erase(caller_key), number, tx.retention.erase)
    tx.write(lambda pipe: pipe.zadd(keys.ERASE, {caller_key: milliseconds(at)}))


def hold_of(tx: Transaction, caller_key: str) -> Hold | None:
    """The legal hold on this caller's records, if one stands."""
    (data,) = tx.read(keys.hold(caller_key))
    return None if data is None else Hold(data["by"], data["reason"], datetime.fromisoformat(data["since"]))


def put_hold(tx: Transaction, caller_key: str, hold: Hold) -> None:
    """Hold everything: nothing that is there now expires any more."""
    data = {"by": hold.by, "reason": hold.reason, "since": hold.since.isoformat()}
    tx.put(keys.hold(caller_key), data, None)
    names = _everything(tx, caller_key)
    tx.write(lambda pipe: [pipe.persist(name) for name in names], last=True)
    tx.audit("hold_placed", caller=caller_key, by=hold.by)


def drop_hold(tx: Transaction, caller_key: str, by: str) -> None:
    """End the hold: what it kept expires as if it were new."""
    tx.delete(keys.hold(caller_key))
    ttl: timedelta = tx.retention.closed_case
    names = _everything(tx, caller_key) - _of_open_case(tx, caller_key)
    tx.write(lambda pipe: [pipe.expire(name, ttl) for name in names], last=True)
    tx.audit("hold_ended", caller=caller_key, by=by)


def _of_open_case(tx: Transaction, caller_key: str) -> frozenset[str]:
    """What must not expire while somebody waits."""
    case = tx.case_of(caller_key)
    if case is None:
        return frozenset()
    return frozenset((keys.case(case.id), keys.timeline(case.id), keys.code(case.code)))


def _everything(tx: Transaction, caller_key: str) -> frozenset[str]:
    return tx.belonging(caller_key) | {keys.caller(caller_key), keys.held(caller_key)}
