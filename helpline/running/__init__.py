"""The line's processes: started, watched, measured, and made to fail by tests."""
