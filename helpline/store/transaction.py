"""One all-or-nothing change of the line's memory: everything a decision may read and write."""

from datetime import datetime, timedelta

from flows.roster import Override
from helpline.outbox import Bell, Job
from helpline.store import keys
from helpline.store.cases import Cases
from helpline.store.change import milliseconds
from helpline.store.counts import AUDIT_LENGTH
from helpline.store.letter import KEPT_AFTER, LONGEST, Letter

__all__ = ["AUDIT_LENGTH", "Transaction", "milliseconds"]


class Transaction(Cases):
    """Reads see the present; writes happen together at the commit, or not at all.

    A key read here and changed by anyone before the commit makes the commit fail, and the store runs the whole
    decision again; so a decision must be a pure function of what it reads here and of its arguments.
    """

    # -- letters ------------------------------------------------------------------------------------------------

    def letter(self, letter_id: str) -> Letter | None:
        (data,) = self.read(keys.letter(letter_id))
        return None if data is None else Letter.from_json(data)

    def post_letter(self, letter: Letter, now: datetime) -> None:
        """Have a text or call made as soon as this is committed; it is in the due index until it is done."""
        self.put_letter(letter, now)
        self.ring(Bell(Job.POST, (letter.id,)))

    def put_letter(self, letter: Letter, look_at: datetime) -> None:
        """Keep a letter and when it must be looked at again."""
        self.keep_letter(letter, look_at)
        self.send("ZREM", keys.RUNG, keys.letter_member(letter.id))
        self.wake(keys.letter_member(letter.id), look_at)

    def keep_letter(self, letter: Letter, now: datetime) -> None:
        """Keep a letter that nothing more is to be done about but to be read."""
        ttl = max(letter.until - now, timedelta(0)) + KEPT_AFTER
        self.put(keys.letter(letter.id), letter.to_json(), ttl)

    def letter_of(self, *sids: str) -> dict[str, str | None]:
        """Which letter each of these texts or calls at the carrier is known to be."""
        return dict(zip(sids, self.read(*map(keys.sent, sids)), strict=True)) if sids else {}

    def put_sent(self, sid: str, letter_id: str) -> None:
        """Remember which letter this text or call at the carrier is, for as long as any letter may be looked for."""
        self.put(keys.sent(sid), letter_id, LONGEST)

    # -- the roster's live changes ------------------------------------------------------------------------------

    def overrides(self) -> tuple[Override, ...]:
        """Live changes to the roster, watched until the commit."""
        return tuple(map(Override.from_json, self.values_of(keys.OVERRIDES)))

    def put_override(self, override: Override) -> None:
        """Keep a live change to the roster; one with the same id is replaced."""
        self.send("HSET", keys.OVERRIDES, override.id, self._vault.seal(override.to_json()))

    def drop_override(self, override_id: str) -> None:
        """Take a live change back."""
        self.send("HDEL", keys.OVERRIDES, override_id)

    def set_calls_only(self, staff_id: str, *, on: bool) -> None:
        """Note that the carrier blocks texts to this staff member (they wrote STOP), or no longer does."""
        self.send("SADD" if on else "SREM", keys.CALLS_ONLY, staff_id)

    def set_verified(self, number_key: str) -> None:
        """Note that a staff number was shown to be the right one."""
        self.send("SADD", keys.VERIFIED, number_key)
