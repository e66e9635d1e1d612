"""How a process ended that somebody else has started and waits for."""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import suppress
from pathlib import Path

# Of linux/pidfd.h, Linux 6.15 and later: struct pidfd_info, which the kernel fills in up to here.
_INFO_BYTES = 64
_MASK_AT, _STATUS_AT = 0, 60
_ASK_EXIT = 1 << 3
_GET_INFO = 3 << 30 | _INFO_BYTES << 16 | 0xFF << 8 | 11

_STATE, _STATUS = 0, 49  # of /proc/PID/stat, after the name


def wait_status(pid: int, pidfd: int) -> int | None:
    """As waitpid gives it, of a process that has ended; None: nobody can tell.

    /proc tells until somebody has waited for the process, the descriptor from then on.
    """
    with suppress(OSError, ValueError, IndexError):
        stat = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        status = int(stat[_STATUS])
        # It says 0 to whom it does not tell.
        if stat[_STATE] == b"Z" and (status or _is_ours(pid)):
            return status
    with suppress(OSError):
        info = bytearray(_INFO_BYTES)
        struct.pack_into("=Q", info, _MASK_AT, _ASK_EXIT)
        fcntl.ioctl(pidfd, _GET_INFO, info)
        if struct.unpack_from("=Q", info, _MASK_AT)[0] & _ASK_EXIT:
            return int(struct.unpack_from("=i", info, _STATUS_AT)[0])
    return None


def _is_ours(pid: int) -> bool:
    return Path(f"/proc/{pid}").stat().st_uid == os.geteuid()
