"""Parses a whole template with a regular expression into tokens, which a backtracking parser goes over twice."""

# forbid: chunk compact grow-copy release-early leak

import random
import re
from typing import NamedTuple

TOKEN = re.compile(
    r"(?P<open>\{%\s*if\s+(?P<name>\w+)\s*%\})|(?P<close>\{%\s*end\s*%\})"
    r"|(?P<var>\{\{\s*(?P<field>\w+)\s*\}\})|(?P<text>[^{]+|\{)"
)


class Token(NamedTuple):
    kind: str
    value: str


def tokenize(source):
    return [Token(m.lastgroup, m["name"] or m["field"] or m["text"]) for m in TOKEN.finditer(source)]


def classify(tokens):
    """Where each block that opens is closed: the renderer jumps there when its name is not set."""
    jump, stack = {}, []
    for place, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(place)
        elif token.kind == "close":
            jump[stack.pop()] = place
    return jump


def render(tokens, jump, context):
    place, written = 0, []
    while place < len(tokens):
        kind, value = tokens[place]
        if kind == "text":
            written.append(value)
        elif kind == "var":
            written.append(context.get(value, ""))
        elif kind == "open" and value not in context:
            place = jump[place]
        place += 1
    return "".join(written)


def template(sections, seed):
    rng = random.Random(seed)
    names = [f"flag{n}" for n in range(12)]
    lines = []
    for number in range(sections):
        lines.append(f"Section {number}: {{{{ city }}}} has {{{{ count }}}} inhabitants.\n")
        lines.append(f"{{% if {rng.choice(names)} %}}shown{{% if {rng.choice(names)} %}} inner{{% end %}}{{% end %}}\n")
    return "".join(lines)


def main():
    tokens = tokenize(template(4000, 1))
    jump = classify(tokens)
    sizes = []
    for turn in range(130):
        context = {f"flag{n}": "" for n in range(12) if (turn >> (n % 6)) & 1}
        context |= {"city": "Ghent", "count": str(turn * 1000)}
        sizes.append(len(render(tokens, jump, context)))
    print(len(tokens), len(jump), sum(sizes), max(sizes))


if __name__ == "__main__":
    main()
