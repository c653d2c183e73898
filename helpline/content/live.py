"""The content in use, and older contents that conversations began with.

A reload swaps the content in one assignment, so that every turn sees one version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

import structlog

from config import content as content_files
from config import policy as policy_file
from flows.catalogue import Catalogue
from flows.definition import Flow
from flows.events import Event
from flows.fault import Fault
from flows.loaded import LoadedContent
from flows.pinning import as_begun, goes_on_with
from flows.policy import Policy
from flows.session import Session

log = structlog.get_logger()

MOST_OLDER = 8  # contents held ready; an older one is read again when somebody still needs it


class Archive(Protocol):
    """Where the files of contents are kept while conversations need them."""

    def content(self, version: str) -> Mapping[str, str] | None:
        """The files of a content, by name."""


class NoArchive:
    """For a line that keeps no older content."""

    def content(self, version: str) -> Mapping[str, str] | None:  # noqa: ARG002  the protocol's argument
        """None are kept."""
        return None


@dataclass(slots=True)
class LiveContent:
    """What is live, and the policy new cases are opened with; `refused` is what keeps newer files from going live."""

    live: LoadedContent
    policy: Policy
    files: Mapping[str, str] = field(default_factory=dict)
    archive: Archive = field(default_factory=NoArchive)
    refused: tuple[Fault, ...] = ()
    kept: dict[str, datetime] = field(default_factory=dict)
    _older: dict[str, LoadedContent | None] = field(default_factory=dict)
    _reading: Lock = field(default_factory=Lock)

    @classmethod
    def from_directory(cls, directory: Path, archive: Archive) -> "LiveContent":
        """What a directory holds now.

        Raises:
            ContentFaults, PolicyFaults: it cannot be used; each says every reason.

        """
        loaded = content_files.load(directory)
        files = content_files.files_of(directory)
        return cls(loaded, policy_file.load(directory / "policy.yaml"), files, archive)

    @property
    def flow(self) -> Flow:
        """The flow that new conversations walk."""
        return self.live.flow

    @property
    def catalogue(self) -> Catalogue:
        """The texts."""
        return self.live.catalogue

    def of(self, session: Session, event: Event) -> LoadedContent:
        """The content this turn of a conversation is taken with."""
        live = self.live
        if session.content == live.flow.version:
            return live
        return goes_on_with(session, event, self._begun_with(session.content), live)

    def reload(self, directory: Path, today: date) -> None:
        """Let the directory's content go live, if it can be used and passes the review; else the running one stays."""
        found = content_files.reload_content(directory, self.live, today)
        try:
            policy = policy_file.load(directory / "policy.yaml")
        except policy_file.PolicyFaults as wrong:
            self._refuse((*wrong.faults, *found.faults))
            return
        if not found.changed:
            self._refuse(found.faults)
            return
        files = content_files.files_of(directory)
        if content_files.version_of(files) == found.content.flow.version:  # else it is being written: look again
            self._go_live(found.content, policy, files)

    def _go_live(self, loaded: LoadedContent, policy: Policy, files: Mapping[str, str]) -> None:
        before = self.live
        with self._reading:
            older = {before.flow.version: before, **self._older}
            self._older = {name: old and as_begun(old, loaded) for name, old in older.items()}
            self.live, self.policy, self.files, self.refused = loaded, policy, files, ()
        log.info("content_live", version=loaded.flow.version)

    def _refuse(self, faults: tuple[Fault, ...]) -> None:
        self.refused = faults
        log.error("content_refused", version=self.live.flow.version, count=len(faults))
        for fault in faults[:20]:
            log.error("content_fault", file=fault.file, line=fault.line, reason=fault.what)

    def _begun_with(self, version: str) -> LoadedContent | None:
        """An older content, from memory or from the archive; None where it is kept no more or not understood."""
        with self._reading:
            if version not in self._older:
                while len(self._older) >= MOST_OLDER:
                    del self._older[next(iter(self._older))]
                self._older[version] = self._read_again(version)
            return self._older[version]

    def _read_again(self, version: str) -> LoadedContent | None:
        files = self.archive.content(version)
        if files is None:
            return None
        try:
            return as_begun(content_files.load_again(files, self.live.flow.lexicon), self.live)
        except content_files.ContentFaults as refused:
            log.warning("old_content_not_understood", version=version, count=len(refused.faults))
            return None
