"""The version, here alone: pyproject.toml reads it, and who needs it imports nothing else."""

__version__ = "0.2.0"
