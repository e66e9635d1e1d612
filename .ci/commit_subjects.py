#!/usr/bin/env python3
"""Checks that the subjects of commits are imperative sentences, as far as form can tell.

    .ci/commit_subjects.py FILE          the message in FILE, as git's hook commit-msg gives it
    .ci/commit_subjects.py --after DATE  every commit of this clone after DATE

No list of verbs: it would never be complete. Forms that are not imperative end in -ed, -ing or -s.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

LONGEST = 100
UNFINISHED = re.compile(r"\W*(?:wip|fixup|squash|amend|tmp|todo|x)\b", re.IGNORECASE)
NO_VERB = re.compile(
    r"an?|the|this|these|some|no|new|more|many|each|every|one|it|we|i|our"
    r"|what|which|where|whether|how|when|why|in|of|on|for|with|from"
)
# A verb itself may end so: bring and shed have no vowel before it, need and process a letter more.
ENDINGS = (
    ("ed", re.compile(r".*[aeiouy].*(?<!e)ed")),
    ("ing", re.compile(r".*[aeiouy].*ing")),
    ("s", re.compile(r".*[^su]s")),
)
VERBS_THAT_END_SO = {"embed", "alias", "bias"}


def faults(subject: str) -> list[str]:
    """What is wrong with a subject; nothing if it is fine."""
    found = []
    if len(subject) > LONGEST:
        found.append(f"has {len(subject)} characters, at most {LONGEST} are read everywhere")
    if subject.endswith("."):
        found.append("ends with a period")
    word = re.match(r"[^\W\d_]*", subject)[0]
    verb = word.lower()
    if UNFINISHED.match(subject):
        found.append("says that the work is unfinished")
    elif not word or not word[0].isupper() or re.match(r"\w+(?:\([^)]*\))?!?:", subject):
        found.append("does not begin with a capitalised verb")
    elif NO_VERB.fullmatch(verb):
        found.append(f"begins with {word!r}, not with a verb")
    elif verb not in VERBS_THAT_END_SO:
        for ending, pattern in ENDINGS:
            if pattern.fullmatch(verb):
                found.append(f"begins with {word!r} in -{ending}, not with an imperative")
    return found


def subjects_after(date: str) -> list[str]:
    """The subjects of what was committed after a date, as far as this clone goes back."""
    command = ["git", "log", "--no-merges", "--format=%s", f"--after={date}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    return done.stdout.splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(description="Check the subjects of commits.")
    parser.add_argument("file", nargs="?", type=Path, help="a commit message")
    parser.add_argument("--after", metavar="DATE", help="check every commit after this date")
    chosen = parser.parse_args()
    if (chosen.file is None) == (chosen.after is None):
        parser.error("give either a file or --after DATE")
    if chosen.file is not None:
        lines = chosen.file.read_text(encoding="utf-8").splitlines()
        subjects = [line for line in lines if line.strip() and not line.startswith("#")][:1] or [""]
    else:
        subjects = subjects_after(chosen.after)
    found = [(subject, fault) for subject in subjects for fault in faults(subject)]
    for subject, fault in found:
        print(f"{subject!r} {fault}", file=sys.stderr)
    if found:
        print('Write what the commit does, as in "Read the size once".', file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
