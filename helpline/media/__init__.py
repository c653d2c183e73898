"""Sounds that callers hear."""
