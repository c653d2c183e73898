"""Recordings: what was recorded, with real sound behind it, and the callbacks that tell of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from emulator.faults import FaultKind
from emulator.identifiers import new_sid
from emulator.signing import Product
from emulator.voice.leg import Leg
from emulator.voice.speech import padded, spoken, tone
from emulator.voice.stage import Stage
from emulator.webhooks import Hook


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording of one call. `said` are the words on it."""

    call_sid: str
    duration_s: int
    source: str
    created: datetime
    said: str = ""
    conference_sid: str | None = None
    sid: str = field(default_factory=lambda: new_sid("RE"))

    def wav(self) -> bytes:
        """Return a WAV file of at least the recording's length: the words spoken, or a soft tone."""
        voice = spoken(self.said)
        return tone(self.duration_s) if voice is None else padded(voice, self.duration_s)


@dataclass(frozen=True, slots=True)
class RecordingReports:
    """Where and what an application is told of a recording."""

    hook: Hook | None
    events: frozenset[str] = frozenset({"completed"})


class Recorder:
    """One recording being made: begun now, kept at the end."""

    def __init__(self, stage: Stage, leg: Leg, source: str, reports: RecordingReports) -> None:
        self._stage, self._leg, self._source, self._reports = stage, leg, source, reports
        self._begun_s = stage.world.clock.elapsed_s()
        self.sid = new_sid("RE")
        self.conference_sid: str | None = None
        self.words: Callable[[], str] = str
        self._report("in-progress", {})

    def keep(self) -> dict[str, str]:
        """End and store the recording, report it, and return the parameters that tell of it; none if it is absent."""
        world = self._stage.world
        fault = world.faults.for_recording(
            {"sid": self._leg.sid, "to": self._leg.line.to, "from": self._leg.line.from_}
        )
        if fault is not None and fault.kind is FaultKind.RECORDING_ABSENT:
            self._report("absent", {})
            return {}
        seconds = max(1, round(world.clock.elapsed_s() - self._begun_s))
        now = world.clock.now()
        recording = Recording(self._leg.sid, seconds, self._source, now, self.words(), self.conference_sid, self.sid)
        self._stage.recordings[self.sid] = recording
        params = {
            "RecordingUrl": f"{world.base_url()}/2010-04-01/Accounts/{world.account.sid}/Recordings/{self.sid}",
            "RecordingSid": self.sid,
            "RecordingDuration": str(seconds),
        }
        self._report("completed", params)
        return params

    def _report(self, status: str, params: dict[str, str]) -> None:
        self._stage.world.journal.note(f"recording.{status}", subject=self._leg.sid, recording=self.sid)
        if self._reports.hook is None or status not in self._reports.events:
            return
        form = params | {
            "AccountSid": self._stage.world.account.sid,
            "CallSid": self._leg.sid,
            "RecordingSid": self.sid,
            "RecordingStatus": status,
            "RecordingChannels": "1",
            "RecordingSource": self._source,
        }
        if self.conference_sid is not None:
            form["ConferenceSid"] = self.conference_sid
        self._stage.callbacks.send(self._reports.hook, form, product=Product.VOICE, subject=self._leg.sid)
