"""What a transaction counts, about nobody: by the hour, for Prometheus, where callers stand, the audit trail."""

from collections.abc import Sequence
from datetime import datetime

from flows.case import Case, Line
from helpline.store import keys, measures
from helpline.store.change import Change, milliseconds, seconds

AUDIT_LENGTH = 1_000_000  # lines; an approximate cap so that a runaway writer cannot fill the memory
WAITS_KEPT = 200


class Counts(Change):
    """Counts that are of something that is committed with them."""

    def audit(self, what: str, **ids: str) -> None:
        """One line of the audit trail: ids and words of ours only, never a number or the caller's words."""
        told = (part for pair in ids.items() for part in pair)
        self.send("XADD", keys.AUDIT, "MAXLEN", "~", AUDIT_LENGTH, "*", "what", what, *told)

    def raise_metric(self, field: str, by: float = 1) -> None:
        """Count something for Prometheus."""
        self.send("HINCRBYFLOAT", keys.METRICS, field, by)

    def saw(self, sid: str, at: datetime) -> None:
        """Remember that this text or call of Twilio's was taken, for the comparison with Twilio's own lists."""
        self.send("ZADD", keys.SEEN, milliseconds(at), sid)

    def count(self, at: datetime, *names: str) -> None:
        """One more of each, in the hour of `at`; a name never says who."""
        if names:
            hour = keys.counts(measures.hour_of(at))
            for name in names:
                self.send("HINCRBY", hour, name, 1)
            self.send("EXPIRE", hour, seconds(measures.KEPT))

    def note_wait(self, level: str, waited_s: float) -> None:
        """Keep how long somebody waited, and nothing about whom."""
        name = keys.waits(level)
        self.send("LPUSH", name, f"{waited_s:.0f}")
        self.send("LTRIM", name, 0, WAITS_KEPT - 1)
        self.send("EXPIRE", name, seconds(self.retention.waits))

    def _measure(self, case: Case, lines: Sequence[Line]) -> None:
        """What the lines count; a wait counts once in a case, with the hour in which the case opened."""
        if lines:
            self.count(lines[-1].at, *measures.counts_of(case, lines))
        hour, who = keys.counts(measures.hour_of(case.opened_at)), self._vault.keyed("measure", case.id)
        for kind, level, waited_s in measures.measures_of(case, lines):
            self.send("HSETNX", hour, f"{kind}|{who}", f"{level}|{waited_s:.0f}")
            self.send("EXPIRE", hour, seconds(measures.KEPT))
