"""Answers for people, drawn in the terminal with rich."""
