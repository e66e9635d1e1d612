"""Pure functions from a capture to answers; nothing here prints."""
