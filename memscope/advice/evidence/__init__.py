"""What was measured: rows, lines, windows, the peak, page faults, and what this machine takes."""
