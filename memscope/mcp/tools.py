"""The tools: what an agent may ask for, and which subcommand answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from memscope.errors import MemscopeError
from memscope.mcp.asking import ask, run, why
from memscope.mcp.shortening import shortened
from memscope.mcp.workplace import Workplace

ANSWER_S = 600.0  # for one answer about captures
TAIL_BYTES = 2000  # of what a program printed

CaptureName = Annotated[
    str | None, Field(description="A .mscope file; without it the newest in the directory.")
]
Rows = Annotated[int, Field(ge=0, description="Most items in each list; 0 for all.")]
Arguments = Annotated[list[str] | None, Field(description="Arguments of the program.")]
Measure = Literal["allocated_bytes", "allocations", "created", "peak_bytes", "live_bytes",
                  "short_lived"]  # fmt: skip
Answer = dict[str, Any]


class Tools:
    """Each public method is a tool; what it says of itself is what the agent reads."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def record(
        self,
        script: Annotated[str | None, Field(description="A Python script to run.")] = None,
        module: Annotated[
            str | None, Field(description="In place of a script: a module, as for python -m.")
        ] = None,
        arguments: Arguments = None,
        output: Annotated[
            str | None, Field(description="Where the capture goes; an unused name by default.")
        ] = None,
        snapshot: Annotated[
            bool, Field(description="Take a snapshot of all objects at the end, for `holders`.")
        ] = False,
        native: Annotated[bool, Field(description="Record malloc of C code, too.")] = False,
        timeout_s: Annotated[
            float, Field(gt=0, description="After so long the program is sent SIGTERM.")
        ] = ANSWER_S,
    ) -> Answer:
        """Run a Python program and record every allocation; gives the capture's path and a summary.

        This runs the program, with all that it does. It reads nothing from standard input.
        """
        if (script is None) == (module is None):
            raise MemscopeError("name a script or a module, and not both")
        if script is not None:
            target = [str(self._workplace.existing(script))]
        else:
            target = ["-m", str(module)]
        name = Path(script).stem if script is not None else str(module)
        place = self._workplace
        capture = place.new_capture(name) if output is None else place.path(output)
        options = ["-q", "--no-summary", "-o", str(capture)]
        options += ["--snapshot"] * snapshot + ["--native"] * native
        ended = await run(
            ["run", *options, *target, *(arguments or [])],
            place.folder, timeout_s=timeout_s, tail_bytes=TAIL_BYTES,
        )  # fmt: skip
        if not capture.exists():
            raise MemscopeError(why(ended) or "nothing was recorded")
        return {
            "schema": "memscope.record/1",
            "capture": self._named(capture),
            "status": ended.status,
            "timed_out": ended.timed_out,
            "output_end": ended.output,
            "errors_end": ended.errors,
            "summary": await self.summary(str(capture)),
        }

    async def summary(self, capture: CaptureName = None, n: Rows = 5) -> Answer:
        """Say where the memory went: peak, what made it, what was allocated most, types."""
        return await self._about(capture, ["summary"], n)

    async def hotspots(
        self,
        capture: CaptureName = None,
        by: Annotated[Measure, Field(description="What the order is by.")] = "peak_bytes",
        group: Annotated[
            Literal["stack", "line", "function", "file"], Field(description="What a row is.")
        ] = "line",
        own_only: Annotated[bool, Field(description="Only user code, no libraries.")] = False,
        n: Rows = 10,
    ) -> Answer:
        """List the lines, functions, files or stacks that allocate, hold or churn the most."""
        options = ["--by", by, "--group", group, "-n", str(n), *["--own"] * own_only]
        return await self._about(capture, ["hotspots", *options], n)

    async def holders(self, capture: CaptureName = None, n: Rows = 10) -> Answer:
        """List what keeps the most memory alive, by its names in Python code.

        The capture needs a snapshot: `record` with `snapshot`.
        """
        return await self._about(capture, ["holders", "-n", str(n)], n)

    async def advise(self, capture: CaptureName = None, n: Rows = 3) -> Answer:
        """Say which line of user code to change, what that gains, and the command that proves it.

        What looked tempting and does not pay is listed as rejected, with the reason.
        """
        return await self._about(capture, ["advise", "-n", str(n)], n)

    async def compare(
        self,
        old: Annotated[str, Field(description="A capture of before.")],
        new: Annotated[str, Field(description="A capture of after.")],
        by: Annotated[
            Literal["allocated_bytes", "allocations", "peak_bytes", "live_bytes", "live_blocks"],
            Field(description="What sites are compared by."),
        ] = "allocated_bytes",
        n: Rows = 10,
    ) -> Answer:
        """Say what changed between captures of two versions of a program, in all and by line."""
        paths = [str(self._workplace.existing(name)) for name in (old, new)]
        return await self._ask(["compare", *paths, "--by", by, "-n", str(n)], n, ANSWER_S)

    async def ab(
        self,
        before: Annotated[str, Field(description="A Python script.")],
        after: Annotated[str, Field(description="The changed one.")],
        arguments: Arguments = None,
        pairs: Annotated[int, Field(ge=4, description="Runs of each.")] = 10,
        timeout_s: Annotated[float, Field(gt=0, description="For all runs together.")] = ANSWER_S,
    ) -> Answer:
        """Say whether a change pays in time and memory: run two scripts in turn, unrecorded.

        This runs both programs, with all that they do.
        """
        paths = [str(self._workplace.existing(name)) for name in (before, after)]
        words = ["ab", *paths, "-n", str(pairs), *(["--", *arguments] if arguments else [])]
        return await self._ask(words, pairs, timeout_s)

    async def _about(self, capture: str | None, words: Sequence[str], n: int) -> Answer:
        # Where none is named, the subcommand takes the newest one in its working directory.
        path = [] if capture is None else [str(self._workplace.existing(capture))]
        subcommand, *options = words
        return await self._ask([subcommand, *path, *options], n, ANSWER_S)

    async def _ask(self, words: Sequence[str], n: int, timeout_s: float) -> Answer:
        return shortened(await ask(words, self._workplace.folder, timeout_s=timeout_s), n)

    def _named(self, path: Path) -> str:
        """As one would write it in the working directory."""
        folder = self._workplace.folder
        return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
