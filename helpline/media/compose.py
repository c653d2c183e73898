"""Composes hold.wav, the music on hold: `python -m helpline.media.compose`. Made for this project, so it is free.

Quiet, slow and without a beat or a voice: people who hold are often frightened, and must hear a voice over it at once.
"""

import math
import struct
from pathlib import Path

HOLD = Path(__file__).with_name("hold.wav")
RATE = 8_000  # samples a second; a telephone carries no more
CHORD_S = 4.0
CHORDS = (
    (196.00, 246.94, 293.66),
    (164.81, 246.94, 329.63),
    (130.81, 196.00, 329.63),
    (146.83, 220.00, 293.66),
    (196.00, 246.94, 392.00),
    (164.81, 196.00, 329.63),
)
LOUDNESS = 0.055  # of full scale: well below speech
SWELL_S = 1.2
_BIAS, _CLIP = 0x84, 32_635  # ITU-T G.711, µ-law


def samples() -> list[float]:
    """One pass through the chords, from -1 to 1, beginning and ending in silence so that it can be played again."""
    made = []
    for chord in CHORDS:
        for n in range(int(CHORD_S * RATE)):
            at = n / RATE
            swell = min(1.0, at / SWELL_S, (CHORD_S - at) / SWELL_S)
            tone = sum(math.sin(2 * math.pi * pitch * at) + 0.3 * math.sin(4 * math.pi * pitch * at) for pitch in chord)
            made.append(LOUDNESS * math.sin(math.pi / 2 * swell) * tone / 2)
    return made


def mu_law(sample: float) -> int:
    """One sample as a telephone network carries it (ITU-T G.711)."""
    value = round(sample * 32_767)
    sign = 0x80 if value < 0 else 0
    value = min(abs(value), _CLIP) + _BIAS
    exponent = value.bit_length() - 8
    return ~(sign | exponent << 4 | (value >> (exponent + 3)) & 0x0F) & 0xFF


def wav() -> bytes:
    """The music as a WAV file that Twilio plays without changing it."""
    sound = bytes(mu_law(sample) for sample in samples())
    form = struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)  # µ-law, one channel, 8 bits
    facts = struct.pack("<I", len(sound))
    chunks = b"".join(
        name + struct.pack("<I", len(body)) + body
        for name, body in ((b"fmt ", form), (b"fact", facts), (b"data", sound))
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


if __name__ == "__main__":
    HOLD.write_bytes(wav())
