"""Keeps records no longer than they may be kept: here once a day, and at the carrier a few at a time."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog

from helpline.gateway.copies import BATCH, Copies
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.store import RedisStore
from helpline.store.expiry import Expiry, Swept

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Keeping:
    """The retention policy, carried out."""

    store: RedisStore
    expiry: Expiry
    copies: Copies
    clock: Callable[[], datetime]

    def sweep(self) -> Swept:
        """The daily sweep; its line in the audit trail, numbers only, is the proof."""
        swept = self.expiry.sweep(self.clock())
        counts = {name: str(count) for name, count in asdict(swept).items()}
        self.store.transact(lambda tx: tx.audit("retention_swept", **counts))
        log.info("retention_swept", count=swept.texts_expired)
        return swept

    def clear_carrier(self) -> int:
        """Have the carrier delete a batch of what is older than its time; gives how many it deleted."""
        before = self.clock() - self.store.retention.carrier
        deleted = tried = 0
        try:
            for what, sid in self.copies.older_than(before):
                if tried == BATCH:
                    break
                tried += 1
                deleted += self.copies.delete(what, sid)
        except (Refused, Unavailable, Uncertain) as fault:
            log.warning("carrier_not_cleared", fault=type(fault).__name__)
        if deleted:
            self.store.transact(lambda tx: tx.audit("carrier_cleared", deleted=str(deleted)))
        return deleted
