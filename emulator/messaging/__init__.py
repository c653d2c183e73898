"""Text messages: what comes in from telephones, what goes out to them, and what becomes of it."""
