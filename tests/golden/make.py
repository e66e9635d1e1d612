"""Makes golden.mscope: `cd tests && python -m golden.make`."""

from __future__ import annotations

from pathlib import Path

from capture.writer import PYTHON, CaptureWriter, StackFrame

GOLDEN = Path(__file__).with_name("golden.mscope")

HOME = "/home/zoë/app"
APP = f"{HOME}/app.py"
MEASURES = f"{HOME}/größen/maße.py"
LIBRARY = f"{PYTHON}/site-packages/yaml/loader.py"
IMPORTLIB = "<frozen importlib._bootstrap>"

MAIN: StackFrame = ("<module>", APP, 3)
RUN: StackFrame = ("run", APP, 40)
GROW: StackFrame = ("Maß.wachse", MEASURES, 12)
WALK: StackFrame = ("walk", APP, 60)
VISIT: StackFrame = ("visit", APP, 70)
FIND_AND_LOAD: StackFrame = ("_find_and_load", IMPORTLIB, 1360)
PARSE: StackFrame = ("parse", LIBRARY, 7)
WORK: StackFrame = ("run.<locals>.<lambda>", APP, 44)

# What people may call functions and files, and what only an attacker would.
HOSTILE: tuple[StackFrame, ...] = (
    ("semi;colon 12", f"{HOME}/a;b 3.py", 1),
    ("number 7", "", 9),
    ("two\nlines\r\n\ttabs", f"{HOME}/new\nline.py", 2),
    ("\x1b[31mred\x1b[0m\x07\x00", f"{HOME}/\x1b]0;title\x07.py", 3),
    ("<script>alert('x')</script>", f'{HOME}/"quoted" & <tagged>.py', 4),
    ("=HYPERLINK(1)", "@SUM(1+1)", 5),
    ("\udcff\ud800lone", f"{HOME}/\udcff.py", 6),
    ("\u202egnimac\u2066", f"{HOME}/\u2028\ufeff.py", 7),
    ("{0} %s ${HOME} `id`", "../../../../etc/passwd", 8),
    ("长" * 300, f"{HOME}/{'x' * 3000}.py", (1 << 31) - 1),
)


def make() -> CaptureWriter:
    made = CaptureWriter(
        command=["app.py", "--name", "zoë; \x1b[31m\udcff"],
        cwd=HOME,
        main=APP,
        prefixes={"stdlib": [PYTHON], "site": [f"{PYTHON}/site-packages"]},
    )
    made.threads = [(100, "MainThread", 1), (101, "Arbeiter-Ö", 0), (102, "", 0), (103, "", 2)]
    main = [MAIN, RUN]
    made.site(main, size=1 << 20, count=3, live=1, peak=3)
    made.site(main, size=60, count=1000, live=200, peak=900, lifetimes={(0, 1): 700, (0, 9): 100})
    made.site(main, size=60, count=10, live=10, domain="raw")
    made.site([*main, ("run", APP, 41)], size=60, count=8, live=0, peak=2, lifetimes={(0, 3): 8})
    # A buffer that grows: each reallocation takes the block away and gives it back larger.
    grown = {"reallocations": 90, "moved": 30, "copied_bytes": 61_440, "longest_chain": 45}
    made.site([*main, GROW], size=2048, count=100, live=2, domain="mem", frees=8, **grown)
    made.site([*main, GROW], size=0, count=5, live=5, domain="mem")
    made.site([*main, WALK, VISIT, WALK, VISIT, WALK], size=33, count=50, live=0, peak=50)
    made.site([*main, WALK, VISIT], size=16, count=7, live=7)
    made.site([*main, WALK], size=17, count=7, live=3, peak=7)
    made.site([MAIN, FIND_AND_LOAD, PARSE], size=513, count=20, live=20)
    made.site([PARSE], size=513, count=4, live=4, thread=2)
    made.site([WORK], size=100, count=300, live=30, peak=150, thread=2, foreign_frees=70)
    made.site([WORK], size=100, count=11, live=0, peak=11, thread=3)
    made.site([WORK, PARSE], size=5000, count=6, live=0, peak=6, thread=4, domain="mem")
    made.site([], size=24, count=5, live=1, domain="raw", lifetimes={(1, 0): 4})
    made.site([], size=24, count=2, live=0, domain="raw", thread=2)
    for number, frame in enumerate(HOSTILE, 1):
        made.site([MAIN, frame], size=64, count=number, live=number)
    made.site([MAIN, *HOSTILE], size=640, count=9, live=4, peak=9)
    _tell_time(made)
    return made


def _tell_time(made: CaptureWriter) -> None:
    """21 points in two seconds: up to the peak after one, and down to what is live at the end."""

    def live(domain: int, *, at_peak: bool) -> int:
        return sum(
            site.peak_bytes if at_peak else site.allocated_bytes - site.released_bytes
            for site in made.sites
            if site.domain == domain
        )

    peak = [live(domain, at_peak=True) for domain in range(3)]
    end = [live(domain, at_peak=False) for domain in range(3)]
    for step in range(21):
        if step <= 10:
            raw, mem, obj = (value * step // 10 for value in peak)
        else:
            raw, mem, obj = (
                high + (low - high) * (step - 10) // 10 for high, low in zip(peak, end, strict=True)
            )
        made.sample(
            step * 100_000_000,
            (raw, mem, obj),
            resident=(20 << 20) + raw + mem + obj,
            own=2 << 20,
            collecting=step in (4, 5, 15),
        )


def main() -> None:
    GOLDEN.write_bytes(make().build())


if __name__ == "__main__":
    main()
