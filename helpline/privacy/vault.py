"""Keeps people's numbers and words unreadable at rest; everything sealed here opens only with the keys of the line."""

import base64
import hmac
import os
from collections.abc import Sequence
from typing import Any, NewType

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CallerKey = NewType("CallerKey", str)

KEY_LENGTH = 32  # hex characters: 128 bits, enough that two callers never share a key
SEALED = b"\x00HV1"
"""What everything sealed begins with; no text does."""
SEALED_BEFORE = b"gAAAA"
"""What Fernet tokens begin with (0x80, the high bytes of the time); values were sealed in them until November 2026."""
_ID, _NONCE = 4, 12  # bytes: which key, and a number drawn anew for each value
_KEY_AT = len(SEALED)
_NONCE_AT = _KEY_AT + _ID
_BOX_AT = _NONCE_AT + _NONCE


class Unreadable(Exception):
    """A sealed value opens with none of the keys: HELPLINE_SECRET_KEYS lost the key that sealed it."""


class Vault:
    """Seals and opens values with the first key, opens with any; derives lookup keys with a key of its own.

    AES-256-GCM-SIV (RFC 8452): with numbers drawn at random a key is good for 2^32 values in plain GCM, which a
    national line writes in fifteen months; here two equal numbers only tell that two values are equal. A turn opens
    three values and seals four; Fernet took 90 µs for that, this takes 15 (docs/performance.md).
    """

    def __init__(self, secret_keys: Sequence[str], lookup_key: str) -> None:
        """Take keys of 32 bytes in URL-safe base64, newest first, and the secret of the keyed hashes."""
        boxes = [_box(base64.urlsafe_b64decode(key)) for key in secret_keys]
        self._newest, self._seals = boxes[0]
        self._opens = dict(reversed(boxes))
        self._before = MultiFernet([Fernet(key) for key in secret_keys])
        self._lookup = lookup_key.encode()

    def seal(self, value: Any) -> bytes:
        """Encrypted JSON of a plain value; a whole number has at most 64 bits."""
        return self.seal_bytes(orjson.dumps(value))

    def seal_bytes(self, value: bytes) -> bytes:
        """Encrypted bytes, such as sound."""
        head, nonce = SEALED + self._newest, os.urandom(_NONCE)
        return head + nonce + self._seals.encrypt(nonce, value, head)

    def open_bytes(self, sealed: bytes | str) -> bytes:
        """The bytes that were sealed.

        Raises:
            Unreadable: no key opens it, or it was changed.

        """
        raw = sealed.encode() if isinstance(sealed, str) else sealed
        try:
            if raw.startswith(SEALED_BEFORE):
                return self._before.decrypt(raw)
            box = self._opens[raw[_KEY_AT:_NONCE_AT]]
            return box.decrypt(raw[_NONCE_AT:_BOX_AT], raw[_BOX_AT:], raw[:_NONCE_AT])
        except (InvalidTag, InvalidToken, KeyError, ValueError) as fault:
            raise Unreadable("a stored value opens with none of HELPLINE_SECRET_KEYS") from fault

    def open(self, sealed: bytes | str) -> Any:
        """The value that was sealed.

        Raises:
            Unreadable: no key opens it, or it was changed.

        """
        return orjson.loads(self.open_bytes(sealed))

    def reseal(self, sealed: bytes) -> bytes:
        """The same value under the newest key, without looking at it.

        Raises:
            Unreadable: no key opens it, or it was changed.

        """
        return self.seal_bytes(self.open_bytes(sealed))

    def current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it, so that no older one is needed to open it."""
        return sealed.startswith(SEALED + self._newest)

    def keyed(self, kind: str, value: str) -> str:
        """A keyed hash that finds a value again without telling it; `kind` keeps two uses apart."""
        return hmac.digest(self._lookup, f"{kind}:{value}".encode(), "sha256").hex()[:KEY_LENGTH]

    def caller_key(self, number: str) -> CallerKey:
        """What a caller is known by inside: nobody without the lookup key can tell the number from it."""
        return CallerKey(self.keyed("caller", number))


def is_sealed(value: bytes) -> bool:
    """Whether a stored value is one of a vault's."""
    return value.startswith((SEALED, SEALED_BEFORE))


def _box(secret: bytes) -> tuple[bytes, AESGCMSIV]:
    """What a key is known by, and what seals with it; neither tells the key, nor the one the other."""
    return _derived(secret, b"helpline vault: id", _ID), AESGCMSIV(_derived(secret, b"helpline vault: seal", 32))


def _derived(secret: bytes, what_for: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=what_for).derive(secret)
