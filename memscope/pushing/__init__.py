"""Sending profiles to whoever collects them: a Pyroscope, or any receiver of pprof."""
