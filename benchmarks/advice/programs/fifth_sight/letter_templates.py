"""Mail merge: templates are compiled when first used; letters go to one spool buffer."""
import random
import re
import zlib

FIELD = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
FILTERS = {"upper": str.upper, "title": str.title, None: str}
SOURCES = {
    f"letter{n}": f"Dear {{name|title}},\nyour order {{order}} of {n + 1} items from {{city|upper}} "
                  f"is {'late' if n % 3 else 'ready'}.\n" + "Terms apply. " * (n % 9)
    for n in range(36)
}


class Template:
    def __init__(self, text):
        self.parts = []
        at = 0
        for m in FIELD.finditer(text):
            self.parts.append((text[at:m.start()], m.group(1), FILTERS[m.group(2)]))
            at = m.end()
        self.tail = text[at:]

    def render(self, record):
        out = []
        for literal, name, convert in self.parts:
            out.append(literal)
            out.append(convert(record[name]))
        out.append(self.tail)
        return "".join(out)


class Engine:
    def __init__(self):
        self.compiled = {}

    def get(self, name):
        template = self.compiled.get(name)
        if template is None:
            template = self.compiled[name] = Template(SOURCES[name])
        return template


class Spool:
    def __init__(self, size):
        self.buffer = bytearray(size)
        self.used = self.flushes = self.crc = 0

    def write(self, data):
        if self.used + len(data) > len(self.buffer):
            self.flush()
        self.buffer[self.used:self.used + len(data)] = data
        self.used += len(data)

    def flush(self):
        self.crc = zlib.crc32(memoryview(self.buffer)[:self.used], self.crc)
        self.used = 0
        self.flushes += 1


def main():
    rng = random.Random(95)
    engine, spool = Engine(), Spool(9_000_000)
    names = sorted(SOURCES)
    for number in range(160_000):
        record = {"name": f"jane doe {number % 500}", "order": str(number), "city": "graz"}
        spool.write(engine.get(rng.choice(names)).render(record).encode())
    spool.flush()
    print("templates", len(engine.compiled), "flushes", spool.flushes, f"crc {spool.crc:08x}")


if __name__ == "__main__":
    main()
