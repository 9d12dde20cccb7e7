"""The spiders: thin, for discovery and scope live in modules of their own."""
