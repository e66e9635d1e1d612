"""Memory that is kept for good, or for longer than it is used."""
