"""Append-only volume of segments, as used under a blob store."""
