"""Changes that can be made mechanically: as edits, or the reason why not."""
