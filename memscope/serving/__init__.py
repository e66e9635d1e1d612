"""Answers over HTTP about a recording that goes on, in the supervisor: `memscope run --serve`."""
