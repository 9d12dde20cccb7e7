"""A page or a dump of bytes, parsed and cut into the segments that every rule reads."""
