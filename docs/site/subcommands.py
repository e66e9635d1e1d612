"""The reference of the subcommands, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from memscope.cli.commands import GROUPS, cli

NAME = "memscope"


def page() -> str:
    """Markdown: a section for each group of `memscope --help`, with its subcommands."""
    context = click.Context(cli, info_name=NAME)
    lines: list[str] = []
    for group, names in GROUPS.items():
        lines += ["", f"## {group}"]
        for name in names:
            command = cli.get_command(context, name)
            assert command is not None, name
            lines += section(command, click.Context(command, parent=context, info_name=name))
    return "\n".join(lines)


def section(command: click.Command, context: click.Context) -> Iterator[str]:
    yield from ("", f"### {NAME} {context.info_name}", "")
    yield from text(command.help or "")
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield from ("```text", usage, "```", "")
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    options = [record for record in records if record and record[0] != "-h, --help"]
    if options:
        yield from ("| option | what it does |", "|---|---|")
        yield from (f"| {code(names)} | {cell(what)} |" for names, what in options)


def text(help_text: str) -> Iterator[str]:
    """Help as click shows it: paragraphs that begin with a backspace keep their lines."""
    for paragraph in re.split(r"\n\s*\n", help_text.strip()):
        if paragraph.startswith("\b"):
            yield from ("```text", *paragraph.split("\n")[1:], "```", "")
        else:
            yield from (cell(" ".join(paragraph.split())), "")


def code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.replace("|", "¦").split(", "))


def cell(words: str) -> str:
    """Text in a table: names of files in angle brackets are no markup."""
    return re.sub(r"[<>|*_]", lambda special: f"&#{ord(special[0])};", words)
