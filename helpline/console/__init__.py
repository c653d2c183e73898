"""The staff pages: who waits, take over, answer, close, plan. Server-rendered; board and case work without JavaScript."""

from helpline.console.pages import register

__all__ = ["register"]
