"""Evaluates a capture: which line to change, what that gains, and what is better left alone."""
