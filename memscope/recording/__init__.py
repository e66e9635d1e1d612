"""Runs programs and records them: everything that starts, watches or hooks one."""
