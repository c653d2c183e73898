"""Callers' spoken messages: fetched from the carrier, kept sealed, deleted there; played to staff from here.

What the carrier keeps can be heard by whoever learns its address, so it is kept there for seconds only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from flows import handling
from flows.case import LineKind
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.rest import Gateway
from helpline.paging.dispatch import Dispatch
from helpline.store import RedisStore, Transaction, keys

LOST = "A spoken message could not be fetched from the phone company and is no longer there."

log = structlog.get_logger()

SOONEST, LATEST = timedelta(seconds=15), timedelta(hours=1)
"""Between tries: the sound may be ready only some seconds after the callback (Twilio docs, Record)."""
ALARM_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=2)  # the time for which the carrier keeps anything at all


@dataclass(frozen=True, slots=True)
class Voicemail:
    """The spoken messages of the line."""

    store: RedisStore
    dispatch: Dispatch
    gateway: Gateway
    clock: Callable[[], datetime]

    def settle(self, recording: str, case_id: str) -> None:
        """Do what is due for a recording: fetch it for its case, or, without a case, delete it; harmless twice."""
        try:
            self._fetch(recording, case_id) if case_id else self._delete(recording)
        except (Refused, Unavailable, Uncertain) as fault:
            log.warning("recording_not_settled", case=case_id, fault=type(fault).__name__)
            self._put_off(recording, case_id)

    def _put_off(self, recording: str, case_id: str) -> None:
        """Try again, the later the longer it has failed; a message that staff cannot hear is told before it is lost."""
        now, member = self.clock(), keys.recording_member(recording, case_id)
        recorded = self._recorded_at(recording, case_id)
        failing = LATEST if recorded is None else now - recorded
        if case_id and failing >= GIVE_UP_AFTER:
            self.store.transact(lambda tx: tx.forget_timer(member))
            self.dispatch.change(case_id, lambda case, at: handling.note(case, "", LOST, at))
            log.error("recording_given_up", case=case_id)
            return
        if case_id and failing >= ALARM_AFTER:
            self.dispatch.change(case_id, handling.message_missing)
        self.store.wake(member, now + min(max(failing, SOONEST), LATEST))

    def _recorded_at(self, recording: str, case_id: str) -> datetime | None:
        """When the message was spoken, as the case tells it; one that is only to be deleted has no case."""
        spoken = (line for line in self.store.timeline(case_id) if line.what is LineKind.VOICEMAIL)
        return next((line.at for line in spoken if line.detail.get("recording") == recording), None)

    def _fetch(self, recording: str, case_id: str) -> None:
        if not self.store.is_due(keys.recording_member(recording, case_id)):
            return  # fetched already, or recorded anew by the caller
        sound = self.gateway.recording(recording)

        def keep(tx: Transaction) -> None:
            tx.wake(keys.recording_member(recording, ""), self.clock())
            tx.forget_timer(keys.recording_member(recording, case_id))
            if tx.read(keys.unwanted(recording))[0] is not None:
                return  # recorded anew while it was being fetched
            tx.put_voicemail(recording, case_id, sound)
            if (case := tx.case(case_id)) is not None:
                tx.belongs(case.caller_key, keys.voicemail(recording), keys.voicemails_of(case_id))
            tx.audit("voicemail_kept", case=case_id)

        self.store.transact(keep)

    def _delete(self, recording: str) -> None:
        self.gateway.delete_recording(recording)
        self.store.transact(lambda tx: tx.forget_timer(keys.recording_member(recording, "")))

    def of_case(self, case_id: str) -> tuple[str, ...]:
        """The messages of a case that can be played, oldest first; each is the argument of `sound`."""
        return self.store.voicemails(case_id)

    def sound(self, recording: str) -> bytes | None:
        """The message as a WAV file; None when it is not fetched yet, was deleted, or its time is over."""
        return self.store.voicemail(recording)
