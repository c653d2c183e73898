"""The staff pages: who waits, take over, answer, close, plan. Board and case work without JavaScript too."""

from helpline.console.first_link import announce
from helpline.console.pages import register

__all__ = ["announce", "register"]
