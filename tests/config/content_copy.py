"""A copy of the shipped content that a test may spoil."""

import shutil
from pathlib import Path

from config.content import SHIPPED


class ContentCopy:
    """A content directory of the test's own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "content"
        shutil.copytree(SHIPPED, self.directory)

    def change(self, file: str, old: str, new: str) -> int:
        """Replace the first occurrence of `old`, which must be there; gives its line."""
        path = self.directory / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def write(self, file: str, text: str) -> None:
        path = self.directory / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, file: str) -> str:
        return (self.directory / file).read_text(encoding="utf-8")

    def remove(self, file: str) -> None:
        (self.directory / file).unlink()
