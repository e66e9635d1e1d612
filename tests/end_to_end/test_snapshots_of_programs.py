"""Objects and references of real programs, against `gc.get_referents` in the program itself."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from end_to_end.recorded import CAPTURE, run_source
from end_to_end.test_snapshots import named

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings
from memscope.capture.snapshots import KIND_BITS, Kind, Seen

pytestmark = pytest.mark.slow

# From these almost everything can be reached.
BEYOND = ("function", "builtin_function_or_method", "module", "method_descriptor", "code")
ORACLE = """
import collections as _collections, gc as _gc, json as _json
def _walk():
    _gc.collect()
    _gc.collect()
    found, left = {id(top): top}, [top]
    while left:
        for of in _gc.get_referents(left.pop()):
            beyond = isinstance(of, type) or type(of).__name__ in BEYOND
            if id(of) not in found and _gc.is_tracked(of) and not beyond:
                found[id(of)] = of
                left.append(of)
    types = _collections.Counter(type(of).__name__ for of in found.values())
    edges = sum(id(to) in found for of in found.values() for to in _gc.get_referents(of))
    return _json.dumps([types, edges])
_told = _walk()
print(_told)
"""
PROGRAMS = {
    "html5lib": """
import html5lib
page = "<table>" + "".join(
    f"<tr id=r{n} class='a b'><td>{n}<p>text {n}<!-- c --><br>" for n in range(300))
top = html5lib.parse(page, treebuilder="dom", namespaceHTMLElements=False)
""",
    "jinja2": """
import jinja2
environment = jinja2.Environment(loader=jinja2.DictLoader({
    f"page{n}": "{% for row in rows %}{{ row.name|upper }} {% if row.x > 3 %}{{ loop.index }}"
    "{% endif %}{% endfor %}" for n in range(30)}))
sessions = {}
for request in range(300):
    rows = [{"name": f"name {n}", "x": n} for n in range(10)]
    text = environment.get_template(f"page{request % 30}").render(rows=rows)
    sessions.setdefault(request % 7, []).append((text, rows))
top = [environment.cache, sessions]
""",
    "data": """
import ast, collections, csv, datetime, decimal, io, inspect, json, sqlite3
records = [json.loads(json.dumps({"id": n, "tags": [str(n)] * 3, "of": {"deep": [n, None]}}))
           for n in range(2000)]
database = sqlite3.connect(":memory:")
database.row_factory = sqlite3.Row
database.execute("create table t(a, b)")
database.executemany("insert into t values (?, ?)", [(n, str(n)) for n in range(500)])
by_day = collections.defaultdict(list)
for n, row in enumerate(database.execute("select * from t").fetchall()):
    by_day[datetime.date(2024, 1, 1 + n % 20)].append((decimal.Decimal(n), dict(row)))
lines = list(csv.DictReader(io.StringIO("a,b\\n" + "1,2\\n" * 500)))
top = [records, by_day, lines, ast.parse(inspect.getsource(ast))]
""",
}


def reached(found: Holdings, top: int) -> tuple[Counter[str], int]:
    snapshot = found.snapshot

    def name(at: int) -> str:
        return found.types[snapshot.type[at]].name.rpartition(".")[2]

    def targets(at: int) -> list[int]:
        places = range(snapshot.starts[at], snapshot.starts[at + 1])
        labels, to = snapshot.labels, snapshot.targets
        mask = (1 << KIND_BITS) - 1
        return [to[place] for place in places if labels[place] & mask != Kind.CELL]

    seen, left = {top}, [top]
    while left:
        for to in targets(left.pop()):
            flags = snapshot.flags[to]
            wanted = flags & Seen.COLLECTED and not flags & Seen.CLASS and name(to) not in BEYOND
            if to not in seen and wanted:
                seen.add(to)
                left.append(to)
    edges = sum(to in seen for at in seen for to in targets(at))
    return Counter(map(name, seen)), edges


@pytest.mark.parametrize("program", PROGRAMS)
def test_objects_and_references_are_those_of_the_collector(tmp_path: Path, program: str) -> None:
    if program != "data":
        pytest.importorskip(program, reason=f"needs {program}")
    source = f"BEYOND = {BEYOND!r}\n{PROGRAMS[program]}{ORACLE}"
    types, edges = json.loads(run_source(tmp_path, source, "-q", "--snapshot").stdout)
    found = Holdings(Measures(memscope.load(tmp_path / CAPTURE)))
    told, told_edges = reached(found, named(found)["top"])
    assert sum(types.values()) > 500
    assert told == types
    assert told_edges == edges
