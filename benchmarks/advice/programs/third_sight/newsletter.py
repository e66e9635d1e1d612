import hashlib
import random

import jinja2

ENV = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
ENV.filters["initials"] = lambda name: "".join(p[0] for p in name.split())

ISSUE = ENV.from_string(
    """
<h1>{{ headline }}</h1>
{% for item in items %}
  <article class="{{ loop.cycle('odd', 'even') }}">
  <h2>{{ item.title|title }}</h2>
  {% if item.words > 300 %}<em>long read</em>{% endif %}
  <p>{{ item.lead|truncate(60) }} ({{ item.author|initials }})</p>
  </article>
{% else %}
  <p>Nothing this week.</p>
{% endfor %}
"""
)


class Item:
    __slots__ = ("title", "lead", "author", "words")

    def __init__(self, rng):
        self.title = f"notes on {rng.choice(TOPICS)} & {rng.choice(TOPICS)}"
        self.lead = " ".join(rng.choices(TOPICS, k=14))
        self.author = rng.choice(["Ida Holm", "Per Lund", "Mo Ek Vik"])
        self.words = rng.randint(80, 600)


TOPICS = ["bees", "glass", "tides", "moss", "radio", "bread", "ferns", "clocks", "maps", "salt"]


def issues(count):
    rng = random.Random(72)
    for number in range(count):
        yield f"Issue {number}", [Item(rng) for _ in range(rng.randint(0, 40))]


def main():
    h = hashlib.sha256()
    size = quiet = 0
    for headline, items in issues(900):
        quiet += not items
        for piece in ISSUE.generate(headline=headline, items=items):
            size += len(piece)
            h.update(piece.encode())
    print("size", size, "quiet", quiet, h.hexdigest()[:20])


if __name__ == "__main__":
    main()
