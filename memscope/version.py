"""The version, as pyproject.toml has it; apart, so that what needs it imports nothing else."""

__version__ = "0.1.0"
