"""The content in use: what is live, what older conversations keep, and ways to try and judge it."""
