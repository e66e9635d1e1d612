"""Parses a document and works on what came of it; the text is gone by then."""

import json


def fetch(count: int) -> str:
    return json.dumps([{"n": n, "text": "some words " * 40} for n in range(count)])


def summarise(count: int) -> int:
    text = fetch(count)
    rows = json.loads(text)
    del text
    sizes = {}
    for row in rows:
        sizes[row["n"]] = row["text"].upper().split("SOME")
    return sum(len(words) for words in sizes.values())


print(summarise(8000))
