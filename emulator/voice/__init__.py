"""Telephone calls: their legs, the TwiML that drives them, and the rooms where legs are joined."""
