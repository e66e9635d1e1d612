"""Syntax highlighter core of a code editor: spans, theme lookup, visible-range queries."""
import bisect
import re
import zlib

RULES = re.compile(
    r"(?P<comment>#[^\n]*)|(?P<string>'[^'\n]*')|(?P<number>\b\d+\b)"
    r"|(?P<keyword>\b(?:def|return|if|for|in|else|while|class)\b)|(?P<name>[A-Za-z_]\w*)")
THEME = {"comment": 0x7F848E, "string": 0x98C379, "number": 0xD19A66, "keyword": 0xC678DD, "name": 0xABB2BF}


class Span:
    __slots__ = ("kind", "start", "stop")

    def __init__(self, kind, start, stop):
        self.kind, self.start, self.stop = kind, start, stop

    def __len__(self):
        return self.stop - self.start

    def covers(self, pos):
        return self.start <= pos < self.stop


class Highlighter:
    def __init__(self, text):
        self.text = text
        self.spans = list(self._scan())
        self.edits = 0

    def _scan(self):
        for m in RULES.finditer(self.text):
            yield Span(kind=m.lastgroup, start=m.start(), stop=m.end())

    def index_at(self, pos):
        return bisect.bisect_right(self.spans, pos, key=lambda s: s.start) - 1

    def at(self, pos):
        i = self.index_at(pos)
        if i >= 0 and self.spans[i].covers(pos):
            return self.spans[i]
        return None

    def visible(self, top, bottom):
        i = max(0, self.index_at(top))
        while i < len(self.spans) and self.spans[i].start < bottom:
            if self.spans[i].stop > top:
                yield self.spans[i]
            i += 1

    def insert(self, pos, length):
        """Shifts every span behind an edit."""
        for span in self.spans[self.index_at(pos) + 1:]:
            span.start += length
            span.stop += length
        self.edits += 1

    def paint(self, top, bottom):
        pixels = bytearray()
        for span in self.visible(top, bottom):
            pixels += (THEME[span.kind] * len(span) & 0xFFFFFF).to_bytes(3, "big")
        return zlib.crc32(pixels)


def source(functions):
    lines = []
    for i in range(functions):
        lines.append(f"def step_{i}(grid, t):  # stage {i}")
        lines.append(f"    for cell in grid:")
        lines.append(f"        if cell > {i % 97}: return 'hot{i % 11}'")
        lines.append(f"    return cell_{i % 50} + t * {i}")
    return "\n".join(lines)


def main():
    text = source(14000)
    editor = Highlighter(text)
    print(len(text), "chars,", len(editor.spans), "spans")
    for n in range(5):
        pos = len(text) * (n + 4) // 10
        editor.insert(pos, 1 + n)
        print(f"{editor.paint(pos, pos + 6000):08x}", getattr(editor.at(pos + 40), "kind", "-"))
    tally = dict.fromkeys(THEME, 0)
    for span in editor.spans:
        tally[span.kind] += len(span)
    print(tally, editor.edits)


if __name__ == "__main__":
    main()
