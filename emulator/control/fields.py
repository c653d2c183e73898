"""Reading the JSON of a control request, field by field."""

from typing import Any

from emulator.control.errors import ControlError


class Fields:
    """The fields of a request, each checked when read; `done` refuses fields nobody read."""

    def __init__(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise ControlError(400, "send a JSON object with the type application/json")
        self._data: dict[str, Any] = data
        self._read: set[str] = set()

    def has(self, name: str) -> bool:
        return name in self._data

    def text(self, name: str, default: str | None = None) -> str:
        value = self._get(name, default)
        if not isinstance(value, str):
            raise ControlError(400, f"{name} must be text")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the values allowed."""
        value = self.text(name, default)
        if value not in allowed:
            raise ControlError(400, f"{name} must be one of {', '.join(allowed)}")
        return value

    def number(self, name: str, default: float | None = None, *, most: float = 1e9) -> float:
        value = self._get(name, default)
        fine = isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN
        if not fine or not 0 <= value <= most:
            raise ControlError(400, f"{name} must be a number from 0 to {most:,.0f}")
        return float(value)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise ControlError(400, f"{name} must be true or false")
        return value

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a list of objects, empty if it is not given."""
        value = self._get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise ControlError(400, f"{name} must be a list of objects")
        return value

    def anything(self, name: str) -> Any:
        """Return a value of any kind."""
        return self._get(name, None)

    def done(self) -> None:
        unknown = sorted(self._data.keys() - self._read)
        if unknown:
            raise ControlError(400, f"unknown fields: {', '.join(unknown)}; known: {', '.join(sorted(self._read))}")

    def _get(self, name: str, default: Any) -> Any:
        self._read.add(name)
        value = self._data.get(name, default)
        if value is None:
            raise ControlError(400, f"{name} is missing")
        return value
