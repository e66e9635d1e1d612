"""Measures what memory profilers cost, and renders the tables."""
