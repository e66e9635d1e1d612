"""Garbage that only the cyclic collector can free: objects that hold each other.

Reference counting frees an object when nobody has it. Those in a cycle have each other, and wait
for the collector, which looks through all that there is to find them.
"""

from __future__ import annotations

from memscope.advice.changes.collecting import rarer
from memscope.advice.changes.editing import editor_of
from memscope.advice.context import Context
from memscope.advice.evidence.objects import class_name
from memscope.advice.facts import measured, read
from memscope.advice.kinds.collector.effort import effort_of
from memscope.advice.kinds.collector.garbage import closing_line, waiting_for_collector
from memscope.advice.kinds.collector.left import left_by_calls
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import NOT_LOCAL, Advice, Findings, Fix, Interval, Rejected
from memscope.advice.program.cycles import way_back
from memscope.analysis.units import share_text

NAME = "cycles"

THRESHOLDS = "50_000, 20, 100"


def find(context: Context) -> Findings:
    """Who makes the cycles that the collector has to free, where that takes long, or memory."""
    effort = effort_of(context, NAME)
    if isinstance(effort, Rejected):
        waiting = waiting_for_collector(context, NAME) or left_by_calls(context, NAME)
        return Findings.of([waiting])
    if not effort.frees:
        return Findings()
    line, site, cpu = effort.line, effort.site, context.whole.cpu_s
    created = context.objects.created(line.rows)
    own = {of: count for of, count in created.items() if of.module != "builtins"}
    made = max(own or created, key=lambda of: created[of])
    most = "most are of this line"
    if not own and (closing := closing_line(context, effort.pressure)) is not None:
        # What holds nothing but numbers is in no cycle: it hangs on to what is.
        line, made = closing
        site, most = context.asking(line), "they hang on to what this line makes"
    back = way_back(class_name(made), context.sources.loaded())
    editor = editor_of(context.sources, site.file)
    # Freeing garbage takes its time whoever does it, and a collector that runs less often still
    # runs: measured, a third of its time is gained where it finds garbage.
    saved = Interval(0.2 * effort.low * cpu, 0.35 * effort.share * cpu, 0.9 * effort.share * cpu)
    held = f"{class_name(made)} holds what holds it" if back else "what it makes holds itself"
    advice = Advice(
        kind=NAME,
        site=site,
        stack=context.stacks.frames(line.node),
        summary=(
            f"the cyclic collector takes {share_text(effort.share)} of the time to free"
            f" {effort.pressure.collected:,} objects in cycles; {most}: {held}"
            if effort.pressure.collected is not None
            else f"the cyclic collector takes {share_text(effort.share)} of the time; what this"
            " line makes is gone before the end, and waits for it"
        ),
        facts=(
            *effort.facts(),
            measured("made", "what the line makes most of", made.name, decides=True),
            *((read("way_back", "the attribute that closes the cycle", back),) if back else ()),
        ),
        predicted={"cpu_s": saved},
        modelled=f"{effort.modelled}; that what it frees is of this line, from how many it makes",
        cost="with a weak reference, somebody else has to keep what it refers to",
        confidence=effort.confidence,
        fix=Fix(
            "break the cycles, so that reference counting frees them and the collector need not:"
            " a weakref for the way back, or set it to None when its owner is done with it; where"
            " they have to stay, let the collector run less often",
            f"import gc\ngc.set_threshold({THRESHOLDS})  # where the cycles have to stay",
            change=NOT_LOCAL if editor is None else rarer(editor, THRESHOLDS),
        ),
    )
    return Findings((advice,))


KIND = AdviceKind(NAME, title="break the cycles", precedence=101, find=find, independent=True)
