"""Parses a document and then works on what came of it, while the text stays."""

import json


def fetch(count: int) -> str:
    return json.dumps([{"n": n, "text": "some words " * 40} for n in range(count)])


def summarise(count: int) -> int:
    text = fetch(count)  # advise: release-early
    rows = json.loads(text)
    sizes = {}
    for row in rows:
        sizes[row["n"]] = row["text"].upper().split("SOME")
    return sum(len(words) for words in sizes.values())


print(summarise(8000))
