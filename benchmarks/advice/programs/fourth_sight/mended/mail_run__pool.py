"""Monthly newsletter run."""
import random
import zlib

from jinja2 import DictLoader, Environment, select_autoescape

TEMPLATES = {
    "base.txt": "Dear {{ name }},\n{% block body %}{% endblock %}\nYours, the {{ team }} team\n",
    "monthly.txt": (
        "{% extends 'base.txt' %}{% block body %}"
        "{% for line in lines %}- {{ line.title|title }}: {{ '%.2f'|format(line.price) }}"
        "{% if line.price > 50 %} (member price {{ '%.2f'|format(line.price * 0.9) }}){% endif %}\n"
        "{% endfor %}{% endblock %}"
    ),
}


class Letter:
    def __init__(self, team):
        self.team = team
        self.env = Environment(loader=DictLoader(TEMPLATES), autoescape=select_autoescape())
        self.env.globals["team"] = team

    def write(self, name, lines):
        return self.env.get_template("monthly.txt").render(name=name, lines=lines)


class Outbox:
    def __init__(self):
        self.sent = 0
        self.size = 0
        self.check = 0

    def post(self, address, text):
        self.sent += 1
        self.size += len(text)
        self.check = zlib.crc32(text.encode(), self.check)


def subscribers(rng, n):
    for i in range(n):
        lines = [{"title": f"offer {rng.randrange(300)}", "price": rng.randrange(500, 9000) / 100}
                 for _ in range(4)]
        yield f"reader{i}@example.org", f"Reader {i}", rng.choice(["garden", "kitchen", "travel"]), lines


def main():
    rng = random.Random(19)
    outbox = Outbox()
    letters = {}
    for address, name, topic, lines in subscribers(rng, 260):
        letter = letters.get(topic)
        if letter is None:
            letter = letters[topic] = Letter(topic)
        outbox.post(address, letter.write(name, lines))
    print(outbox.sent, outbox.size, f"{outbox.check:08x}")


if __name__ == "__main__":
    main()
