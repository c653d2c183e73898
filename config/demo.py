"""The demo: what a line without Twilio credentials is given so that it can be tried on one machine.

Made-up values are safe here only because everything they reach is on this machine; `Settings.read` refuses a demo
that talks to the real Twilio. Keys are drawn once and kept in `VAR_DIR/demo-keys`, which only its owner can read.
"""

import json
import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from config.setting_values import is_true

_CREDENTIALS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
# Numbers set aside for fiction (NANPA, 555-0100 to 555-0199): nobody is ever called by mistake.
_NUMBERS = {"HELPLINE_NUMBER": "+17175550100", "FALLBACK_NUMBER": "+17175550199"}
_ROSTER = Path(__file__).with_name("roster.demo.yaml")


def is_demo(env: Mapping[str, str]) -> bool:
    """Whether this environment asks for the demo: by saying so, or by having no Twilio credentials at all."""
    said = env.get("HELPLINE_DEMO", "")
    if said.strip():
        return is_true(said)
    return not any(env.get(name, "").strip() for name in _CREDENTIALS)


def completed(env: Mapping[str, str]) -> dict[str, str]:
    """The environment with what the demo lacks; outside the demo the environment as it is."""
    given = {name: value for name, value in env.items() if value.strip()}
    if not is_demo(env):
        return given
    port = given.get("PORT", "8000")
    next_port = str(int(port) + 1) if port.isdigit() else "8001"
    return {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_API_URL": f"http://127.0.0.1:{next_port}",
        "ROSTER_FILE": str(_ROSTER),
        **_NUMBERS,
        **_kept_keys(Path(given.get("VAR_DIR", "var"))),
        **given,
        "HELPLINE_DEMO": "1",
    }


def new_key() -> str:
    """32 bytes drawn by the system, as URL-safe base64."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _kept_keys(var_dir: Path) -> dict[str, str]:
    """The keys of the first process that asked; two that ask at once get the same ones."""
    file = var_dir / "demo-keys"
    if not file.exists():
        var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep_unless_there(file, json.dumps(_draw_keys()))
    return {str(name): str(value) for name, value in json.loads(file.read_text(encoding="utf-8")).items()}


def _keep_unless_there(file: Path, text: str) -> None:
    handle, written = tempfile.mkstemp(dir=file.parent)  # 0600, and whole before it gets its name
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    try:
        os.link(written, file)
    except FileExistsError:
        return
    finally:
        Path(written).unlink()


def _draw_keys() -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "HELPLINE_SECRET_KEYS": new_key(),
        "HELPLINE_LOOKUP_KEY": new_key(),
    }
