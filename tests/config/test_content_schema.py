"""The exported JSON Schema: current, and in agreement with the loader."""

import json
from pathlib import Path

from config.content_schema import content_schema

EXPORTED = Path(__file__).resolve().parents[2] / "docs" / "content.schema.json"


def test_the_exported_schema_is_current():
    """If this fails: `helpline flows schema --out docs/content.schema.json`."""
    assert json.loads(EXPORTED.read_text(encoding="utf-8")) == content_schema()


def test_every_kind_of_file_has_a_schema_that_forbids_unknown_names():
    schema = content_schema()
    for file in schema["anyOf"]:
        shape = schema["$defs"][file["$ref"].removeprefix("#/$defs/")]
        assert shape["additionalProperties"] is False, file["title"]


def test_editors_get_a_hint_for_a_number():
    numbers = content_schema()["$defs"]["NumberShape"]["properties"]
    assert numbers["owner"]["description"] == "Who at this helpline checks that the number still works."
