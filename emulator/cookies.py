"""Twilio's cookies: kept for each pair of From and To, forgotten after four idle hours (Twilio docs, TwiML)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

IDLE_S = 4 * 3600.0

Key = tuple[str, str, str]


@dataclass(slots=True)
class Jar:
    """One pair's cookies at one host."""

    used_s: float
    values: dict[str, str] = field(default_factory=dict)


class Cookies:
    """All jars. `now_s` is the emulator's time."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._jars: dict[Key, Jar] = {}

    def header(self, params: Mapping[str, str], url: str) -> dict[str, str]:
        """Return the Cookie header for a request, empty without cookies."""
        jar = self._jar(params, url)
        if jar is None or not jar.values:
            return {}
        jar.used_s = self._now_s()
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.values.items())}

    def keep(self, params: Mapping[str, str], url: str, lines: tuple[str, ...]) -> None:
        """Keep what the `Set-Cookie` lines of an answer say; unreadable ones are passed over."""
        for line in lines:
            try:
                morsels = SimpleCookie(line)
            except CookieError:
                continue
            jar = self._jars.setdefault(_key(params, url), Jar(self._now_s()))
            jar.used_s = self._now_s()
            for name, morsel in morsels.items():
                if morsel["max-age"] == "0":
                    jar.values.pop(name, None)
                else:
                    jar.values[name] = morsel.coded_value

    def _jar(self, params: Mapping[str, str], url: str) -> Jar | None:
        jar = self._jars.get(_key(params, url))
        if jar is not None and self._now_s() - jar.used_s > IDLE_S:
            del self._jars[_key(params, url)]
            return None
        return jar


def _key(params: Mapping[str, str], url: str) -> Key:
    return params.get("From", ""), params.get("To", ""), urlsplit(url).netloc
