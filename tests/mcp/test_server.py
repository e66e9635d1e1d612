"""The tools for coding agents, asked by the SDK's own client over a process's streams."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from capture import captures
from capture.captures import LOAD, MAIN
from cli.console import call, environment

sdk = pytest.importorskip("mcp", reason="needs the SDK mcp")

Ask = Callable[..., Awaitable[Any]]

PROGRAM = """\
import sys
print("the program speaks", *sys.argv[1:])
kept = [str(number) * 100 for number in range(2000)]
sys.exit(4)
"""


def talk(folder: Path, conversation: Callable[[Ask], Awaitable[None]], *words: str) -> None:
    """Starts the server in the folder as an agent would, and has the conversation with it."""
    server = sdk.StdioServerParameters(
        command=sys.executable,
        args=["-P", "-m", "memscope", "mcp", *words],
        cwd=folder,
        env=environment(),
    )

    async def all_of_it() -> None:
        async with sdk.Client(server) as client:
            await conversation(client.call_tool)

    asyncio.run(all_of_it())


def answer(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    (content,) = result.content
    assert json.loads(content.text) == result.structured_content
    assert "\n" not in content.text
    found: dict[str, Any] = result.structured_content
    return found


def refusal(result: Any) -> str:
    assert result.is_error
    (content,) = result.content
    text: str = content.text
    return text


def test_a_program_is_recorded_and_asked_about(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    # What lies in the directory is not imported in place of what memscope needs.
    (tmp_path / "click.py").write_text("raise SystemExit('this is not click')")

    async def conversation(ask: Ask) -> None:
        recorded = answer(await ask("record", {"script": "app.py", "arguments": ["to", "-q"]}))
        assert recorded["schema"] == "memscope.record/1"
        assert recorded["status"] == 4
        assert recorded["output_end"] == "the program speaks to -q\n"
        assert recorded["errors_end"] == ""
        assert recorded["capture"] == "memscope-app-1.mscope"
        assert recorded["summary"]["totals"]["peak_bytes"] > 500_000
        rows = answer(await ask("hotspots", {"n": 1, "own_only": True}))["rows"]
        assert [(Path(row["file"]).name, row["line"]) for row in rows] == [("app.py", 3)]

    talk(tmp_path, conversation)


def test_answers_are_those_of_the_subcommands_and_short(tmp_path: Path) -> None:
    old, new = tmp_path / "old.mscope", tmp_path / "new.mscope"
    old.write_bytes(captures.shop().build())
    made = captures.shop()
    made.site([MAIN, LOAD], size=4000, count=5, live=5)
    new.write_bytes(made.build())

    async def conversation(ask: Ask) -> None:
        summary = answer(await ask("summary", {"capture": "old.mscope", "n": 0}))
        assert summary == json.loads(call("summary", "--json", old, cwd=tmp_path).stdout)
        short = answer(await ask("summary", {"capture": "old.mscope", "n": 1}))
        assert short["totals"] == summary["totals"]
        assert short["domains"] == summary["domains"][:1]
        assert short["left_out"]["domains"] == len(summary["domains"]) - 1
        compared = answer(await ask("compare", {"old": "old.mscope", "new": str(new)}))
        assert compared["rows"][0]["delta"] == 20_000
        advised = answer(await ask("advise", {"capture": "old.mscope"}))
        assert advised["schema"] == "memscope.advise/1"

    talk(tmp_path, conversation)


def test_failures_are_told_in_words(tmp_path: Path) -> None:
    outside = tmp_path / "outside.mscope"
    outside.write_bytes(captures.shop().build())
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link.mscope").symlink_to(outside)

    async def conversation(ask: Ask) -> None:
        for name in ("../outside.mscope", str(outside), "link.mscope"):
            told = refusal(await ask("summary", {"capture": name}))
            assert f"is outside of {folder}" in told
        assert "is outside of" in refusal(await ask("record", {"script": "../app.py"}))
        assert "is outside of" in refusal(
            await ask("record", {"module": "this", "output": "../this.mscope"})
        )
        assert "name a script or a module" in refusal(await ask("record", {}))
        assert "is not there" in refusal(await ask("compare", {"old": "a", "new": "b"}))

    talk(folder, conversation)

    async def allowed(ask: Ask) -> None:
        assert answer(await ask("summary", {"capture": "../outside.mscope"}))["totals"]
        assert "has no snapshot" in refusal(await ask("holders", {"capture": str(outside)}))

    talk(folder, allowed, "--allow", str(tmp_path))


def test_a_program_that_takes_too_long_is_ended_and_told_of(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text("import time\nkept = bytearray(5_000_000)\ntime.sleep(600)\n")

    async def conversation(ask: Ask) -> None:
        recorded = answer(await ask("record", {"script": "wait.py", "timeout_s": 2}))
        assert recorded["timed_out"] is True
        assert recorded["summary"]["program"]["signal"] == 15
        assert recorded["summary"]["capture"]["complete"] is True

    talk(tmp_path, conversation)
