"""Sealing what is personal, keeping it no longer than allowed, and forgetting it."""
