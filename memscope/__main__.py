"""`python -m memscope` is the `memscope` command."""

from __future__ import annotations

from memscope.cli.main import main

if __name__ == "__main__":
    main()
