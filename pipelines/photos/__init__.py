"""Photographs: their lines found, and what the lines tell."""
