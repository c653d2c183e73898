"""Who wants no texts from us: asked before every text, and told by whoever learns it from Twilio."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flows import handling
from flows.case import Refused
from helpline.paging.dispatch import Dispatch
from helpline.store import RedisStore, Transaction


@dataclass(frozen=True, slots=True)
class NoTexts:
    """The wishes of every number, known by its keyed hash alone."""

    store: RedisStore
    dispatch: Dispatch
    clock: Callable[[], datetime]

    def wished_by(self, number: str) -> bool:
        """Whether this number may not be texted."""
        return self.store.opted_out(self.store.vault.caller_key(number))

    def learned(self, number: str) -> None:
        """Twilio blocks texts to this number: nothing is tried again, and whoever has the caller's case is told."""
        key, now = self.store.vault.caller_key(number), self.clock()

        def decide(tx: Transaction) -> None:
            if tx.opted_out(key):
                return
            tx.put_opted_out(key, now, out=True)
            tx.audit("texts_blocked", caller=key)
            case = tx.case_of(key)
            changed = None if case is None else handling.opt_out(case, now)
            if case is not None and changed is not None and not isinstance(changed, Refused):
                self.dispatch.write(tx, case, changed)

        self.store.transact(decide)
