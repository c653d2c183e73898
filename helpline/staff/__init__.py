"""Staff: the roster in use, their numbers, what they ask by text, their duty as calendars."""
