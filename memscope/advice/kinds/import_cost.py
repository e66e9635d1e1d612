"""Modules that hold much from the start, and that the program hardly needs.

What an import holds is measured, and so is what its code did after it. Whether anything reads its
names is read from the source, and whether the functions that do have run is told by the stacks.
"""

from __future__ import annotations

from collections.abc import Iterator

from memscope.advice.context import Context
from memscope.advice.evidence.packages import PackageUse, held_without, is_of, use_of_packages
from memscope.advice.facts import Fact, measured, read
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import Advice, Findings, Fix, Interval, Measure, Rejected
from memscope.advice.policy import ImportCost
from memscope.advice.program.imports import (
    ImportUse,
    imports_of,
    packages_in,
    packages_of,
    use_of_import,
)
from memscope.advice.program.statements import Statement
from memscope.analysis.units import bytes_text
from memscope.capture.columns import chosen, gathered, sums_of_keys
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass, replace

NAME = "import-cost"


@dataclass(frozen=True, slots=True)
class _Imported:
    """What one own line's import holds at the peak, and who reads what it binds.

    `little` is what its code did, where functions that ran, or the module itself, read it.
    """

    node: int
    frame: CodeFrame
    held_bytes: float
    use: ImportUse
    little: PackageUse | None = None

    @property
    def saved(self) -> dict[Measure, Interval]:
        held = self.held_bytes
        taken = held / (1 << 20) * ImportCost.seconds_each_mib
        return {
            "peak_bytes": Interval(ImportCost.sure_share * held, held, held),
            "cpu_s": Interval.around(taken, 0.4, 2.6),
        }


def find(context: Context) -> Findings:
    """Imports that could be left out, or left to who needs them."""
    return Findings.of(_evaluate(context, imported) for imported in _imports(context))


def _evaluate(context: Context, imported: _Imported) -> Advice | Rejected | None:
    found = _weighed(context, imported)
    if isinstance(found, str):
        share = context.whole.share("peak_bytes", imported.held_bytes)
        return Rejected(NAME, imported.frame, found, min(share, 0.5))
    return _advice(context, found) if context.whole.pays(found.saved) else None


KIND = AdviceKind(NAME, title="import it where it is used", precedence=95, find=find)


def _imports(context: Context) -> Iterator[_Imported]:
    """Own lines whose imports hold much at the peak, that no other import would bring."""
    stacks = context.measures.stacks
    nodes = context.measures.row_stacks
    importing = gathered(stacks.importing, nodes)
    own = chosen(importing, gathered(stacks.own, nodes), bytes(len(nodes)))
    for (node,), held in sums_of_keys((own,), context.capture.totals.peak_bytes):
        if not node or held < ImportCost.least_bytes:
            continue
        frame = stacks.frame(node)
        source, statement = context.sources.of(frame.file), context.statement(frame)
        if source is None or statement is None:
            continue
        use = use_of_import(source, statement)
        if use is None:
            continue
        alone = held_without(context.measures, node, _imported_besides(context, statement))
        if alone >= ImportCost.least_bytes:
            yield _Imported(node, frame, alone, use)


def _imported_besides(context: Context, statement: Statement) -> set[str]:
    """The packages that the program's other imports would bring all the same."""
    own = statement.node
    trees = [*context.own_modules, statement.parents[0]]
    others = {name for tree in trees for name in packages_of(tree, without=own)}
    return others - set(packages_in(own))


def _weighed(context: Context, imported: _Imported) -> _Imported | str:
    """The import with how little it did, or why it is needed."""
    use = imported.use
    ran = _that_ran(context, imported)
    if ran or use.at_top or use.shapes:
        return _used_for_little(context, imported, ran)
    codes = context.capture.tables.codes
    packages = {module.partition(".")[0] for module in use.modules}
    for file in dict.fromkeys(codes.file):
        if not file or file == imported.frame.file:
            continue
        if is_of(file, packages):
            continue
        source = context.sources.of(file)
        if source is not None and any(imports_of(source, package) for package in packages):
            return f"{file.rpartition('/')[2]} imports it as well"
    return imported


def _that_ran(context: Context, imported: _Imported) -> str:
    """The functions that read it and have run, as text."""
    codes = context.capture.tables.codes
    ran = {
        function.name
        for function in imported.use.functions
        for file, name in zip(codes.file, codes.function, strict=True)
        if file == imported.frame.file and function.name in name.split(".")
    }
    return ", ".join(f"{name}()" for name in sorted(ran))


def _used_for_little(context: Context, imported: _Imported, ran: str) -> _Imported | str:
    """The import, if what its code did could be done without it; else why it is needed."""
    use, reader = imported.use, ran or "the module"
    if use.shapes:
        return "classes or functions are made with it"
    if context.whole.share("peak_bytes", imported.held_bytes) < ImportCost.least_little_share:
        return f"{reader} reads it, and has run"
    started = context.capture.end.processes if context.capture.end is not None else None
    packages = {module.partition(".")[0] for module in use.modules}
    did = use_of_packages(context.measures, packages, few=ImportCost.most_blocks)
    if did.blocks > ImportCost.most_blocks or did.share > ImportCost.most_blocks_share:
        return f"its code has allocated {did.blocks:,.0f} blocks since"
    if not did.seen or started is None or started.forked or started.spawned:
        return f"{reader} reads it, and what it did is not all to be seen"
    return replace(imported, little=did)


def _advice(context: Context, imported: _Imported) -> Advice:
    held, use, little = imported.held_bytes, imported.use, imported.little
    names, readers = ", ".join(use.names), ", ".join(f"{it.name}()" for it in use.functions)
    if little is not None:
        told = f"its code has allocated {little.blocks:,.0f} blocks since: it is used for little"
        text = "do what it does here in a few lines, or import what does no more"
        cost, confidence = "a few lines more", 0.65
    elif readers:
        told = f"only {readers} reads it, which did not run"
        text, cost = f"import it within {readers}", "the first call waits for the import"
        confidence = 0.75
    else:
        told, text = "nothing here reads it", "leave the import out"
        cost, confidence = "none, if it is not meant", 0.8
    return Advice(
        kind=NAME,
        site=imported.frame,
        stack=context.stacks.frames(imported.node),
        summary=f"importing {names} holds {bytes_text(held)} from then on, and {told}",
        facts=tuple(_facts(context, imported, readers)),
        predicted=imported.saved,
        modelled=(
            "what the import holds is measured; a part may be imported by others later; how long it"
            " takes is told from that"
        ),
        cost=cost,
        confidence=confidence,
        fix=Fix(text, change="whether it is there for what it does, the source does not say"),
    )


def _facts(context: Context, imported: _Imported, readers: str) -> Iterator[Fact]:
    held, little = imported.held_bytes, imported.little
    yield measured(
        "held_bytes", "that the import holds at the peak", round(held), "bytes",
        least=ImportCost.least_bytes,
    )  # fmt: skip
    yield measured(
        "held_share", "of the peak", context.whole.share("peak_bytes", held), "share",
        least=None if little is None else ImportCost.least_little_share,
    )  # fmt: skip
    if little is None:
        yield read("read_by", "who reads what is imported", readers or "nobody in this file")
        yield measured("readers_ran", "whether they were seen to run", "no", decides=bool(readers))
        yield read("imported_elsewhere", "whether another file that ran imports it", "no")
        return
    yield measured(
        "blocks", "that its code has allocated since", round(little.blocks), "blocks",
        most=ImportCost.most_blocks,
    )  # fmt: skip
    yield measured(
        "blocks_share", "of all that the program has allocated since", little.share, "share",
        most=ImportCost.most_blocks_share,
    )  # fmt: skip
    yield measured("compiled", "whether it has compiled parts, which are not seen", "no")
