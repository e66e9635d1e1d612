"""`memscope run`: runs a program, records it, prints the summary and ends as the program ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from memscope.cli.live import LiveLine
from memscope.cli.pushoptions import PushOptions, pushers, run_options
from memscope.cli.quantities import (
    labels_of,
    limit_of,
    seconds_of,
    share_of_time,
    size_in_bytes,
)
from memscope.cli.recordingoptions import (
    budget_option,
    force_option,
    no_summary_option,
    objects_option,
    output_option,
    sample_option,
)
from memscope.cli.serving import DEFAULT_ADDRESS, is_address, services
from memscope.cli.telling import Telling
from memscope.cli.usercode import user_code_option
from memscope.errors import MemscopeError

if TYPE_CHECKING:
    from memscope.recording.runoptions import Prepared
    from memscope.recording.target import Target
    from memscope.recording.watched import Watcher

# In a process that only reads the command line: takes what is to be done, or None where that is
# for the other to read itself. It does not return.
handed_to: Callable[[tuple[Prepared, Telling] | None], NoReturn] | None = None


class RunCommand(click.Command):
    """Takes options up to the program; everything after it is the program's, as with python."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            own, ctx.obj = self.split(args)
        except click.UsageError as error:
            error.ctx = ctx
            raise
        return super().parse_args(ctx, own)

    def split(self, args: list[str]) -> tuple[list[str], tuple[str, str, list[str]] | None]:
        """Our own options, and (kind, value, arguments) of the program if one is named."""
        takes_value = {
            name: not option.is_flag
            for option in self.params
            if isinstance(option, click.Option)
            for name in option.opts
        }
        index = 0
        while index < len(args):
            word = args[index]
            if word == "--" or not word.startswith("-") or word == "-":
                script = args[index + 1 :] if word == "--" else args[index:]
                program = ("file", script[0], script[1:]) if script else None
                return args[:index], program
            if word == "--serve":
                index += 2 if is_address(*args[index + 1 : index + 2]) else 1
                continue
            if word.startswith("--"):
                index += 2 if takes_value.get(word, False) else 1
                continue
            found = self._cluster(args, index, takes_value)
            if not isinstance(found, int):
                return found
            index = found
        return args, None

    def _cluster(
        self, args: list[str], index: int, takes_value: dict[str, bool]
    ) -> int | tuple[list[str], tuple[str, str, list[str]]]:
        """Goes through short options written as one word: the program, or where to go on."""
        word = args[index]
        for place, letter in enumerate(word[1:], 1):
            if letter in "mc":
                rest = [word[place + 1 :]] if word[place + 1 :] else []
                rest += args[index + 1 :]
                if not rest:
                    raise click.UsageError(f"-{letter} needs a value.")
                own = args[:index] + ([word[:place]] if place > 1 else [])
                return own, ("module" if letter == "m" else "command", rest[0], rest[1:])
            if takes_value.get(f"-{letter}", False):
                return index + (1 if word[place + 1 :] else 2)
        return index + 1

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]", "(SCRIPT | -m MODULE | -c CODE)", "[ARGS]..."]


def _may_take_snapshots(objects: bool, budget: float | None) -> None:
    """UsageError where no snapshot can be taken."""
    if budget:
        raise click.UsageError("--snapshot is of objects, of which --budget does not tell.")
    if not objects:
        raise click.UsageError("--snapshot is of objects: it goes without --no-objects.")


@click.command("run", cls=RunCommand)
@output_option
@force_option
@click.option("-q", "--quiet", is_flag=True, help="Say only what fails or was not recorded.")
@no_summary_option
@sample_option
@budget_option
@click.option("--events", is_flag=True, help="Keep every single event: a large capture.")
@click.option("--no-imports", is_flag=True, help="Leave out what importing modules allocates.")
@objects_option
@click.option(
    "--snapshot",
    is_flag=True,
    help="Take a snapshot of all objects at the end, for `holders` and `why`.",
)
@click.option(
    "--snapshot-values",
    is_flag=True,
    help="As --snapshot, with the texts of all keys: they may be secret.",
)
@click.option(
    "--snapshot-budget",
    metavar="SHARE",
    callback=share_of_time,
    help="As --snapshot; more snapshots at peaks may take this share of the time.  [default: 2%]",
)
@click.option("--native", is_flag=True, help="Record what C code requests, too: malloc and mmap.")
@click.option(
    "--native-min",
    "native_min_bytes",
    default="0",
    metavar="BYTES",
    callback=size_in_bytes,
    help="As --native; requests below BYTES are counted, but have no line.",
)
@click.option("--follow-fork", is_flag=True, help="Record forked children, too.")
@click.option(
    "--follow-exec",
    is_flag=True,
    help="Record forked children, and the Pythons that the program starts: spawn, subprocess.",
)
@user_code_option
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="KEY=VALUE",
    callback=labels_of,
    help="A label of the capture, such as version=1.4; may be given several times.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Show live memory in a line while it runs, on a terminal; `memscope top` shows more.",
)
@click.option(
    "--serve",
    "address",
    is_flag=False,
    flag_value=DEFAULT_ADDRESS,
    metavar="[ADDR]",
    help="Answer over HTTP while it runs: profiles, metrics, captures.  "
    f"[default: {DEFAULT_ADDRESS}]",
)
@click.option(
    "--serve-token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer only those who send the token in FILE, or in $MEMSCOPE_SERVE_TOKEN.",
)
@run_options
@click.option(
    "--every",
    metavar="TIME",
    callback=seconds_of,
    help="Write a capture of the run so far each TIME: 30s, 10m, 2h.",
)
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=24,
    metavar="N",
    help="Keep the newest N of these.  [default: 24]",
)
@click.option(
    "--limit",
    "limit_bytes",
    metavar="SIZE",
    callback=limit_of,
    help="Write captures when resident memory reaches 80 and 90% of SIZE, as 512MB.",
)
@click.pass_obj
def command(
    program: tuple[str, str, list[str]] | None,
    *,
    output: Path | None,
    force: bool,
    quiet: bool,
    no_summary: bool,
    sample_bytes: int,
    budget: float | None,
    events: bool,
    no_imports: bool,
    objects: bool,
    snapshot: bool,
    snapshot_values: bool,
    snapshot_budget: float | None,
    native: bool,
    native_min_bytes: int,
    follow_fork: bool,
    follow_exec: bool,
    user_code: tuple[str, ...],
    labels: dict[str, str],
    live: bool,
    address: str | None,
    serve_token_file: Path | None,
    every: float | None,
    keep: int,
    limit_bytes: int | None,
    push: PushOptions | None,
) -> NoReturn:
    """Run a program and record every allocation.

    Options of memscope come before the program; all that follows it is the program's own. Its
    output, its input and its exit status are its own too: memscope speaks on stderr alone.
    """
    if program is None:
        raise click.UsageError("Name a SCRIPT, -m MODULE or -c CODE to run.")
    snapshot = snapshot or snapshot_values or snapshot_budget is not None
    if snapshot:
        _may_take_snapshots(objects, budget)
    try:
        from memscope import _recorder  # noqa: F401
    except ImportError as error:
        raise MemscopeError(
            f"the recorder cannot be loaded: {error}", None, "was the extension built?"
        ) from None
    from memscope.recording.preparing import prepare
    from memscope.recording.runoptions import SNAPSHOT_BUDGET, RunOptions

    options = RunOptions(
        output=output,
        force=force,
        sample_bytes=sample_bytes,
        budget=budget or 0.0,
        events=events,
        imports=not no_imports,
        objects=objects,
        snapshot=snapshot,
        snapshot_values=snapshot_values,
        snapshot_budget=SNAPSHOT_BUDGET if snapshot_budget is None else snapshot_budget,
        native=native or native_min_bytes > 0,
        native_min_bytes=native_min_bytes,
        follow_fork=follow_fork,
        follow_exec=follow_exec,
        user_code=_named(user_code),
        labels=labels,
    )
    target = _target(*program)
    how = Telling(quiet, no_summary, every, keep, limit_bytes)
    needs_more = live or address is not None or serve_token_file is not None or push is not None
    if handed_to is not None:
        # Who records children keeps what it was asked, too.
        needs_more = needs_more or follow_fork or follow_exec
        handed_to(None if needs_more else (prepare(target, options), how))
    from memscope.cli.running import record

    watchers: list[Watcher] = [*services(address, serve_token_file, limit_bytes, quiet=quiet)]
    watchers += pushers(push, _service_of(*program), labels)
    record(prepare(target, options), how, watchers, [LiveLine()] if live else [])


def _service_of(kind: str, value: str, arguments: list[str]) -> str:
    """What a program without the label `service` is called."""
    return {"module": value, "command": "command"}.get(kind) or Path(value).stem


def _named(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words:
        return ()
    from memscope.recording.projects import named

    return named(words)


def _target(kind: str, value: str, arguments: list[str]) -> Target:
    from memscope.recording.target import Target

    if kind == "module":
        return Target("module", value, tuple(arguments))
    return Target("command" if kind == "command" else "file", value, tuple(arguments))
