"""One thing wrong with the content: where it stands, what it is, and how to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A fault in words a counsellor can act on; `line` is 0 where the whole file is meant.

    `blocks` is False where the line is safer running with the fault than not running at all: a date that has passed is
    reported and turns the review red, but must not keep a helpline from starting.
    """

    file: str
    line: int
    what: str
    mend: str
    blocks: bool = True

    def __str__(self) -> str:
        """As editors and terminals show it: file:line: what. How to mend it."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}. {self.mend}"
