"""The decision table as a pure function: what a set of answers means for the urgency.

The rules are content. A rule holds when all its tests hold; the level is the highest of all rules that hold. A question
that was never asked says nothing; one that was asked and not answered says `None`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.session import Answer
from flows.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Gave:
    """True when the answer to `question` contains one of `values`."""

    question: str
    values: frozenset[int]

    def holds(self, answers: Mapping[str, Answer]) -> bool:
        """Whether one of the values was given."""
        given = answers.get(self.question)
        return given is not None and not self.values.isdisjoint(given)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """True when `question` was asked and not answered: skipped, silent, or unclear twice."""

    question: str

    def holds(self, answers: Mapping[str, Answer]) -> bool:
        """Whether the question was asked in vain."""
        return answers.get(self.question, ()) is None


Test = Gave | Unanswered


@dataclass(frozen=True, slots=True)
class Rule:
    """`level` is reached when every test holds; `why` is for the people who sign the table off."""

    level: Urgency
    tests: tuple[Test, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """All rules, and the questions they may ask about, in the order they are asked."""

    questions: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


def level(table: Table, answers: Mapping[str, Answer]) -> Urgency:
    """Give the highest level that the answers reach; ROUTINE when no rule holds."""
    reached = (rule.level for rule in table.rules if all(test.holds(answers) for test in rule.tests))
    return max(reached, default=Urgency.ROUTINE)
