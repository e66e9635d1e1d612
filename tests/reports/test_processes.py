"""What is said of processes that no capture holds."""

from __future__ import annotations

from memscope.analysis.processes import unrecorded_processes
from memscope.capture.description import ChildProcess, End, Exit, Processes
from memscope.reports.processes import unrecorded_line, unrecorded_lines


def lines(processes: Processes | None, ended: Exit | None = None) -> tuple[str, ...]:
    return unrecorded_lines(unrecorded_processes(End(processes=processes), ended))


def child(pid: int, name: str = "", *, running: bool = False) -> ChildProcess:
    role = "spawned" if name else "forked"
    return ChildProcess(pid, 1, role, name, False, running, 0, 0.0)


def test_nothing_is_said_where_nothing_was_started_or_nothing_is_known() -> None:
    assert lines(Processes()) == ()
    assert lines(None) == ()
    assert lines(None, Exit(waited=True)) == (), "an earlier version did not count"
    assert unrecorded_lines(unrecorded_processes(None, None)) == ()


def test_each_kind_has_a_line_with_what_would_record_it() -> None:
    processes = Processes(
        forked=3,
        spawned=2,
        followed=1,
        replaced_by="echo",
        listed=(child(5, running=True), child(6), child(7, "true"), child(8, "true")),
    )
    assert lines(processes, Exit(refused=1)) == (
        "unrecorded: 2 forked processes (use --follow-fork); still running: 5",
        "unrecorded: 1 forked process: too many at once to be followed",
        "unrecorded: 2 spawned processes (need their own memscope run): 2 true",
        "unrecorded: all that came after the program had replaced itself by echo (exec)",
    )


def test_one_line_has_all_kinds_and_no_names() -> None:
    processes = Processes(forked=3, spawned=1, followed=1, listed=(child(5, running=True),))
    assert unrecorded_line(unrecorded_processes(End(processes=processes), None)) == (
        "unrecorded: 2 forked processes (use --follow-fork), "
        "1 spawned process (needs its own memscope run)"
    )
    assert unrecorded_line(unrecorded_processes(End(processes=Processes()), None)) is None


def test_followed_children_are_no_concern() -> None:
    assert lines(Processes(forked=4, followed=4)) == ()


def test_a_child_that_was_waited_for_and_not_seen_is_told() -> None:
    assert lines(Processes(), Exit(waited=True)) == (
        "unrecorded: processes that C code of the program started and waited for",
    )
    assert unrecorded_processes(End(processes=Processes()), Exit(waited=True)).count == 1


def test_a_line_names_a_few_of_many() -> None:
    listed = tuple(child(number, f"program-{number}") for number in range(20))
    (line,) = lines(Processes(spawned=20, listed=listed))
    assert line.endswith("program-5 and 14 more")
