"""Packs and reports a run that a supervisor without Python has recorded; a script of its own.

    python _finish.py STATE_FD RESULT_FD WORDS…

WORDS are those of the command line, for whoever looks at what runs.
"""

import sys


def main() -> None:
    import marshal
    import posix

    state = int(sys.argv[1])
    parts = []
    while part := posix.read(state, 1 << 16):
        parts.append(part)
    path, told = marshal.loads(b"".join(parts))
    sys.path[:] = path
    result = int(sys.argv[2])
    sys.argv[:] = ["memscope", *sys.argv[3:]]
    from memscope.cli.running import finish_handed

    finish_handed(told, result)


if __name__ == "__main__":
    main()
