"""The groups of words that content names, in every language."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from flows.nodes import ByLanguage


class Words:
    """The groups of words of every language."""

    def __init__(self, by_language: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self._by_language = by_language

    def group(self, name: str | None) -> ByLanguage:
        """One group, per language that has it; nothing for no name."""
        if name is None:
            return MappingProxyType({})
        found = {code: groups[name] for code, groups in self._by_language.items() if name in groups}
        return MappingProxyType({code: tuple(word.lower() for word in words) for code, words in found.items()})
