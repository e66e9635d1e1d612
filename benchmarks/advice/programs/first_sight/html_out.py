"""Turn light markup into HTML; each page is written with plain string appends."""
# forbid: grow-copy
import random
import re
import zlib
from html import escape

INLINE = re.compile(r"\*(\w+)\*|_(\w+)_|`([^`]+)`")


def inline(text):
    def swap(m):
        strong, em, code = m.groups()
        if strong:
            return f"<b>{strong}</b>"
        if em:
            return f"<i>{em}</i>"
        return f"<code>{escape(code)}</code>"
    return INLINE.sub(swap, text)


class Toc:
    def __init__(self):
        self.heads = []

    def add(self, level, text):
        self.heads.append((level, text))
        return f"h{len(self.heads)}"

    def render(self):
        out = "<ul>\n"
        for i, (level, text) in enumerate(self.heads):
            out += f'<li class="l{level}"><a href="#h{i + 1}">{text}</a></li>\n'
        return out + "</ul>\n"


def convert(lines):
    toc = Toc()
    body = ""
    in_list = False
    for line in lines:
        item = line.startswith("- ")
        if in_list and not item:
            body += "</ul>\n"
            in_list = False
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            text = inline(line.lstrip("# "))
            body += f'<h{level} id="{toc.add(level, text)}">{text}</h{level}>\n'
        elif item:
            if not in_list:
                body += "<ul>\n"
                in_list = True
            body += "<li>" + inline(line[2:]) + "</li>\n"
        elif line:
            body += "<p>" + inline(line) + "</p>\n"
    if in_list:
        body += "</ul>\n"
    return "<html>\n" + toc.render() + body + "</html>\n"


def source(rng, n):
    words = ["plain", "*bold*", "_soft_", "`a<b`", "more", "text", "here", "and", "there"]
    for _ in range(n):
        text = " ".join(rng.choices(words, k=rng.randrange(3, 15)))
        kind = rng.randrange(8)
        yield "## " + text if kind == 0 else "- " + text if kind < 4 else text if kind < 7 else ""


def publish(rng, n):
    page = convert(source(rng, n))
    print(n, len(page), zlib.crc32(page.encode()), page.count("<li>"))


def main():
    rng = random.Random(14)
    for n in (300, 5_000, 60_000, 60_000):
        publish(rng, n)


if __name__ == "__main__":
    main()
