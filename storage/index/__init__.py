"""The DuckDB index: its tables, the one writer, and the published copy."""
