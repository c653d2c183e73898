"""The content in use: the live version, and older ones while a conversation still walks them."""

from dataclasses import dataclass

from config.content import LoadedContent


@dataclass(slots=True)
class LiveContent:
    """Holds what was loaded at start; a reload swaps it in one assignment, so that every turn sees one version."""

    live: LoadedContent

    def swap(self, content: LoadedContent) -> None:
        """Make other content live; conversations move to it at their next turn."""
        self.live = content
