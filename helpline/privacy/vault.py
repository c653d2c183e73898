"""Keeps people's numbers and words unreadable at rest; everything sealed here opens only with the keys of the line."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, NewType

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

CallerKey = NewType("CallerKey", str)

KEY_LENGTH = 32  # hex characters: 128 bits, enough that two callers never share a key


class Unreadable(Exception):
    """A sealed value opens with none of the keys: HELPLINE_SECRET_KEYS lost the key that sealed it."""


class Vault:
    """Seals and opens values with the first key, opens with any; derives lookup keys with a key of its own.

    Fernet (AES-128-CBC and HMAC-SHA256, with `MultiFernet` for rotation) was chosen over AES-GCM: 9 µs against 1 µs a
    session, but rotation, key choice and tamper checks are the library's work and not ours.
    """

    def __init__(self, secret_keys: Sequence[str], lookup_key: str) -> None:
        """Take Fernet keys, newest first, and the secret of the keyed hashes."""
        self._fernet = MultiFernet([Fernet(key) for key in secret_keys])
        self._newest = Fernet(secret_keys[0])
        self._lookup = lookup_key.encode()

    def seal(self, value: Any) -> bytes:
        """Encrypted JSON of a plain value."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def seal_bytes(self, value: bytes) -> bytes:
        """Encrypted bytes, such as sound."""
        return self._fernet.encrypt(value)

    def open_bytes(self, sealed: bytes | str) -> bytes:
        """The bytes that were sealed.

        Raises:
            Unreadable: no key opens it, or it was changed.

        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as fault:
            raise Unreadable("a stored value opens with none of HELPLINE_SECRET_KEYS") from fault

    def open(self, sealed: bytes | str) -> Any:
        """The value that was sealed.

        Raises:
            Unreadable: no key opens it, or it was changed.

        """
        return json.loads(self.open_bytes(sealed))

    def reseal(self, sealed: bytes | str) -> bytes:
        """The same value under the newest key, without looking at it."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as fault:
            raise Unreadable("a stored value opens with none of HELPLINE_SECRET_KEYS") from fault

    def current(self, sealed: bytes | str) -> bool:
        """Whether the newest key sealed it, so that no older one is needed to open it."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def keyed(self, kind: str, value: str) -> str:
        """A keyed hash that finds a value again without telling it; `kind` keeps two uses apart."""
        digest = hmac.new(self._lookup, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
        return digest[:KEY_LENGTH]

    def caller_key(self, number: str) -> CallerKey:
        """What a caller is known by inside: nobody without the lookup key can tell the number from it."""
        return CallerKey(self.keyed("caller", number))
