"""A Twilio on loopback: its REST API, its webhooks and the telephones behind it, for any Twilio application."""

from emulator.server import Emulator
from emulator.settings import NumberSettings, Pace, Settings

__all__ = ["Emulator", "NumberSettings", "Pace", "Settings"]
