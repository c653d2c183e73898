"""Words made audible: espeak-ng where the machine has it, else a tone as long as the words would take."""

import io
import math
import shutil
import struct
import subprocess
import wave
from functools import lru_cache

RATE = 8000
TONE_HZ = 440
LONGEST_S = 20.0
WORDS_AT_MOST = 4096


def can_speak() -> bool:
    """Return whether this machine can speak text."""
    return shutil.which("espeak-ng") is not None


@lru_cache(maxsize=64)
def spoken(text: str, language: str = "en-US") -> bytes | None:
    """Return `text` as a WAV file, or None where nothing here can speak it."""
    program = shutil.which("espeak-ng")
    if program is None or not text.strip():
        return None
    words = text[:WORDS_AT_MOST].encode()
    voice = language.lower() if language.replace("-", "").isalpha() else "en-us"
    for chosen in (voice, voice.partition("-")[0], "en-us"):
        command = [program, "-v", chosen, "-s", "165", "--stdin", "--stdout"]
        made = subprocess.run(command, input=words, capture_output=True, timeout=LONGEST_S, check=False)  # noqa: S603
        if made.returncode == 0 and made.stdout:
            return _with_true_length(made.stdout)
    return None


def tone(seconds: int) -> bytes:
    """Return a WAV file of a soft tone, telephone quality."""
    second = struct.pack(f"<{RATE}h", *(int(3000 * math.sin(2 * math.pi * TONE_HZ * n / RATE)) for n in range(RATE)))
    return _wav(second * seconds, RATE)


def padded(sound: bytes, seconds: int) -> bytes:
    """Return a WAV file with silence after it, so that it lasts at least `seconds`."""
    frames, rate = _frames(sound)
    missing = seconds * rate - len(frames) // 2
    return _wav(frames + b"\0\0" * max(0, missing), rate)


def _with_true_length(sound: bytes) -> bytes:
    """Return what espeak-ng wrote to a pipe with the length it could not know at the start."""
    return _wav(*_frames(sound))


def _frames(sound: bytes) -> tuple[bytes, int]:
    rate = int.from_bytes(sound[24:28], "little")
    start = sound.index(b"data") + 8
    return sound[start : start + (len(sound) - start) // 2 * 2], rate


def _wav(frames: bytes, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(frames)
    return file.getvalue()
