"""Render notification mails for many customers with jinja2 templates."""
import random
import zlib

import jinja2

SOURCES = {
    "welcome": "Dear {{ name }},\n\nwelcome aboard. {% if plan == 'pro' %}You have the pro plan.{% endif %}\n",
    "invoice": (
        "Dear {{ name }},\n{% for item, cents in items %}"
        "{{ '%-20s' | format(item) }} {{ '%8.2f' | format(cents / 100) }}\n"
        "{% endfor %}{% set total = items | sum(attribute=1) %}Sum {{ total / 100 }}\n"
        "{% if total > 50000 %}Thank you for a large order!{% elif total < 100 %}Every bit helps.{% endif %}\n"
    ),
    "reminder": "Hello {{ name | upper }}, {{ days }} day{{ 's' if days != 1 }} left.{# footer #}\n{{ footer }}\n",
}


# may: pool
class Renderer:
    def __init__(self):
        self.env = jinja2.Environment(keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
        self.ready = {}
        self.rendered = 0

    def lookup(self, kind, locale, customer):
        key = (kind, locale)
        template = self.ready.get(key)
        if template is None:
            source = SOURCES[kind]
            if locale == "de":
                source = source.replace("Dear", "Liebe/r").replace("Hello", "Hallo")
            template = self.ready[key] = self.env.from_string(source)
        return template

    def render(self, job):
        template = self.lookup(job["kind"], job["customer"]["locale"], job["customer"])
        self.rendered += 1
        return template.render(
            name=job["customer"]["name"], plan=job["customer"]["plan"],
            items=job.get("items", []), days=job.get("days", 0), footer="-- \nThe team",
        )


class Outbox:
    def __init__(self):
        self.check = 0
        self.bytes = 0

    def send(self, customer, text):
        self.check = zlib.crc32(text.encode(), self.check)
        self.bytes += len(text)


def customers(rng):
    for i in range(700):
        yield {
            "id": i, "name": f"Customer {i}", "plan": rng.choice(["free", "pro"]),
            "locale": rng.choice(["en", "de"]),
        }


def jobs(rng):
    for c in customers(rng):
        yield {"kind": "welcome", "customer": c}
        items = [(f"part {rng.randrange(90)}", rng.randrange(40, 20000)) for _ in range(rng.randrange(6))]
        yield {"kind": "invoice", "customer": c, "items": items}
        if rng.random() < 0.4:
            yield {"kind": "reminder", "customer": c, "days": rng.randrange(9)}


def main():
    rng = random.Random(12)
    renderer, outbox = Renderer(), Outbox()
    for job in jobs(rng):
        outbox.send(job["customer"], renderer.render(job))
    print("mails", renderer.rendered, "bytes", outbox.bytes, "check", outbox.check)


if __name__ == "__main__":
    main()
