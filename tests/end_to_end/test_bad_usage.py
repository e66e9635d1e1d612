"""What cannot work is said in one line, with status 1, and the program is not run or not harmed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from end_to_end.side_by_side import Bench, Ran

RAN = "import pathlib; pathlib.Path('ran').touch(); print('done')\n"


def assert_one_line(ran: Ran, *words: str) -> None:
    text = ran.stderr.decode()
    assert ran.status == 1, text
    assert len(text.splitlines()) == 1, text
    assert text.startswith("memscope: ")
    for word in words:
        assert word in text
    assert ran.stdout == b""


def test_a_missing_script(bench: Bench) -> None:
    assert_one_line(bench.recorded("nowhere.py"), "nowhere.py")
    assert not bench.capture.exists()


def test_a_script_that_cannot_be_read(bench: Bench) -> None:
    bench.write("script.py", RAN).chmod(0)
    if os.access(bench.cwd / "script.py", os.R_OK):
        pytest.skip("this user can read everything")
    assert_one_line(bench.recorded("script.py"), "script.py")


def test_a_directory_without_a_main_program(bench: Bench) -> None:
    bench.write("pack/module.py", "")
    assert_one_line(bench.recorded("pack"), "pack", "__main__")


@pytest.mark.parametrize(
    "content",
    [
        b"\x7fELF\x02\x01\x01" + bytes(200),
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"print('ran')\0",
    ],
    ids=["program", "picture", "null byte"],
)
def test_a_script_that_is_not_text(bench: Bench, content: bytes) -> None:
    bench.write("script", content)
    assert_one_line(bench.recorded("script"), "script")


def recorded_to(bench: Bench, output: str, *options: str) -> Ran:
    return bench.memscope("run", "-q", "-o", output, *options, "script.py")


def test_an_output_that_cannot_be_written(bench: Bench) -> None:
    bench.write("script.py", RAN)
    for output in ("no/such/place.mscope", "/proc/x.mscope", ".", "script.py/x.mscope"):
        assert_one_line(recorded_to(bench, output), output)
        assert not (bench.cwd / "ran").exists()


def test_an_output_that_is_there_already(bench: Bench) -> None:
    bench.write("script.py", RAN)
    bench.write("out.mscope", b"precious")
    assert_one_line(recorded_to(bench, "out.mscope"), "out.mscope", "-f ")
    assert (bench.cwd / "out.mscope").read_bytes() == b"precious"
    assert not (bench.cwd / "ran").exists()
    assert recorded_to(bench, "out.mscope", "--force").status == 0
    assert (bench.cwd / "out.mscope").stat().st_size > 100


def test_the_script_as_its_own_output(bench: Bench) -> None:
    bench.write("script.py", RAN)
    assert recorded_to(bench, "script.py", "--force").status == 1
    assert (bench.cwd / "script.py").read_bytes() == RAN.encode()


def test_a_device_that_is_always_full(bench: Bench) -> None:
    """The program runs on as if nothing were; that its capture is lost is said in one line."""
    bench.write("script.py", RAN + "raise SystemExit(5)\n")
    ran = recorded_to(bench, "/dev/full", "--force")
    assert (bench.cwd / "ran").exists() or ran.status == 1
    assert b"Traceback" not in ran.stderr
    lines = ran.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("memscope: ")
    assert "/dev/full" in lines[0]
    if (bench.cwd / "ran").exists():
        assert (ran.status, ran.stdout) == (5, b"done\n")


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system with room for 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except OSError:
        pytest.skip("no mount command")
    if done.returncode != 0:
        pytest.skip("mounting is not allowed here")
    return place


def test_a_disk_that_fills_up(bench: Bench, small_disk: Path) -> None:
    """What was written is kept, the program is not harmed, and the loss is said."""
    many = "for n in range(3000): exec(f'def f{n}(x): return [x] * {n}\\nkept{n} = f{n}(1)')\n"
    bench.write("script.py", many + RAN + "raise SystemExit(5)\n")
    output = small_disk / "out.mscope"
    try:
        ran = recorded_to(bench, str(output))
        assert (ran.status, ran.stdout) == (5, b"done\n")
        lines = ran.stderr.decode().splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("memscope: ")
        assert str(output) in lines[0]
        if output.exists():
            read = bench.memscope("info", str(output))
            assert b"Traceback" not in read.stderr
    finally:
        subprocess.run(["umount", str(small_disk)], check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["-m"],
        ["-c"],
        ["--sample", "-5", "script.py"],
        ["--sample", "many", "script.py"],
        ["--no-such-option", "script.py"],
        ["-o"],
    ],
    ids=" ".join,
)
def test_wrong_usage(bench: Bench, arguments: list[str]) -> None:
    bench.write("script.py", RAN)
    ran = bench.memscope("run", *arguments)
    assert ran.status == 2
    assert b"Traceback" not in ran.stderr
    assert ran.stderr
    assert not (bench.cwd / "ran").exists()


def test_the_summary_speaks_on_standard_error_alone(bench: Bench) -> None:
    bench.write("script.py", "print('out'); kept = [bytearray(1000) for _ in range(1000)]\n")
    ran = bench.recorded("script.py", options=())
    assert ran.stdout == b"out\n"
    text = ran.stderr.decode()
    assert "script.py:1" in text
    assert str(bench.capture) in text.replace("\n", "")
    assert max(len(line) for line in text.splitlines() if str(bench.capture) not in line) <= 80
    assert len(text.splitlines()) <= 50
    assert "\x1b" not in text
    assert bench.recorded("script.py", options=["--no-summary"]).status == 0


def test_a_recording_within_is_part_of_the_run(bench: Bench) -> None:
    bench.write(
        "script.py",
        "import memscope\n"
        "with memscope.record('inner.mscope') as recording:\n"
        "    pass\n"
        "print(recording.path)\n",
    )
    ran = bench.recorded("script.py")
    assert (ran.status, ran.stdout.split()[-1:]) == (0, [b"None"])
    assert not (bench.cwd / "inner.mscope").exists()
