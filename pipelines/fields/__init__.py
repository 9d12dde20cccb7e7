"""Fields of an article, one module a field: each says what the page offers, and from where."""
