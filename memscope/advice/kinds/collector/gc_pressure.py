"""Time that the cyclic collector takes, looking through objects that are all alive."""

from __future__ import annotations

import ast

from memscope.advice.changes.collecting import paused
from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import read
from memscope.advice.kinds.collector.effort import effort_of
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import NOT_LOCAL, Advice, Change, Findings, Fix, Interval, Rejected
from memscope.advice.policy import Collections
from memscope.advice.program.statements import COMPREHENSIONS
from memscope.advice.program.walking import walk
from memscope.analysis.gcpressure import GcPressure
from memscope.analysis.units import share_text
from memscope.capture.model import CodeFrame

NAME = "gc-pressure"

_COST = "cycles that come up meanwhile wait until the collector is on again"


def find(context: Context) -> Findings:
    """Whether the collector takes more than its due, and who makes it run."""
    effort = effort_of(context, NAME)
    if isinstance(effort, Rejected):
        return Findings(rejected=(effort,))
    if effort.frees:
        return Findings()  # of garbage in cycles another kind tells
    line, site, cpu = effort.line, effort.site, context.whole.cpu_s
    asked = _asked_by(context, effort.pressure)
    fix = _left_out(asked) if asked else _paused(context, line, site)
    does = "this line makes most of what it looks through"
    if asked:
        site, does = (
            asked,
            "this line has it look through all that there is, each time that it runs",
        )
    # What it looks through it also brings into the caches: with the collector off, fixes measured
    # 1.05 to 1.25 times its share.
    saved = Interval(
        0.8 * effort.low * cpu, 1.1 * effort.share * cpu, min(1.35 * effort.high, 0.95) * cpu
    )
    advice = Advice(
        kind=NAME,
        site=site,
        stack=context.stacks.frames(line.node),
        summary=(f"the cyclic collector takes {share_text(effort.share)} of the time; {does}"),
        facts=(
            *effort.facts(),
            *((read("asked", "the one call of gc.collect", asked.line, "line"),) if asked else ()),
        ),
        predicted={"cpu_s": saved},
        modelled=effort.modelled,
        cost=_COST if asked is None else "cycles wait until the collector comes by itself",
        confidence=effort.confidence,
        fix=fix,
    )
    return Findings((advice,))


KIND = AdviceKind(NAME, title="let the collector rest", precedence=100, find=find, independent=True)


def _asked_by(context: Context, pressure: GcPressure) -> CodeFrame | None:
    """The program's one call of gc.collect(), if it makes the collector look through everything.

    By itself that looks through the oldest objects once in so many times that it has looked through
    the younger ones.
    """
    runs = [part.collections for part in pressure.generations]
    if len(runs) < 2 or runs[-1] * Collections.least_runs_of_its_own <= runs[-2]:
        return None
    found = [
        (file, source, node)
        for file, source in context.own_sources.items()
        for node in walk(source.tree)
        if isinstance(node, ast.Call) and source.full_name(node) == "gc.collect"
    ]
    if len(found) != 1:
        return None
    file, source, node = found[0]
    statement = source.statement(node.lineno)
    function = None if statement is None else statement.function
    return CodeFrame("<module>" if function is None else function.name, file, node.lineno)


def _left_out(asked: CodeFrame) -> Fix:
    return Fix(
        "leave the call out: the collector comes by itself, and finds nothing among objects that"
        " are all in use",
        place=asked,
        change="whether something waits for what it frees, the source does not say",
    )


def _paused(context: Context, line: UserLine, site: CodeFrame) -> Fix:
    return Fix(
        "switch the collector off while the objects are made, and freeze what stays: it finds"
        " nothing among objects that are all in use",
        "import gc\ngc.disable()\n...  # make them\ngc.freeze()\ngc.enable()",
        change=_change(context, line, site),
    )


def _change(context: Context, line: UserLine, site: CodeFrame) -> Change:
    editor, statement = editor_of(context.sources, site.file), context.statement(site)
    if editor is None or statement is None:
        return NOT_LOCAL
    if _is_called_again(context, line, site):
        return "the function that makes the objects is called again and again"
    return paused(editor, statement)


def _is_called_again(context: Context, line: UserLine, site: CodeFrame) -> bool:
    """Whether a loop calls the function of the site, or it calls itself."""
    frames = [frame for _, frame in context.stacks.own(line.node)]
    place = next((at for at, frame in enumerate(frames) if frame == site), len(frames))
    for frame in frames[place + 1 :]:
        statement = context.statement(frame)
        if statement is None or statement.loop is not None or frame.function == site.function:
            return True
        if any(isinstance(node, COMPREHENSIONS) for node in statement.walk()):
            return True
    return False
