"""Access log analysis: reading, sessions, report."""
