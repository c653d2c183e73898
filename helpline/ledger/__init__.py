"""Everybody who reached the line: how each contact ended, and finding who was missed."""
