"""The content in use. A reload swaps it in one assignment, so that every turn sees one version."""

from dataclasses import dataclass

from flows.catalogue import Catalogue
from flows.definition import Flow
from flows.loaded import LoadedContent
from flows.policy import Policy


@dataclass(slots=True)
class LiveContent:
    """What was loaded at start, and the policy new cases are opened with."""

    live: LoadedContent
    policy: Policy

    @property
    def flow(self) -> Flow:
        """The flow conversations walk; those begun on older content move to it at their next turn."""
        return self.live.flow

    @property
    def catalogue(self) -> Catalogue:
        """The texts."""
        return self.live.catalogue
