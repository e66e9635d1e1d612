"""Failures as a line on stderr and an exit status, without click: see `memscope.cli.running`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from memscope.cli.saying import say
from memscope.errors import MemscopeError

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from typing import NoReturn


def ends(do: Callable[[], object]) -> NoReturn:
    """Do it, and end."""
    try:
        sys.exit(do() or 0)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        sys.exit(130)
    except MemscopeError as error:
        say(str(error))
        sys.exit(1)
    except MemoryError:
        say("there is not enough memory to read the capture")
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read the output has had enough. What is still buffered must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        say(f"cannot write: {error.strerror or error}")
        sys.exit(1)
