"""Pools that the program has: what is not given back to them, and what they cost."""
