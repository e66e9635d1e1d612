"""Captures as files that other people's tools open: one module per format."""
