"""What sort of page it is."""
