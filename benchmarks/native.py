"""What native recording costs, and whether it is right, on packages that take memory from C.

    python benchmarks/native.py cost          wall time without memscope, with it, with --native
    python benchmarks/native.py explained     how much of resident memory has a name
    python benchmarks/native.py memray        the peak of each line, as memray --native has it

Each job is a short one of a package that is installed; the others are left out, and said.
`benchmarks/native-requirements.txt` pins the versions. Ratios are of the lowest wall times of some
rounds, in which the ways take turns.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import io
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

MIB = 1 << 20
HERE = Path(__file__).resolve()
MATTERS_BYTES = MIB  # a line that holds less at the peak is not compared


def numpy() -> object:
    import numpy as np

    kept = [np.random.default_rng(7).random((500, 1000)) for _ in range(30)]
    total = sum(float(np.sort(part, axis=1)[:, 0].sum()) for part in kept)
    return kept, total, kept[0][:300, :300] @ kept[1][:300, :300]


def pandas() -> object:
    import pandas as pd

    lines = "".join(f"{n},{n * 7 % 1000},name {n % 5000},{n / 3:.4f}\n" for n in range(300_000))
    frame = pd.read_csv(io.StringIO("a,b,c,d\n" + lines))
    other = frame.groupby("b").agg({"d": "mean"}).reset_index()
    return frame, frame.merge(other, on="b").sort_values("c")


def pyarrow() -> object:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.table({"a": range(2_000_000), "b": [f"name {n % 999}" for n in range(2_000_000)]})
    return table, table.sort_by("b"), pc.utf8_upper(table["b"])


def polars() -> object:
    import polars as pl

    frame = pl.DataFrame({"a": range(1_500_000), "b": [n % 1000 for n in range(1_500_000)]})
    sums = frame.group_by("b").agg(pl.col("a").sum())
    return frame, frame.join(sums, on="b").sort("a", descending=True)


def torch(steps: int = 60) -> object:
    import torch

    torch.manual_seed(7)
    model = torch.nn.Sequential(
        torch.nn.Linear(512, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 10)
    )
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(steps):
        loss = model(torch.randn(256, 512)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, optimizer, [torch.randn(1000, 1000) for _ in range(20)]


def sklearn(trees: int = 20, rounds: int = 200) -> object:
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    x, y = make_classification(8_000, 40, random_state=7)
    forest = RandomForestClassifier(trees, random_state=7).fit(x, y)
    return x, forest, LogisticRegression(max_iter=rounds).fit(x, y)


def pillow() -> object:
    from PIL import Image, ImageFilter

    pictures = [Image.effect_noise((2000, 2000), n).convert("RGB") for n in range(8)]
    small = [picture.resize((500, 500)).filter(ImageFilter.BLUR) for picture in pictures]
    return pictures, small


def lxml() -> object:
    from lxml import etree

    text = "".join(f"<row id='{n}'><a>{n}</a><b>name {n}</b></row>" for n in range(150_000))
    tree = etree.fromstring(f"<all>{text}</all>")
    return tree, len(tree.xpath("//row[@id > 1000]"))


def pydantic() -> object:
    from pydantic import BaseModel

    class Item(BaseModel):
        number: int
        name: str
        tags: list[str]

    return [Item(number=n, name=f"n{n}", tags=[f"t{n % 7}", "x"]) for n in range(120_000)]


def sqlite3() -> object:
    import sqlite3

    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE item (number INTEGER, name TEXT)")
    rows = ((n, f"name {n % 977}") for n in range(250_000))
    base.executemany("INSERT INTO item VALUES (?, ?)", rows)
    base.execute("CREATE INDEX by_name ON item (name)")
    found = base.execute("SELECT name, count(*) FROM item GROUP BY name").fetchall()
    return base, found


def orjson() -> object:
    import orjson

    document = [{"number": n, "name": f"name {n}", "tags": [n, n + 1]} for n in range(150_000)]
    return [orjson.loads(orjson.dumps(document)) for _ in range(3)]


JOBS: dict[str, Callable[..., object]] = {
    job.__name__: job
    for job in (
        *(numpy, pandas, pyarrow, polars, torch, sklearn),
        *(pillow, lxml, pydantic, sqlite3, orjson),
    )
}
MODULES = {"pillow": "PIL"}
PACKAGES = {"sklearn": "scikit-learn"}
# Of the same kind, for memray, which takes long for the whole.
SHORTER = {"torch": (3,)}


def run_job(name: str, shorter: bool) -> None:
    random.seed(7)
    begin, cpu_begin = time.perf_counter(), time.process_time()
    kept = JOBS[name](*(SHORTER.get(name, ()) if shorter else ()))
    print(time.perf_counter() - begin, time.process_time() - cpu_begin)
    del kept


def version_of(name: str) -> str:
    if name == "sqlite3":
        import sqlite3

        return f"SQLite {sqlite3.sqlite_version}"
    package = PACKAGES.get(name, name)
    return f"{package} {importlib.metadata.version(package)}"


def is_there(name: str) -> bool:
    return importlib.util.find_spec(MODULES.get(name, name)) is not None


def job_seconds(words: list[str], name: str, directory: Path, *options: str) -> tuple[float, float]:
    """Wall time of the job, and its process's own CPU time; all starts before are left out."""
    command = [sys.executable, *words, str(HERE), "--job", name, *options]
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: status {ran.returncode}\n{ran.stderr[-2000:]}")
    wall, cpu = ran.stdout.split()[-2:]
    return float(wall), float(cpu)


def recorded(*options: str) -> list[str]:
    words = ["-m", "memscope", "run", "-q", "-f", "--no-summary", "-o", "job.mscope"]
    return [*words, *options]


def report(name: str, *arguments: str, directory: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "memscope", name, "job.mscope", "--json", *arguments]
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=True)
    document: dict[str, object] = json.loads(ran.stdout)
    return document


# ---- the three questions -------------------------------------------------------------------------


def cost(names: list[str], rounds: int, directory: Path) -> None:
    ways = {
        "plain": [],
        "recorded": recorded(),
        "native": recorded("--native"),
        "min": recorded("--native", "--native-min", "4KiB"),
    }
    print("| package | plain, s | recorded, s | `--native`, s | of that | CPU | min |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    found: dict[str, list[float]] = {"recorded": [], "native": [], "cpu": [], "min": []}
    for name in names:
        lowest = dict.fromkeys(ways, (math.inf, math.inf))
        for turn in range(rounds):
            order = list(ways) if turn % 2 == 0 else list(reversed(ways))
            for way in order:
                now = job_seconds(ways[way], name, directory)
                lowest[way] = (min(lowest[way][0], now[0]), min(lowest[way][1], now[1]))
        plain, without, native = lowest["plain"], lowest["recorded"], lowest["native"]
        ratios = {
            "recorded": without[0] / plain[0],
            "native": native[0] / without[0],
            "cpu": native[1] / without[1],
            "min": lowest["min"][0] / without[0],
        }
        for way, ratio in ratios.items():
            found[way].append(ratio)
        print(
            f"| {version_of(name)} | {plain[0]:.2f} | {without[0]:.2f} | {native[0]:.2f} |"
            f" x{ratios['native']:.2f} | x{ratios['cpu']:.2f} | x{ratios['min']:.2f} |",
            flush=True,
        )
    if names:
        means = {way: math.exp(sum(map(math.log, each)) / len(each)) for way, each in found.items()}
        print(
            f"| geometric mean | | x{means['recorded']:.2f} of plain | | x{means['native']:.2f} |"
            f" x{means['cpu']:.2f} | x{means['min']:.2f} |"
        )


def explained(names: list[str], _rounds: int, directory: Path) -> None:
    print("| package | resident | without `--native` | with it | at the end |")
    print("|---|---:|---:|---:|---:|")
    for name in names:
        shares = []
        for options in ((), ("--native",)):
            job_seconds(recorded(*options), name, directory)
            peak = report("rss", directory=directory)
            shares.append(peak["explained_above_share"])
        end = report("rss", "--at", "end", directory=directory)["explained_above_share"]
        resident = int(str(peak["resident_bytes"])) / MIB
        columns = " | ".join(f"{float(str(share)):.0%}" for share in (*shares, end))
        print(f"| {version_of(name)} | {resident:.0f} MiB | {columns} |", flush=True)


def ours(directory: Path) -> Counter[int]:
    """Of each line of a job, what it and what it called held at the peak."""
    import memscope

    capture = memscope.load(directory / "job.mscope")
    nodes, files = capture.tables.nodes, capture.tables.codes.file
    line_of = [0] * len(nodes.parent)
    for node in range(1, len(line_of)):  # parents come first
        is_ours = nodes.code[node] and files[nodes.code[node]] == str(HERE)
        line_of[node] = nodes.line[node] if is_ours else line_of[nodes.parent[node]]
    found: Counter[int] = Counter()
    for stack, size in zip(capture.tables.rows.stack, capture.totals.peak_bytes, strict=True):
        found[line_of[stack]] += int(size)
    return found


def memrays(path: Path) -> Counter[int]:
    from memray import FileReader

    found: Counter[int] = Counter()
    reader = FileReader(path)
    for record in reader.get_high_watermark_allocation_records(merge_threads=True):
        lines = [line for _, file, line in record.stack_trace() if file == str(HERE)]
        found[lines[0] if lines else 0] += record.size
    return found


def memray(names: list[str], _rounds: int, directory: Path) -> None:
    print("| package | line | memscope, MiB | memray, MiB |")
    print("|---|---|---:|---:|")
    text = HERE.read_text().splitlines()
    for name in names:
        job_seconds(recorded("--native", "--no-objects"), name, directory, "--shorter")
        path = directory / "job.bin"
        words = ["-m", "memray", "run", "-q", "-f", "--native", "--trace-python-allocators"]
        job_seconds([*words, "-o", str(path)], name, directory, "--shorter")
        left, right = ours(directory), memrays(path)
        for line in sorted(left.keys() | right.keys()):
            if max(left[line], right[line]) >= MATTERS_BYTES:
                code = text[line - 1].strip().replace("|", "\\|") if line else "no line of the job"
                sizes = f"{left[line] / MIB:.1f} | {right[line] / MIB:.1f}"
                print(f"| {name} | `{code[:60]}` | {sizes} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands: dict[str, Callable[[list[str], int, Path], None]] = {
        "cost": cost,
        "explained": explained,
        "memray": memray,
    }
    parser.add_argument("command", nargs="?", choices=commands)
    parser.add_argument("--job", choices=JOBS, help="run this job and nothing else")
    parser.add_argument("--shorter", action="store_true", help="of that job as much as memray can")
    parser.add_argument("--jobs", default=",".join(JOBS), help="names, with commas")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    if asked.job:
        run_job(asked.job, asked.shorter)
        return
    if not asked.command:
        parser.error("which command?")
    names = asked.jobs.split(",")
    missing = [name for name in names if not is_there(name)]
    with tempfile.TemporaryDirectory() as directory:
        commands[asked.command](
            [name for name in names if name not in missing], asked.rounds, Path(directory)
        )
    if missing:
        print(f"not installed: {', '.join(missing)}")


if __name__ == "__main__":
    main()
