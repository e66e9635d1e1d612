"""The server: tools of memscope on standard input and output."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations

import memscope
from memscope.errors import MemscopeError
from memscope.mcp.tools import Tools
from memscope.mcp.workplace import Workplace

Tool = Callable[..., Awaitable[dict[str, Any]]]

INSTRUCTIONS = """\
memscope records every allocation of a Python program, exactly, and answers from the capture.
Record a program first, then ask for its summary, hotspots or advice; without a capture's name
they are about the newest one in the directory. After a change, prove it: record again and
compare, or run both versions with ab. All sizes are in bytes, times in seconds.\
"""


def make_server(workplace: Workplace) -> MCPServer:
    """Offers the tools; two of them run the program that they are asked to run."""
    tools = Tools(workplace)
    server = MCPServer(
        "memscope", instructions=INSTRUCTIONS, version=memscope.__version__, log_level="ERROR"
    )
    reads = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    runs = ToolAnnotations(read_only_hint=False, open_world_hint=True)
    offered: list[tuple[Tool, ToolAnnotations]] = [
        (tools.record, runs), (tools.summary, reads), (tools.hotspots, reads),
        (tools.holders, reads), (tools.advise, reads), (tools.compare, reads), (tools.ab, runs),
    ]  # fmt: skip
    for tool, hints in offered:
        server.add_tool(_answering(tool), annotations=hints)
    return server


def _answering(tool: Tool) -> Callable[..., Any]:
    """The tool as the SDK takes it.

    Its answer is one line of JSON, since the SDK's own indentation takes half as much again. A
    failure that memscope explains is told to the agent in the same words.
    """

    @functools.wraps(tool)
    async def answer(*args: Any, **options: Any) -> CallToolResult:
        try:
            document = await tool(*args, **options)
        except MemscopeError as error:
            raise ToolError(str(error)) from None
        text = json.dumps(document, allow_nan=False)
        return CallToolResult(
            content=[TextContent(type="text", text=text)], structured_content=document
        )

    return answer
