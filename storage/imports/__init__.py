"""Files that others made, on their way into the archive."""
