"""Content files as they are read: plain values with lines, and every harmful thing refused with its reason."""

from pathlib import Path

import pytest

from config.content_yaml import MOST_BYTES, Document, read_document
from flows.fault import Fault


def read(tmp_path: Path, text: str | bytes) -> Document | Fault:
    file = tmp_path / "some.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_document(file, "some.yaml")


def values(tmp_path: Path, text: str) -> object:
    document = read(tmp_path, text)
    assert isinstance(document, Document), document
    return document.values


def fault(tmp_path: Path, text: str | bytes) -> Fault:
    refused = read(tmp_path, text)
    assert isinstance(refused, Fault)
    assert refused.mend
    return refused


def test_every_value_is_text_until_its_place_says_otherwise(tmp_path: Path):
    assert values(tmp_path, "a: no\nb: 0123\nc: 1.10\nd: 2026-11-23\ne: ~\n") == {
        "a": "no",
        "b": "0123",
        "c": "1.10",
        "d": "2026-11-23",
        "e": "~",
    }


def test_lists_and_maps_are_read_in_both_notations(tmp_path: Path):
    assert values(tmp_path, "a: [x, {b: y}]\nc:\n  - z\n") == {"a": ["x", {"b": "y"}], "c": ["z"]}


def test_every_value_knows_its_line(tmp_path: Path):
    document = read(tmp_path, "a:\n  b:\n    - x\n    - c: y\n")
    assert isinstance(document, Document)
    assert [document.line(path) for path in [("a",), ("a", "b"), ("a", "b", 1, "c")]] == [1, 2, 4]


def test_the_line_of_what_is_not_written_is_the_line_around_it(tmp_path: Path):
    document = read(tmp_path, "a:\n  b: x\n")
    assert isinstance(document, Document)
    assert document.line(("a", "missing")) == 1
    assert document.line(("a", "tag of a union", "b")) == 2


@pytest.mark.parametrize("key", ["no", "yes", "on", "Off", "true", "null", "~"])
def test_a_bare_key_that_editors_take_for_true_or_false_is_refused(tmp_path: Path, key: str):
    found = fault(tmp_path, f"a: x\n{key}: y\n")
    assert found.line == 2
    assert key in found.what
    assert f'"{key}"' in found.mend


def test_the_same_key_in_quotes_is_a_name(tmp_path: Path):
    assert values(tmp_path, '"no": x\n') == {"no": "x"}


def test_a_name_that_stands_twice_is_refused(tmp_path: Path):
    assert "twice" in fault(tmp_path, "a: x\nb: y\na: z\n").what


def test_a_yaml_bomb_is_refused_at_its_first_anchor(tmp_path: Path):
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    found = fault(tmp_path, bomb)
    assert found.line == 1
    assert "aliases" in found.what


def test_an_alias_and_a_merge_key_are_refused(tmp_path: Path):
    assert "aliases" in fault(tmp_path, "a: *b\n").what or "YAML" in fault(tmp_path, "a: *b\n").what


def test_a_tag_is_refused(tmp_path: Path):
    assert "tags" in fault(tmp_path, "a: !!python/object/apply:os.system ['true']\n").what


def test_a_file_of_a_megabyte_is_refused_unread(tmp_path: Path):
    found = fault(tmp_path, "a: " + "x" * 1_000_000)
    assert "1000003 bytes" in found.what


def test_a_file_of_exactly_the_most_bytes_is_read(tmp_path: Path):
    text = "a: " + "x" * (MOST_BYTES - 3)
    assert values(tmp_path, text) == {"a": "x" * (MOST_BYTES - 3)}


def test_deep_nesting_is_refused_before_it_can_exhaust_anything(tmp_path: Path):
    assert "nested" in fault(tmp_path, "[" * 5_000 + "]" * 5_000).what


@pytest.mark.parametrize("text", ["a: b: c\n", "a: [x\n", "a: 'x\n", "\ta: x\n", "- a\nb: c\n"])
def test_what_is_not_yaml_is_refused_with_a_line(tmp_path: Path, text: str):
    found = fault(tmp_path, text)
    assert "not YAML" in found.what
    assert found.line >= 1


def test_control_characters_are_refused(tmp_path: Path):
    assert "character" in fault(tmp_path, b"a: x\x07y\n").what


def test_text_that_is_not_utf8_is_refused(tmp_path: Path):
    assert "UTF-8" in fault(tmp_path, b"a: \xff\xfe\n").what


def test_a_byte_order_mark_is_ignored(tmp_path: Path):
    assert values(tmp_path, "\ufeffa: x\n") == {"a": "x"}


@pytest.mark.parametrize("text", ["", "# only a remark\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str):
    assert "empty" in fault(tmp_path, text).what


def test_a_second_document_is_refused(tmp_path: Path):
    assert fault(tmp_path, "a: x\n---\nb: y\n").line == 2


def test_a_list_where_a_name_must_stand_is_refused(tmp_path: Path):
    assert "where a name must stand" in fault(tmp_path, "? [a, b]\n: x\n").what


def test_a_file_that_is_not_there_is_a_fault_and_no_exception(tmp_path: Path):
    refused = read_document(tmp_path / "none.yaml", "none.yaml")
    assert isinstance(refused, Fault)
    assert "none.yaml: the file cannot be read (No such file or directory)" in str(refused)
