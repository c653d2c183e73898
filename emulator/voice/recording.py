"""Recordings: what was recorded, with real sound behind it."""

import io
import math
import struct
import wave
from dataclasses import dataclass, field
from datetime import datetime

from emulator.identifiers import new_sid

RATE = 8000
TONE_HZ = 440


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording of one call."""

    call_sid: str
    duration_s: int
    source: str
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("RE"))

    def wav(self) -> bytes:
        """Return a WAV file of the recording's length: a soft tone, telephone quality."""
        tone = [int(3000 * math.sin(2 * math.pi * TONE_HZ * n / RATE)) for n in range(RATE)]
        second = struct.pack(f"<{RATE}h", *tone)
        file = io.BytesIO()
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(second * self.duration_s)
        return file.getvalue()
