import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape


@dataclass(slots=True)
class Service:
    name: str
    owner: str
    latency_ms: int
    healthy: bool


def load_services(count):
    teams = ("payments", "search", "identity", "media", "R&D <labs>")
    for i in range(count):
        yield Service(
            name=f"svc-{i:05d}",
            owner=teams[i % len(teams)],
            latency_ms=(i * 7919) % 950,
            healthy=(i * 31) % 97 != 0,
        )


class PageWriter:
    def __init__(self, title):
        self.depth = 0
        self.html = f"<html><head><title>{escape(title)}</title></head>\n"

    def emit(self, text):
        self.html += "  " * self.depth + text + "\n"

    @contextmanager
    def tag(self, name, **attrs):
        rendered = "".join(f' {k}="{escape(str(v))}"' for k, v in attrs.items())
        self.emit(f"<{name}{rendered}>")
        self.depth += 1
        try:
            yield self
        finally:
            self.depth -= 1
            self.emit(f"</{name}>")

    def finish(self):
        return self.html + "</html>\n"


def render(services):
    page = PageWriter("Service status")
    with page.tag("body"):
        with page.tag("table", border=1):
            for svc in services:
                with page.tag("tr", id=svc.name):
                    page.emit(f"<td>{escape(svc.owner)}</td>")
                    page.emit(f"<td>{svc.latency_ms} ms</td>")
                    page.emit("<td>ok</td>" if svc.healthy else "<td><b>DOWN</b></td>")
    return page.finish()


def main():
    services = list(load_services(2600))
    text = render(services)
    down = sum(1 for s in services if not s.healthy)
    slow = max(services, key=lambda s: s.latency_ms)
    print(len(text), "characters,", down, "down, slowest", slow.name)
    print(hashlib.sha1(text.encode()).hexdigest())


if __name__ == "__main__":
    main()
