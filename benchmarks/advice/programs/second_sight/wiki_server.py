"""A wiki in memory, exercised by flask's test client."""
import random
from collections import deque

from flask import Flask, abort, request
from markupsafe import escape

WORDS = "moss fern stone creek heron otter willow reed mud mist".split()


class Wiki:
    def __init__(self):
        self.pages = {}

    def save(self, name, text):
        self.pages.setdefault(name, deque(maxlen=5)).append(text)

    def latest(self, name):
        return self.pages[name][-1]


def create():
    app = Flask("wiki")
    wiki = Wiki()

    @app.put("/page/<name>")
    def put(name):
        wiki.save(name, request.get_data(as_text=True))
        return "", 204

    @app.get("/page/<name>")
    def get(name):
        if name not in wiki.pages:
            abort(404)
        return f"<h1>{escape(name)}</h1><pre>{escape(wiki.latest(name))}</pre>"

    @app.get("/history/<name>")
    def history(name):
        return {"sizes": [len(text) for text in wiki.pages.get(name, ())]}

    return app


def text(rng):
    return " ".join(rng.choice(WORDS) for _ in range(400))


def main():
    rng = random.Random(30)
    client = create().test_client()
    answers = {}
    size = 0
    for _ in range(1200):
        name = f"{rng.choice(WORDS)}-{rng.randrange(40)}"
        action = rng.random()
        if action < 0.5:
            answer = client.put(f"/page/{name}", data=text(rng))
        elif action < 0.9:
            answer = client.get(f"/page/{name}")
        else:
            answer = client.get(f"/history/{name}")
        answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
        size += len(answer.data)
    print(sorted(answers.items()), size)


if __name__ == "__main__":
    main()
