"""The table of the shipped content against the reference of the specification, over every set of answers there is."""

import importlib.util
import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from config import content
from flows.triage import Gave, Rule, Table, Unanswered, level
from flows.urgency import Urgency

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "triage_ref.py"
SETS = 328_185


def subsets(of: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return (chosen for size in range(len(of) + 1) for chosen in combinations(of, size))


def answer_sets() -> Iterator[tuple[Any, ...]]:
    several3 = [*subsets((1, 2, 3, 4)), None]
    several4 = [*subsets((1, 2, 3)), None]
    several5 = [*subsets((1, 2, 3, 4, 5)), None]
    for q1, q2 in product((0, 1, 2, 3, None), (0, 1, 9, None)):
        for q2b in (0, 1, 9, None) if q2 != 0 else (None,):
            yield from product((q1,), (q2,), (q2b,), several3, several4, several5)


def by_the_table(q1: Any, q2: Any, q2b: Any, q3: Any, q4: Any, q5: Any) -> Urgency:
    """The decision table of the clinical brief, row by row from the top, as it is printed; the first that holds wins."""
    stopped, signs, fits = q3 or set(), q4 or set(), q5 or set()
    thoughts = q2 in (1, 9) or q2 is None
    if q1 in (1, 2, 3) or (thoughts and q2b == 1) or 1 in signs:
        return Urgency.EMERGENCY
    unknown_signs_after_stopping = q4 is None and (q3 is None or stopped & {1, 2, 3})
    if q1 is None or thoughts or signs & {2, 3} or unknown_signs_after_stopping or fits & {1, 2, 3, 4}:
        return Urgency.URGENT
    if stopped & {1, 2, 3, 4} or 5 in fits or None in (q3, q4, q5):
        return Urgency.SOON
    return Urgency.ROUTINE


@pytest.fixture(scope="module")
def reference() -> Callable[..., int]:
    """The specification's own code where it lies beside this repository; else the printed table."""
    if not REFERENCE.exists():
        return by_the_table
    spec = importlib.util.spec_from_file_location("triage_ref", REFERENCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with redirect_stdout(io.StringIO()):
        spec.loader.exec_module(module)
    return module.level


@pytest.mark.exhaustive
def test_every_answer_set_has_the_level_of_the_specification(reference):
    table = content.load().flow.triage
    count = 0
    one = {None: None, **{n: (n,) for n in (0, 1, 2, 3, 9)}}
    sets = {chosen: frozenset(chosen) for chosen in subsets((1, 2, 3, 4, 5))}
    for q1, q2, q2b, q3, q4, q5 in answer_sets():
        answers = {"q1": one[q1], "q2": one[q2], "q3": q3, "q4": q4, "q5": q5}
        if q2 != 0:
            answers["q2b"] = one[q2b]
        asked = (q1, q2, q2b, *(None if q is None else set(sets[q]) for q in (q3, q4, q5)))
        given = level(table, answers)
        assert given == reference(*asked) == by_the_table(*asked), answers
        count += 1
    assert count == SETS


def test_none_of_these_means_the_same_as_an_empty_answer():
    table = content.load().flow.triage
    for q in ("q3", "q4", "q5"):
        assert level(table, {q: (0,)}) == level(table, {q: ()}) == Urgency.ROUTINE


def test_a_question_not_asked_yet_says_nothing():
    table = Table(("a",), (Rule(Urgency.URGENT, (Unanswered("a"),)), Rule(Urgency.SOON, (Gave("a", frozenset({1})),))))
    assert level(table, {}) == Urgency.ROUTINE
    assert level(table, {"a": None}) == Urgency.URGENT
    assert level(table, {"a": (1, 2)}) == Urgency.SOON


def test_a_table_without_rules_is_routine():
    assert level(Table(), {"a": None}) == Urgency.ROUTINE
