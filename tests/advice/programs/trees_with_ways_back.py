"""Pages of a book: each part knows what it is in, so that none goes when it is done with."""

from dataclasses import dataclass, field


@dataclass
class Part:
    within: "Part | None" = None
    parts: list = field(default_factory=list)
    ink: bytearray | None = None

    def add(self, size):
        part = Part(self, [], bytearray(size))  # advise: cycles
        self.parts.append(part)
        return part


def weights(pages):
    for number in range(pages):
        page = Part()
        for _ in range(5):
            page.add(20_000 + number % 7)
        yield sum(len(part.ink) for part in page.parts)


print(max(weights(6000)))
