"""Modules that hold much from the start, and that the program hardly needs.

What an import holds is measured. Whether anything reads its names is read from the source, and
whether the functions that do have run is told by the recorded stacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memscope.advice.context import Context
from memscope.advice.facts import measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import Advice, Findings, Fix, Interval, Rejected
from memscope.advice.policy import ImportCost
from memscope.advice.program.imports import ImportUse, imports_of, use_of_import
from memscope.analysis.units import bytes_text
from memscope.capture.columns import chosen, gathered, sums_of_keys
from memscope.capture.model import CodeFrame

NAME = "import-cost"


@dataclass(frozen=True, slots=True)
class _Imported:
    """What one own line's import holds at the peak."""

    node: int
    frame: CodeFrame
    held_bytes: float


def find(context: Context) -> Findings:
    """Imports that could be left out, or left to who needs them."""
    advice: list[Advice] = []
    rejected: list[Rejected] = []
    for imported in _imports(context):
        source, statement = (
            context.sources.of(imported.frame.file),
            context.statement(imported.frame),
        )
        if source is None or statement is None:
            continue
        use = use_of_import(source, statement)
        if use is None:
            continue
        if why := _why_needed(context, imported, use):
            share = imported.held_bytes / max(context.whole.peak_bytes, 1)
            rejected.append(Rejected(NAME, imported.frame, why, min(share, 0.5)))
        elif context.whole.pays({"peak_bytes": _saved(imported)}):
            advice.append(_advice(context, imported, use))
    return Findings(tuple(advice), tuple(rejected))


KIND = AdviceKind(NAME, title="import it where it is used", precedence=95, find=find)


def _imports(context: Context) -> Iterator[_Imported]:
    """Own lines whose imports hold much at the peak."""
    stacks = context.measures.stacks
    nodes = context.measures.row_stacks
    least = max(ImportCost.least_bytes, ImportCost.least_peak_share * context.whole.peak_bytes)
    importing = gathered(stacks.importing, nodes)
    own = chosen(importing, gathered(stacks.own, nodes), bytes(len(nodes)))
    for (node,), held in sums_of_keys((own,), context.capture.totals.peak_bytes):
        if node and held >= least:
            yield _Imported(node, stacks.frame(node), held)


def _why_needed(context: Context, imported: _Imported, use: ImportUse) -> str:
    codes = context.capture.tables.codes
    ran = {
        function.name
        for function in use.functions
        for file, name in zip(codes.file, codes.function, strict=True)
        if file == imported.frame.file and function.name in name.split(".")
    }
    if ran:
        return f"{', '.join(sorted(ran))}() reads it, and has run"
    packages = {module.partition(".")[0] for module in use.modules}
    for file in dict.fromkeys(codes.file):
        if not file or file == imported.frame.file:
            continue
        if any(f"/{package}/" in file or file.endswith(f"/{package}.py") for package in packages):
            continue
        source = context.sources.of(file)
        if source is not None and any(imports_of(source, package) for package in packages):
            return f"{file.rpartition('/')[2]} imports it as well"
    return ""


def _saved(imported: _Imported) -> Interval:
    held = imported.held_bytes
    return Interval(ImportCost.sure_share * held, held, held)


def _advice(context: Context, imported: _Imported, use: ImportUse) -> Advice:
    held, names = imported.held_bytes, ", ".join(use.names)
    readers = ", ".join(f"{function.name}()" for function in use.functions)
    told = f"only {readers} reads it, which did not run" if readers else "nothing here reads it"
    text = f"import it within {readers}" if readers else "leave the import out"
    return Advice(
        kind=NAME,
        site=imported.frame,
        stack=context.stacks.frames(imported.node),
        summary=f"importing {names} holds {bytes_text(held)} from then on, and {told}",
        facts=(
            measured(
                "held_bytes", "that the import holds at the peak", round(held), "bytes",
                least=ImportCost.least_bytes,
            ),
            measured(
                "held_share", "of the peak", context.whole.share("peak_bytes", held), "share",
                least=ImportCost.least_peak_share,
            ),
            read("read_by", "who reads what is imported", readers or "nobody in this file"),
            measured("readers_ran", "whether they were seen to run", "no", decides=bool(readers)),
            read("imported_elsewhere", "whether another file that ran imports it", "no"),
        ),
        predicted={"peak_bytes": _saved(imported)},
        modelled="what the import holds is measured; a part may be imported by others later",
        cost="the first call waits for the import" if readers else "none, if it is not meant",
        confidence=0.75 if readers else 0.8,
        fix=Fix(text, change="whether it is there for what it does, the source does not say"),
    )  # fmt: skip
