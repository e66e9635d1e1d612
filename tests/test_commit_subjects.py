"""What `.ci/commit_subjects.py` takes for an imperative subject, asked as git's hook asks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKER = Path(__file__).parents[1] / ".ci" / "commit_subjects.py"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")


def check(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHECKER), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "subject",
    [
        "Read the size once",
        "Process what is left in the rings",  # ends in -s, and is a verb
        "Focus the search field",
        "Need fewer files for an export",
        "Embed the script",
        "Bring back the peak",
        "String the samples together",
        "Let `run` say why; keep its status",
        "Use " + "x" * 96,
    ],
)
def test_an_imperative_sentence_is_fine(tmp_path: Path, subject: str) -> None:
    message = tmp_path / "message"
    message.write_text(f"# what git says\n\n{subject}\n\nThe body may say Anything, fixed.\n")
    done = check(message)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("subject", "fault"),
    [
        ("Fixed the size", "-ed"),
        ("Reading the size once", "-ing"),
        ("Reads the size once", "-s"),
        ("Figures of what is added", "-s"),
        ("The size is read once", "not with a verb"),
        ("read the size once", "capitalised"),
        ("fix: read the size once", "capitalised"),
        ("Fix(ring): read the size once", "capitalised"),
        ("42 more tests", "capitalised"),
        ("Read the size once.", "period"),
        ("WIP", "unfinished"),
        ("fixup! Read the size once", "unfinished"),
        ("Use " + "x" * 97, "101 characters"),
        ("", "capitalised"),
    ],
)
def test_anything_else_is_told_with_its_reason(tmp_path: Path, subject: str, fault: str) -> None:
    message = tmp_path / "message"
    message.write_text(f"{subject}\n")
    done = check(message)
    assert done.returncode == 1
    assert fault in done.stderr


@needs_git
def test_commits_after_a_date_are_checked_in_a_shallow_clone(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    git(tmp_path, "init", "-q", str(origin))
    for year, subject in [(2001, "Fixed it"), (2002, "Read it"), (2003, "Reads it")]:
        git(origin, "commit", "-q", "--allow-empty", "-m", subject, year=year)
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{origin}", str(clone))
    for where, after, wrong in [
        (origin, 2000, ["Fixed it", "Reads it"]),
        (origin, 2002, ["Reads it"]),
        (origin, 2004, []),
        (clone, 2000, ["Reads it"]),
    ]:
        done = check("--after", f"{after}-07-01T00:00:00Z", cwd=where)
        told = [
            subject
            for subject in ("Fixed it", "Read it", "Reads it")
            if f"'{subject}'" in done.stderr
        ]
        assert (told, done.returncode) == (wrong, 1 if wrong else 0)


@needs_git
def test_outside_of_a_repository_it_says_so(tmp_path: Path) -> None:
    done = check("--after", "2000-01-01", cwd=tmp_path)
    assert done.returncode == 1
    assert "not a git repository" in done.stderr


def git(where: Path, *arguments: str, year: int = 2000) -> None:
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in [("NAME", "n"), ("EMAIL", "e"), ("DATE", f"{year}-01-01T00:00:00Z")]
    }
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=where, env={**os.environ, **who, **quiet}, check=True)
