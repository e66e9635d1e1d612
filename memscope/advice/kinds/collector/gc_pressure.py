"""Time that the cyclic collector takes, looking through objects that are all alive."""

from __future__ import annotations

from memscope.advice.changes.collecting import paused
from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.kinds.collector.effort import effort_of
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import NOT_LOCAL, Advice, Change, Findings, Fix, Interval, Rejected
from memscope.advice.program.statements import COMPREHENSIONS
from memscope.analysis.units import share_text
from memscope.capture.model import CodeFrame

NAME = "gc-pressure"


def find(context: Context) -> Findings:
    """Whether the collector takes more than its due, and who makes it run."""
    effort = effort_of(context, NAME)
    if isinstance(effort, Rejected):
        return Findings(rejected=(effort,))
    if effort.frees:
        return Findings()  # of garbage in cycles another kind tells
    line, site, cpu = effort.line, effort.site, context.whole.cpu_s
    # What it looks through it also brings into the caches: with the collector off, fixes measured
    # 1.05 to 1.25 times its share.
    saved = Interval(
        0.8 * effort.low * cpu, 1.1 * effort.share * cpu, min(1.35 * effort.high, 0.95) * cpu
    )
    advice = Advice(
        kind=NAME,
        site=site,
        stack=context.stacks.frames(line.node),
        summary=(
            f"the cyclic collector takes {share_text(effort.share)} of the time; this line makes"
            " most of what it looks through"
        ),
        facts=effort.facts(),
        predicted={"cpu_s": saved},
        modelled=effort.modelled,
        cost="cycles that come up meanwhile wait until the collector is on again",
        confidence=effort.confidence,
        fix=Fix(
            "switch the collector off while the objects are made, and freeze what stays: it finds"
            " nothing among objects that are all in use",
            "import gc\ngc.disable()\n...  # make them\ngc.freeze()\ngc.enable()",
            change=_change(context, line, site),
        ),
    )
    return Findings((advice,))


KIND = AdviceKind(NAME, title="let the collector rest", precedence=100, find=find, independent=True)


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
