"""What stood at Twilio before `helpline provision` changed it, kept in a file for `--undo`."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "provision-undo.json"

Kept = dict[str, dict[str, str]]
"""Sid of a number or service to its webhooks."""


class Unusable(Exception):
    """There is no such file, or it says nothing of use; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class UndoFile:
    """The file of one line. `number`: whom it is about, so that another line's file is not taken for it."""

    folder: Path
    number: str

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.folder / FILE

    def begin(self, now: Mapping[str, Mapping[str, str]]) -> None:
        """Keep what stands there now, before it is changed.

        A change that was cut short and is run again adds to what it kept, so that the first state is not lost.
        """
        before: Kept = {}
        if self.path.exists():
            kept, whole = self._read()
            before = {} if whole else kept
        self._write({**{sid: dict(webhooks) for sid, webhooks in now.items()}, **before}, whole=False)

    def end(self) -> None:
        """Everything was changed: the next change begins anew."""
        self._write(self._read()[0], whole=True)

    def of(self, sids: Iterable[str], fields: Mapping[str, Iterable[str]]) -> Kept:
        """What stood at these sids, each with all of its fields; a sid that was not changed is left out."""
        kept, _ = self._read()
        wanted = {sid: kept[sid] for sid in sids if sid in kept}
        if not wanted or any(set(fields[sid]) - set(webhooks) for sid, webhooks in wanted.items()):
            raise self._unreadable()
        return wanted

    def _read(self) -> tuple[Kept, bool]:
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            number, whole = str(raw["number"]), bool(raw["whole"])
            kept = {str(sid): {str(k): str(v) for k, v in one.items()} for sid, one in raw["places"].items()}
        except FileNotFoundError as fault:
            raise Unusable(f"There is nothing to undo: no {self.path}") from fault
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise self._unreadable() from fault
        if number != self.number:
            raise Unusable(f"{self.path} is about {number}, not {self.number}. Move it away if it is of no use")
        return kept, whole

    def _unreadable(self) -> Unusable:
        return Unusable(f"{self.path} cannot be read. Set the webhooks in the Twilio Console, and delete the file")

    def _write(self, places: Kept, *, whole: bool) -> None:
        """Whole before it gets its name."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        said = {"number": self.number, "at": datetime.now(UTC).isoformat(), "whole": whole, "places": places}
        fresh = self.path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(said, indent=1), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(self.path)
