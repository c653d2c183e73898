"""`helpline sbom`: what the line is made of, as CycloneDX 1.6 (ECMA-424), for scanners and for people who compare.

What runs is what `requirements.lock` pins: the bill says which of it is installed, in which version and under which
licence, with the hashes the lock allows, and fails where the two differ.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import click

LOCK = Path(__file__).parents[2] / "requirements.lock"
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+?)(?: ;[^\n]*?)?(?: \\)?$", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One entry of the lock."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pinned(lock: str) -> Iterator[Pinned]:
    """Every entry of a lock file."""
    entries = list(ENTRY.finditer(lock))
    ends = [entry.start() for entry in entries[1:]] + [len(lock)]
    for entry, end in zip(entries, ends, strict=True):
        yield Pinned(entry[1], entry[2], tuple(HASH.findall(lock[entry.end() : end])))


def bill(lock: str, versions: Mapping[str, str]) -> dict[str, Any]:
    """The bill of what is pinned and installed; what is pinned for other systems only is left out."""
    components = [_component(one) for one in pinned(lock) if one.name.lower() in versions]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, lock)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "helpline-triage-bot"}},
        "components": components,
    }


def differences(lock: str, versions: Mapping[str, str]) -> tuple[str, ...]:
    """Where what is installed is not what is pinned."""
    return tuple(
        f"{one.name} is {versions[one.name.lower()]}, pinned is {one.version}"
        for one in pinned(lock)
        if one.name.lower() in versions and versions[one.name.lower()] != one.version
    )


@click.command()
def sbom() -> None:
    """Write a bill of materials of what runs (CycloneDX 1.6, JSON); exit code 1 where it is not what is pinned."""
    lock, versions = LOCK.read_text(encoding="utf-8"), _installed()
    click.echo(json.dumps(bill(lock, versions), indent=2, sort_keys=True))
    if found := differences(lock, versions):
        raise click.ClickException("; ".join(found))


def _installed() -> dict[str, str]:
    return {_plain(dist.name): dist.version for dist in metadata.distributions()}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(one: Pinned) -> dict[str, Any]:
    purl = f"pkg:pypi/{_plain(one.name)}@{one.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
        "licenses": [{"license": {"name": name}} for name in _licences(one.name)],
        "hashes": [{"alg": "SHA-256", "content": found} for found in one.hashes],
    }


def _licences(name: str) -> tuple[str, ...]:
    about = metadata.metadata(name).json
    if expression := about.get("license_expression"):
        return (str(expression),)
    classified = tuple(
        str(line).rpartition(" :: ")[2] for line in about.get("classifier", ()) if str(line).startswith("License ::")
    )
    written = str(about.get("license") or "").splitlines()
    return classified or tuple(written[:1])
