"""Work to record: real packages, and what keeps of their results in memory."""

from __future__ import annotations

import ast
import collections
import decimal
import inspect
import json
import os
import threading
import time
from typing import Any


def json_round_trip() -> Any:
    document = {
        str(n): {"id": n, "share": n / 7, "tags": [f"tag-{n % 13}"] * (n % 5), "text": "x" * n}
        for n in range(800)
    }
    text = json.dumps(document, indent=1)
    kept = [json.loads(text) for _ in range(3)]
    kept.append(json.dumps(kept[0], sort_keys=True))
    return kept


def sql_parser() -> Any:
    import sqlglot

    query = """
        WITH recent AS (SELECT id, max(day) AS day FROM orders WHERE day > '2026-01-01' GROUP BY id)
        SELECT c.name, sum(o.amount * (1 - o.discount)) AS total, count(*) FILTER (WHERE o.late)
        FROM customers AS c JOIN orders AS o ON o.customer = c.id LEFT JOIN recent AS r USING (id)
        WHERE c.country IN ('DE', 'FR', 'IT') AND NOT (o.state = 'returned' OR o.amount IS NULL)
        GROUP BY c.name HAVING total > 100 ORDER BY total DESC LIMIT 10
    """
    trees = [sqlglot.parse_one(query, read="postgres") for _ in range(15)]
    return trees, [tree.sql(dialect="duckdb", pretty=True) for tree in trees[::3]]


def html_parser() -> Any:
    import html5lib

    rows = "".join(
        f"<tr class=r{n % 3}><td>{n}<td><b>bold<i>both</b>slanted</i>&eacute;" for n in range(150)
    )
    page = f"<!doctype html><title>t</title><table>{rows}</table><p>unclosed <a href=x>link"
    return [html5lib.parse(page, treebuilder=tree) for tree in ("etree", "dom")]


def template_engine() -> Any:
    import jinja2

    environment = jinja2.Environment(trim_blocks=True, autoescape=True)
    template = environment.from_string(
        "{% macro cell(v) %}<td>{{ v|upper }}</td>{% endmacro %}"
        "{% for row in rows if row.n % 2 %}<tr>{{ cell(row.name) }}{{ cell(row.n|string) }}"
        "{% for tag in row.tags %}{{ loop.index }}: {{ tag }}, {% endfor %}</tr>\n{% endfor %}"
    )
    rows = [{"n": n, "name": f"<name {n}>", "tags": ["a", "b"] * (n % 4)} for n in range(300)]
    return environment, [template.render(rows=rows) for _ in range(4)]


def syntax_trees() -> Any:
    source = inspect.getsource(collections) + inspect.getsource(decimal) + inspect.getsource(ast)
    trees = [ast.parse(source) for _ in range(2)]
    return trees, compile(trees[0], "<tree>", "exec"), ast.unparse(trees[1])


def threads() -> Any:
    """Four threads that free each other's blocks; some of them stay."""
    shelf: collections.deque[Any] = collections.deque(maxlen=300)
    running = len(os.listdir("/proc/self/task"))

    def work(number: int) -> None:
        for n in range(3000):
            shelf.append([number, bytes(n % 900), {"n": n}, float(n)])

    workers = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # Joined is not gone: a thread still gives back its state, perhaps between one oracle's look and
    # the other's.
    while len(os.listdir("/proc/self/task")) > running:
        time.sleep(0.001)
    return shelf


def growth() -> Any:
    """Blocks that grow, shrink and move."""
    lists: list[list[int]] = [[] for _ in range(50)]
    for n in range(20_000):
        lists[n % 50].append(n)
    for items in lists[::2]:
        del items[10:]
    buffer = bytearray()
    for n in range(2000):
        buffer += bytes(n % 90)
    table = {}
    for n in range(5000):
        table[n] = str(n)
    for n in range(0, 5000, 3):
        del table[n]
    text = ""
    for n in range(3000):
        text += chr(65 + n % 26)
    return lists, buffer, dict(table), set(table), text, "".join(sorted(text))


def recursion() -> Any:
    def down(depth: int) -> Any:
        return [depth, down(depth - 1)] if depth else []

    def generate(depth: int) -> Any:
        if depth:
            yield from generate(depth - 1)
        yield {"depth": depth}

    return [down(200) for _ in range(10)], list(generate(150)), generate(3)


WORKLOADS = {
    function.__name__: function
    for function in (
        json_round_trip,
        sql_parser,
        html_parser,
        template_engine,
        syntax_trees,
        threads,
        growth,
        recursion,
    )
}
