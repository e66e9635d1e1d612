"""`memscope mcp`: tools for coding agents on standard input and output."""

from __future__ import annotations

from pathlib import Path

import click

from memscope.errors import MemscopeError


@click.command("mcp")
@click.option(
    "--allow",
    "allowed",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    multiple=True,
    metavar="DIRECTORY",
    help="Let tools name paths in this directory, too; may be given several times.",
)
def command(allowed: tuple[Path, ...]) -> None:
    """Offer memscope to coding agents: record, summary, hotspots, holders, advise, compare, ab.

    Speaks the Model Context Protocol on standard input and output; an agent's settings name this
    command. Paths are those in the working directory. Only `record` and `ab` run anything: the
    program that they are asked to run.
    """
    try:
        from memscope.mcp.server import make_server
    except ImportError as error:
        if not (error.name or "").startswith(("mcp", "pydantic")):
            raise
        raise MemscopeError(
            "the protocol's SDK is not here", None, "pip install 'memscope-profiler[mcp]'"
        ) from None
    from memscope.mcp.workplace import Workplace

    make_server(Workplace(Path(), allowed)).run("stdio")
