"""The programs that are profiled: what each one stands for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROGRAMS_DIR = Path(__file__).resolve().parent.parent / "programs"


@dataclass(frozen=True, slots=True)
class Program:
    """One file under ``programs/``, with a ``work(scale)`` of 0.5 to 1.2 s at scale 1."""

    name: str
    kind: str
    deep: bool = False  # hundreds of frames deep: has a budget of its own before Python 3.13
    large: bool = False  # a real tool on a real package, of half a minute: in no mean

    @property
    def path(self) -> Path:
        return PROGRAMS_DIR / f"{self.name}.py"


PROGRAMS = (
    Program("sql_parser", "SQL parser (sqlglot)"),
    Program("html_parser", "HTML parser (html5lib, bs4)"),
    Program("templates", "template engine (jinja2)"),
    Program("symbolic", "computer algebra (sympy)"),
    Program("graph", "graph algorithms (networkx)"),
    Program("arrays", "small and large arrays (numpy)"),
    Program("json_c", "JSON round trip, C"),
    Program("json_python", "JSON round trip, pure Python"),
    Program("threads", "4 threads handing blocks over"),
    Program("async_tasks", "asyncio tasks and queues"),
    Program("generators", "generator pipelines"),
    Program("gc_cycles", "reference cycles, gc.collect"),
    Program("recursion", "recursion 200-800 deep", deep=True),
    Program("tight_loop", "tight allocation loop"),
    Program("method_calls", "calls that allocate nothing"),
    Program("growing_heap", "150 MB of small live objects"),
    Program("large_buffers", "large bytes and bytearrays"),
    Program("linter", "linter (pylint over networkx)", large=True),
    Program("type_checker", "type checker (mypy over sqlglot)", large=True),
)
SMALL = tuple(program for program in PROGRAMS if not program.large)


def program_named(name: str) -> Program:
    """The program of this name; KeyError if there is none."""
    return {program.name: program for program in PROGRAMS}[name]
