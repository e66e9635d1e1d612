"""The call tree, root first; indented only where it branches, so that deep stacks stay readable."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.calltree import Call, CallTree
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.uncertain import uncertain_of
from memscope.analysis.units import plural, share_text
from memscope.capture import Capture
from memscope.capture.model import CodeFrame
from memscope.reports.objects import uncertain_text
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, OWN, Glyphs
from memscope.reports.terminal.hotspots import BY_NAMES, heading_text, measure_text, package

VALUE_WIDTH = 10
SHARE_WIDTH = 6
MAX_INDENT_SHARE = 0.4  # of the width; deeper branches are drawn at this depth, and say so


def print_tree(console: Console, tree: CallTree, capture: Capture, origins: Origins) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope tree", capture.meta, complete=capture.complete)
    about = glyphs.about if capture.meta.sampled else ""
    what = heading_text(tree.by, "call", True) if capture.meta.objects else BY_NAMES[tree.by]
    console.print(f"{what}: {about}{measure_text(tree.by, tree.total)} in all")
    if uncertain := uncertain_text(uncertain_of(capture).of(tree.by)):
        console.print(f"{uncertain}: may be of objects that another line made", style=FAINT)
    console.print(elements.legend(glyphs))
    console.print()
    _Drawing(console, tree, origins, glyphs).draw()
    said = []
    if tree.cut_count:
        calls = plural(tree.cut_count, "call")
        are = "is" if tree.cut_count == 1 else "are"
        value = measure_text(tree.by, tree.cut_value)
        why = f"below {tree.threshold:.2%}".replace(".00%", "%")
        why += " or too deep" if tree.depth_limited else ""
        said.append(f"{calls} {why} {are} cut, {value} together")
    if tree.hidden_imports:
        said.append(f"imports are hidden: {measure_text(tree.by, tree.hidden_imports)}")
    if said:
        console.print()
        console.print(Text("; ".join(said), style=FAINT))
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


class _Drawing:
    def __init__(self, console: Console, tree: CallTree, origins: Origins, glyphs: Glyphs) -> None:
        self.console = console
        self.tree = tree
        self.origins = origins
        self.glyphs = glyphs
        self.deepest = int(console.width * MAX_INDENT_SHARE)

    def draw(self) -> None:
        """Walks from the root with a stack of its own: recorded recursion may be very deep."""
        calls = self.tree.calls
        if not calls[0].children:
            self.console.print("nothing to show")
            return
        # (call, prefix of its own line, prefix of the lines below it)
        pending = [(0, "", "")]
        while pending:
            number, first, rest = pending.pop()
            call = self._chain(calls[number], first, rest)
            for place in reversed(range(len(call.children))):
                last = place == len(call.children) - 1
                branch = self.glyphs.last if last else self.glyphs.branch
                below = "  " if last else f"{self.glyphs.vertical} "
                if len(rest) + 2 > self.deepest:
                    pending.append((call.children[place], rest, rest))
                else:
                    pending.append((call.children[place], rest + branch, rest + below))

    def _chain(self, call: Call, first: str, rest: str) -> Call:
        """Draws a call and what it leads to as long as that is a single call; gives the last."""
        calls = self.tree.calls
        prefix = first
        while True:
            folded = self._fold(call)
            if folded[-1] is not call:
                self._line(folded[0], folded, prefix)
                call = folded[-1]
            else:
                self._line(call, [], prefix)
            if len(call.children) != 1:
                return call
            call = calls[call.children[0]]
            prefix = rest

    def _fold(self, call: Call) -> list[Call]:
        """The stretch that is drawn as one line: library frames, or a function calling itself.

        A stretch ends where a call allocates itself a share that matters, or branches.
        """
        calls = self.tree.calls
        stretch = [call]
        while call.parent is not None and len(stretch[-1].children) == 1:
            last = stretch[-1]
            following = calls[last.children[0]]
            same = following.function == call.function and following.file == call.file
            libraries = (
                call.origin is not Origin.OWN
                and following.origin is not Origin.OWN
                and bool(following.children)
            )
            quiet = last.own_value < self.tree.threshold * self.tree.total
            if not (same or (libraries and quiet)):
                break
            stretch.append(following)
        return stretch

    def _folded_name(self, stretch: list[Call], room: int) -> Text:
        head = stretch[0]
        if all(c.function == head.function and c.file == head.file for c in stretch):
            name = elements.function_name(head.function)
            text = Text(f"{name} x{len(stretch)}")
            text.append(f"  {elements.place(self.origins, head.file, 0, 40, self.glyphs)}")
            return text
        text = Text(f"{self.glyphs.fold} {len(stretch):,} frames ")
        # Where they lead, since all imports go through the same machinery.
        for call in reversed(stretch):
            if package(self.origins, call.file) != "importlib":
                left = room - text.cell_len - 3
                where = elements.place(self.origins, call.file, call.line, left, self.glyphs)
                return text.append(f"to {where}")
        return text.append("of importlib")

    def _line(self, call: Call, folded: list[Call], prefix: str) -> None:
        own = call.origin is Origin.OWN
        heavy = call.own_value >= self.tree.threshold * self.tree.total > 0
        line = Text.assemble(
            measure_text(self.tree.by, call.value).rjust(VALUE_WIDTH),
            share_text(call.share).rjust(SHARE_WIDTH),
            "  ",
            (prefix, FAINT),
        )
        if call.parent is not None:
            line.append_text(elements.mark(call.origin, self.glyphs)).append(" ")
        itself = ""
        if heavy and call.own_value < call.value:
            itself = f"  (itself {measure_text(self.tree.by, call.own_value)})"
        room = max(self.console.width - line.cell_len - len(itself), 12)
        work = elements.work_of_importer(CodeFrame(call.function, call.file, call.line))
        if work and not folded:
            line.append(elements.cut_end(work, room, self.glyphs))
        elif folded or call.parent is None:
            name = self._folded_name(folded, room) if folded else Text("the whole program")
            name.stylize(OWN if own else FAINT if call.parent is not None else "")
            name.truncate(room, overflow="ellipsis")
            line.append_text(name)
        elif elements.is_whole_library(CodeFrame(call.function, call.file, call.line)):
            line.append(elements.place(self.origins, call.file, 0, room, self.glyphs))
        else:
            where = elements.place(
                self.origins, call.file, call.line, max(room - 14, 10), self.glyphs
            )
            left = max(room - len(where) - 2, 4)
            function = elements.function_name(call.function, left, self.glyphs)
            line.append(function, style=OWN if own else "")
            line.append(f"  {where}" if where else "")
        line.append(itself, style=FAINT)
        self.console.print(line, no_wrap=True, overflow="crop")
