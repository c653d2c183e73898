"""Reading the parameters of a REST request: each value checked, each unknown name noticed."""

from emulator.identifiers import is_e164
from emulator.rest.http import ApiError, bad
from emulator.twiml.checks import url as url_fault
from emulator.webhooks import Hook


class Form:
    """Parameters by name. Remembers which were asked for, so that the others can be warned of."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values
        self._asked: set[str] = set()

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return name in self._values

    def text(self, name: str, default: str = "") -> str:
        """Return the last value given for `name`."""
        self._asked.add(name)
        values = self._values.get(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        self._asked.add(name)
        return self._values.get(name, [])

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number within bounds."""
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit()) or not low <= int(value) <= high:
            raise bad(20001, f"Invalid parameter '{name}': {value} is not a whole number from {low} to {high}")
        return int(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean; anything but `true` is false, as with Twilio."""
        return self.text(name).lower() == "true" if self.has(name) else default

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name) or default
        if value not in allowed:
            raise bad(20001, f"Invalid parameter '{name}': {value} is not one of {', '.join(allowed)}")
        return value

    def method(self, name: str, default: str = "POST") -> str:
        """Return an HTTP method Twilio can use for a webhook."""
        value = self.text(name).upper() or default
        if value not in ("GET", "POST"):
            raise bad(20001, f"Invalid parameter '{name}': {value} is not GET or POST")
        return value

    def hook(self, name: str, *, code: int, method_name: str = "", default_method: str = "POST") -> Hook | None:
        """Return a webhook, or nothing when none is given; an unusable URL is refused with `code`."""
        url = self.text(name)
        method = self.method(method_name or f"{name}Method", default_method)
        if not url:
            return None
        fault = absolute_url_fault(url)
        if fault:
            raise bad(code, f"{name} is not a valid URL: {url}: {fault}")
        return Hook(url, method)

    def e164(self, name: str, *, missing: ApiError, invalid: int) -> str:
        """Return a phone number in E.164 form."""
        value = self.text(name).strip()
        if not value:
            raise missing
        if not is_e164(value):
            raise bad(invalid, f"The '{name}' number {value} is not a valid phone number.")
        return value

    def unknown(self) -> list[str]:
        """Return the names nobody asked for."""
        return sorted(self._values.keys() - self._asked)


def absolute_url_fault(url: str) -> str:
    """Return what is wrong with `url` as the address of a webhook; empty if nothing."""
    fault = url_fault(url)
    if fault:
        return fault
    if "://" not in url:
        return "must be absolute"
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return "its host name may hold no underscore" if "_" in host else ""
