"""Malformed inputs as a user would give them: what is made, what is typed, what must be said."""
