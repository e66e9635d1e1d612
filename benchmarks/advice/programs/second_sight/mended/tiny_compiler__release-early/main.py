"""Compiles generated expressions for a stack machine."""
from stages import assemble, parse, tokenize
from machine import run


def program(lines: int) -> str:
    return "\n".join(
        f"v{k % 50} = (v{(k + 7) % 50} + {k % 97}) * {k % 13} - v{(k * 3) % 50} / 7" for k in range(lines)
    )


def build(lines: int) -> list[tuple[str, float | str]]:
    source = program(lines)
    tokens = tokenize(source)
    trees = parse(tokens)
    del tokens, source
    code = assemble(trees)
    return code


def main() -> None:
    code = build(9000)
    print(len(code), run(code))


if __name__ == "__main__":
    main()
