"""Compares Twilio's own lists with the ledger, so that whoever came while the line was down is answered all the same.

Twilio keeps a text or call it could not deliver to the line, and nobody looks (Twilio blog, fallback URLs: "an error is
logged and nothing more is done"). Everything here may be run again at any point: an event that was taken is known by
its Twilio id, and the checkpoint moves only when all before it was taken.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from flows.events import Channel
from flows.missed import MissedCall, Taken, in_order
from flows.pages import PageState
from flows.roster import Contact
from helpline import arrival
from helpline.content.live import LiveContent
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.lists import Lists
from helpline.ledger.late_answers import LateAnswers
from helpline.paging.dispatch import Dispatch
from helpline.store import RedisStore

log = structlog.get_logger()

SETTLE = timedelta(seconds=20)  # a webhook may still be under way: Twilio gives it 15 s
OVERLAP = timedelta(minutes=10)  # Twilio's lists may lag behind, and clocks differ
FIRST_LOOK = timedelta(hours=1)  # before the first checkpoint: nobody can have counted on a line that was not there
BUDGET_S = 20.0  # of one run, within the time limit of a job; the next goes on
MOST_LOOKUPS = 50


class CheckpointUnreadable(Exception):
    """The checkpoint is no time; the message says how to set it."""

    def __init__(self) -> None:
        super().__init__(
            "the checkpoint in Redis (reconcile:checkpoint) is no time: nothing was changed. "
            "Give the time from which to compare: helpline reconcile --since 2026-11-24T22:00:00Z"
        )


class AnotherLine(Exception):
    """The number's texts go to another line, which answers them."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the number's texts go to {address}, where another line answers them: nothing was changed. "
            "Give this line a number of its own, or lead the number here with helpline provision"
        )


class TooFarBack(Exception):
    """Whom the line answered so long ago is forgotten, so everybody of then would be answered again."""

    def __init__(self, earliest: datetime) -> None:
        super().__init__(
            f"what was answered before {earliest:%d %b %H:%M} UTC is no longer known here, and everybody of then would "
            f"be answered again: nothing was changed. Give a time from {earliest:%Y-%m-%dT%H:%M:%SZ} on"
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What one comparison came to. `wait` is how long to wait for the next."""

    since: datetime
    texts: int = 0
    calls: int = 0
    lookups: int = 0
    finished: bool = True
    young: bool = False


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Compares, and takes up what was missed."""

    store: RedisStore
    lists: Lists
    content: LiveContent
    dispatch: Dispatch
    late: LateAnswers
    clock: Callable[[], datetime]
    another_line: Callable[[], str] = lambda: ""
    stopwatch: Callable[[], float] = time.monotonic

    def run(self, since: datetime | None = None) -> Found:
        """Compare once.

        Raises:
            CheckpointUnreadable, TooFarBack, AnotherLine: nothing was changed.
            gateway.Refused, gateway.Unavailable, gateway.Uncertain: Twilio gave no list; the checkpoint stays.

        """
        begun, stop_at = self.clock(), self.stopwatch() + BUDGET_S
        start = self._checkpoint(begun) if since is None else self._since(since, begun)
        texts = self.lists.incoming_texts(start - OVERLAP)
        calls = self.lists.incoming_calls(start - OVERLAP)
        ids = [(one.sid, one.at) for one in texts] + [(one.sid, one.at) for one in calls]
        known = self.store.seen([sid for sid, _ in ids])
        ripe = begun - SETTLE
        missed = in_order((t for t in texts if t.sid not in known and t.at <= ripe), self.content.flow.lexicon)
        silent = [c for c in calls if c.sid not in known and c.at <= ripe]
        if (missed or silent) and (other := self.another_line()):
            raise AnotherLine(other)
        taken = self._take(missed, [call for call in silent if call.over], stop_at)
        finished = taken == len(missed) + sum(call.over for call in silent)
        lookups = self._finish_records()
        if finished:
            ringing = [call.at for call in silent if not call.over]
            self.store.put_checkpoint(min((ripe, *ringing)), OVERLAP)
        young = any(at > ripe and sid not in known for sid, at in ids) or any(not call.over for call in silent)
        if taken or not finished:
            log.warning("missed_while_down", count=taken, left=len(missed) + len(silent) - taken)
        return Found(start, len(missed), len(silent), lookups, finished=finished, young=young)

    def by_the_clock(self) -> datetime | None:
        """Compare once; gives when to come back if that should be soon."""
        try:
            found = self.run()
        except (CheckpointUnreadable, AnotherLine, Refused) as fault:
            log.critical("reconcile_failed", fault=type(fault).__name__)
            return None
        except (Unavailable, Uncertain) as fault:
            log.warning("reconcile_failed", fault=type(fault).__name__)
            return self.clock() + SETTLE
        if not found.finished:
            return self.clock()
        return self.clock() + SETTLE if found.young else None

    def _checkpoint(self, now: datetime) -> datetime:
        written = self.store.checkpoint()
        if written is None:
            return now - FIRST_LOOK
        try:
            return datetime.fromisoformat(written).astimezone(UTC)
        except ValueError:
            raise CheckpointUnreadable from None

    def _since(self, since: datetime, now: datetime) -> datetime:
        """A time somebody gave, if what was answered since then is still known."""
        earliest = now - self.store.retention.reply + OVERLAP
        if since < earliest and self.store.checkpoint() is not None and since < self._known_since(now):
            raise TooFarBack(earliest)
        return since

    def _known_since(self, now: datetime) -> datetime:
        """Until when before the checkpoint everything taken is remembered."""
        try:
            return self._checkpoint(now)
        except CheckpointUnreadable:
            return now

    def _take(self, texts: tuple[Taken, ...], calls: list[MissedCall], stop_at: float) -> int:
        """Take up what was missed, people in danger first; gives how much was done in the time there is."""
        batch = self.late.batch()
        done = 0
        for text in texts:
            if self.stopwatch() > stop_at:
                return done
            batch.text(text)
            done += 1
        for call in sorted(calls, key=lambda one: one.at, reverse=True):
            if self.stopwatch() > stop_at:
                return done
            batch.call(replace(call, reached=self._reached(call)))
            done += 1
        return done

    def _reached(self, call: MissedCall) -> bool:
        try:
            return self.lists.put_through(call.sid)
        except (Refused, Unavailable, Uncertain) as fault:
            log.warning("status_not_known", sid=call.sid, fault=type(fault).__name__)
            return False  # a text too many is better than none

    # -- our own records ----------------------------------------------------------------------------------------

    def _finish_records(self) -> int:
        """Ask how pages stand that the carrier has not reported the end of, and whether open calls are over."""
        looked = 0
        for case_id, page_id, sid, channel in self._unreported():
            if looked >= MOST_LOOKUPS:
                break
            looked += 1
            status, error = self._status(sid, channel)
            if status:
                self.dispatch.page_status(case_id, page_id, sid=sid, status=status, error=error)
        return looked + self._end_calls(MOST_LOOKUPS - looked)

    def _unreported(self) -> list[tuple[str, str, str, Contact]]:
        """Pages taken by the carrier a while ago whose end it has not told."""
        waiting = {PageState.ACCEPTED, PageState.SENT}
        old = self.clock() - SETTLE
        return [
            (case.id, page.id, page.sids[-1], page.channel)
            for case in self.store.open_cases()
            for page in case.pages
            if page.state in waiting and page.sids and page.due_at < old
        ]

    def _status(self, sid: str, channel: Contact) -> tuple[str, str]:
        try:
            if channel is Contact.SMS:
                return self.lists.text_status(sid)
            return self.lists.call_status(sid), ""
        except (Refused, Unavailable, Uncertain) as fault:
            log.warning("status_not_known", sid=sid, fault=type(fault).__name__)
            return "", ""

    def _end_calls(self, most: int) -> int:
        """Calls of callers that ended while the line could not hear it: their conversations are told now."""
        old = self.clock() - SETTLE
        voices = [
            contact
            for _, contact in self.store.open_contacts()
            if contact is not None and contact.channel is Channel.VOICE and not contact.missed and contact.last_at < old
        ][: max(most, 0)]
        for contact in voices:
            sid = contact.session_id.removeprefix("voice-")
            status, _ = self._status(sid, Contact.CALL)
            if status in arrival.CALL_OVER:
                self.late.call_ended(sid, contact.caller_key, self.clock())
        return len(voices)
