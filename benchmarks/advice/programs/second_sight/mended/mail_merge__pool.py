"""Writes reminder letters with jinja2."""
import hashlib
import random

import jinja2

LETTER = """Dear {{ name }},
{% for book in books %}
 - {{ book.title }} ({{ book.days }} days late)
{%- endfor %}
{% if fee > 5 %}The fee of {{ '%.2f' | format(fee) }} is due.{% else %}No fee this time.{% endif %}
Yours, the library
"""


def euros(value):
    return f"{value:.2f} EUR"


def borrowers(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        yield {
            "name": f"reader {number}",
            "books": [
                {"title": f"Volume {rng.randrange(900)}", "days": rng.randint(1, 60)} for _ in range(rng.randint(1, 4))
            ],
            "fee": rng.random() * 10,
        }


def make():
    environment = jinja2.Environment(trim_blocks=True)
    environment.filters["euros"] = euros
    return environment.from_string(LETTER)


READY = make()


def write(borrower):
    return READY.render(**borrower)


def main():
    shelf = [f"Volume {k}: " + "x" * (k % 90) for k in range(20_000)]
    digest = hashlib.md5()
    sizes = []
    for borrower in borrowers(250, 2):
        letter = write(borrower)
        sizes.append(len(letter))
        digest.update(letter.encode())
    print(len(sizes), max(sizes), digest.hexdigest(), len(shelf))


if __name__ == "__main__":
    main()
