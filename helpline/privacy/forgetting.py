"""Forgetting a caller who asked for it: at once where nothing forbids it, else as soon as nothing does any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from helpline.gateway.copies import BATCH, Copies
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.store import RedisStore, Transaction, keys
from helpline.store.belongings import erase_at_carrier, forget, forget_later, hold_of

log = structlog.get_logger()

CARRIER_AGAIN = timedelta(minutes=10)  # texts on their way cannot be deleted (20009), the last reply is one of them


def asked(tx: Transaction, caller_key: str, now: datetime) -> None:
    """The caller has asked and confirmed. An open case stays, and so does what the law holds; both go later."""
    held = hold_of(tx, caller_key) is not None
    if held or tx.case_of(caller_key) is not None:
        forget_later(tx, caller_key, now)
        tx.audit("forget_later", caller=caller_key, why="hold" if held else "open_case")
        return
    _forget(tx, caller_key, now)


def _forget(tx: Transaction, caller_key: str, now: datetime) -> None:
    caller = tx.caller(caller_key)
    if caller is not None and caller.number is not None:
        erase_at_carrier(tx, caller_key, caller.number, now + CARRIER_AGAIN)
    records = forget(tx, caller_key)
    tx.audit("forgotten", caller=caller_key, records=str(records))


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What remains to be forgotten, here and at the carrier; a chore comes back for it."""

    store: RedisStore
    copies: Copies
    clock: Callable[[], datetime]

    def go_on(self) -> None:
        """Forget those who could not be forgotten when they asked, and have the carrier delete what it keeps."""
        for caller_key in self.store.waiting_in(keys.FORGET, self.clock()):
            self.store.transact(partial(asked, caller_key=caller_key, now=self.clock()))
        for caller_key in self.store.waiting_in(keys.ERASE, self.clock()):
            self._erase(caller_key)

    def _erase(self, caller_key: str) -> None:
        number = self.store.transact(lambda tx: tx.read(keys.erase(caller_key))[0])
        try:
            done = number is None or self._erased(str(number))
        except (Refused, Unavailable, Uncertain) as fault:
            log.warning("erasing_put_off", caller=caller_key, fault=type(fault).__name__)
            done = False
        now = self.clock()

        def report(tx: Transaction) -> None:
            if done:
                tx.delete(keys.erase(caller_key))
                tx.write(lambda pipe: pipe.zrem(keys.ERASE, caller_key))
                tx.audit("erased_at_carrier", caller=caller_key)
            else:
                again = (now + CARRIER_AGAIN).timestamp() * 1000
                tx.write(lambda pipe: pipe.zadd(keys.ERASE, {caller_key: again}))

        self.store.transact(report)

    def _erased(self, number: str) -> bool:
        """Whether nothing of this number is left there; at most a batch is deleted at a time."""
        found = list(self.copies.of(number))
        deleted = [self.copies.delete(what, sid) for what, sid in found[:BATCH]]
        return all(deleted) and len(found) <= len(deleted) and not any(self.copies.of(number, limit=1))
