"""Does memscope say of each line what tracemalloc says, but for the rules of docs/objects.md?

    python benchmarks/agreement.py

Both watch the same run of a job, and what it makes is kept. The live bytes of each line are
compared, and each difference is put down to a rule. What no rule explains is printed for each line.
"""

from __future__ import annotations

import gc
import html
import subprocess
import sys
import tempfile
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import memscope
from memscope.capture import Capture

Line = tuple[str, int]

QUERY = """
WITH ranked AS (SELECT m.*, ROW_NUMBER() OVER (PARTITION BY region ORDER BY revenue DESC) AS place
  FROM monthly AS m JOIN customers AS c ON c.id = m.customer_id
  WHERE m.status IN ('paid', 'shipped'))
SELECT region, CASE WHEN before = 0 THEN NULL ELSE (revenue - before) / before END AS growth
FROM ranked WHERE place <= 3 AND region NOT LIKE 'test%' ORDER BY region LIMIT 100
"""
PAGE = "<table>" + "".join(
    f"<tr class=r{n % 7}><td><a href='/{n}'>{html.escape(f'<{n}>')}</a><td>{n}" for n in range(300)
)
TEMPLATE = (
    "{% for row in rows %}<li>{{ row.name|upper }}: {{ '%.2f'|format(row.price) }}</li>{% endfor %}"
)


def sqlglot() -> object:
    import sqlglot

    return [sqlglot.parse_one(QUERY, read="postgres") for _ in range(40)]


def html5lib() -> object:
    import html5lib

    return [html5lib.parse(PAGE) for _ in range(5)]


def jinja2() -> object:
    import jinja2

    rows = [{"name": f"row {n}", "price": n / 7} for n in range(2000)]
    templates = [jinja2.Environment().from_string(TEMPLATE) for _ in range(5)]
    return rows, templates, [template.render(rows=rows) for template in templates]


def beautifulsoup() -> object:
    import bs4

    return [bs4.BeautifulSoup(PAGE, "html.parser") for _ in range(5)]


JOBS: dict[str, Callable[[], object]] = {
    job.__name__: job for job in (sqlglot, html5lib, jinja2, beautifulsoup)
}


def clear_caches() -> None:
    if sys.version_info < (3, 13):
        sys._clear_type_cache()
    else:
        sys._clear_internal_caches()


def watch(job: Callable[[], object], path: Path) -> tuple[Counter[Line], Capture]:
    """What tracemalloc says of each line, and memscope's capture."""
    with memscope.record(path.with_suffix(".first"), objects=True):
        job()  # modules are imported, and caches are filled
    gc.collect()
    gc.disable()
    tracemalloc.start()
    with memscope.record(path, objects=True):
        kept = job()
        # Else names that only the cache of attributes holds die between the two looks.
        clear_caches()
    snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    found: Counter[Line] = Counter()
    for of in snapshot.statistics("lineno"):
        found[of.traceback[0].filename, of.traceback[0].lineno] += of.size
    del kept
    return found, memscope.load(path)


def is_compared(line: Line) -> bool:
    """Not memscope's own work, nor that of tracemalloc, nor what has no line."""
    name = Path(line[0])
    return name.suffix == ".py" and name.name != "tracemalloc.py" and "memscope" not in name.parts


def live(capture: Capture) -> tuple[Counter[Line], Counter[Line], int]:
    """Bytes of each line, those of them that are tables and arrays, and those on free lists."""
    all_bytes: Counter[Line] = Counter()
    held: Counter[Line] = Counter()
    parked = 0
    rows = capture.tables.rows
    for stack, number, size in zip(rows.stack, rows.type, capture.totals.live_bytes, strict=True):
        frames = capture.tables.stack(stack)
        if not frames:
            parked += int(size)
            continue
        line = frames[-1].file, frames[-1].line
        all_bytes[line] += int(size)
        if number and capture.tables.types[number].kind in ("items", "keys", "other"):
            held[line] += int(size)
    return all_bytes, held, parked


def compare(name: str, path: Path) -> None:
    theirs, capture = watch(JOBS[name], path)
    ours, held, parked = live(capture)
    sums: defaultdict[str, int] = defaultdict(int)
    left_over = []
    for line in sorted(filter(is_compared, ours.keys() | theirs.keys())):
        more = ours[line] - theirs[line]
        sums["same"] += min(ours[line], theirs[line])
        sums["tables at their object's line"] += min(max(more, 0), held[line])
        sums["tables and free lists at the line that asked"] += max(-more, 0)
        if more > held[line]:
            left_over.append((line, more - held[line]))
    moved = sums["tables at their object's line"] + parked
    told = sum(size for line, size in theirs.items() if is_compared(line))
    print(f"{name}: {told:,} bytes by tracemalloc")
    for rule, size in sums.items():
        print(f"  {size:>10,}  {rule}")
    print(f"  {parked:>10,}  on free lists, by memscope")
    beyond = max(0, sums["tables and free lists at the line that asked"] - moved)
    print(f"  {sum(size for _, size in left_over) + beyond:>10,}  unexplained")
    for (file, number), size in left_over:
        print(f"              {size:,} at {file}:{number}")


def main() -> None:
    if len(sys.argv) == 2:
        with tempfile.TemporaryDirectory() as place:
            compare(sys.argv[1], Path(place) / "job.mscope")
        return
    for name in JOBS:
        subprocess.run([sys.executable, __file__, name], check=True)


if __name__ == "__main__":
    main()
