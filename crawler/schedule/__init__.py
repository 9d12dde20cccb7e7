"""Crawls by the clock: when each source is due, what has run, and the service that runs it."""
