"""Refusals of the control API: what is wrong and how to mend it."""


class ControlError(Exception):
    """A request the control API cannot follow."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


def missing(what: str) -> ControlError:
    """Return the answer to an unknown phone, call or fault."""
    return ControlError(404, f"there is no {what}")
