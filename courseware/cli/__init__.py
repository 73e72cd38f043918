"""The same actions and queries from a terminal."""
