"""Callers' spoken messages: fetched from the carrier, kept sealed, deleted there; played to staff from here.

What the carrier keeps can be heard by whoever learns its address, so it is kept there for seconds only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from helpline.gateway.rest import Gateway, Refused, Unavailable, Uncertain
from helpline.store import RedisStore, Transaction, keys

log = structlog.get_logger()

AGAIN = timedelta(seconds=15)  # the sound may be ready only some seconds after the callback (Twilio docs, Record)


@dataclass(frozen=True, slots=True)
class Voicemail:
    """The spoken messages of the line."""

    store: RedisStore
    gateway: Gateway
    clock: Callable[[], datetime]

    def settle(self, recording: str, case_id: str) -> None:
        """Do what is due for a recording: fetch it for its case, or, without a case, delete it; harmless twice."""
        member = keys.recording_member(recording, case_id)
        try:
            self._fetch(recording, case_id) if case_id else self._delete(recording)
        except (Refused, Unavailable, Uncertain) as fault:
            log.warning("recording_not_settled", case=case_id, fault=type(fault).__name__)
            self.store.transact(lambda tx: tx.wake(member, self.clock() + AGAIN))

    def _fetch(self, recording: str, case_id: str) -> None:
        if not self.store.is_due(keys.recording_member(recording, case_id)):
            return  # fetched already, or recorded anew by the caller
        sound = self.gateway.recording(recording)

        def keep(tx: Transaction) -> None:
            tx.put_voicemail(recording, case_id, sound)
            if (case := tx.case(case_id)) is not None:
                tx.belongs(case.caller_key, keys.voicemail(recording), keys.voicemails_of(case_id))
            tx.forget_timer(keys.recording_member(recording, case_id))
            tx.wake(keys.recording_member(recording, ""), self.clock())
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
