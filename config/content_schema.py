"""The shapes of the content files as JSON Schema, for editors that check YAML while it is written."""

from typing import Any

from pydantic.json_schema import models_json_schema

from config import content_shapes as shapes
from config.content_files import ONE_EACH, ONE_EACH_LANGUAGE

_FILES: dict[str, type[shapes.Shape]] = {
    **ONE_EACH,
    "nodes/*.yaml": shapes.NodesFile,
    **{f"messages/<language>/{name}": shape for name, shape in ONE_EACH_LANGUAGE.items()},
    "messages/<language>/*.yaml": shapes.MessagesFile,
}


def content_schema() -> dict[str, Any]:
    """One schema for every content file: a file must be one of them; `$defs` has each by its name."""
    refs, definitions = models_json_schema([(shape, "validation") for shape in _FILES.values()])
    one_of = [{**refs[(shape, "validation")], "title": file} for file, shape in _FILES.items()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Content of a helpline",
        "anyOf": one_of,
        "$defs": definitions["$defs"],
    }
