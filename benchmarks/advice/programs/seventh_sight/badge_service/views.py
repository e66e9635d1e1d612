import hashlib

from flask import Flask, request
from jinja2 import Environment

ENV = Environment()
BADGE = ENV.from_string(
    "<svg width='{{ width }}'><text>{{ label }}</text>"
    "{% for x, h in bars %}<rect x='{{ x }}' height='{{ h }}'/>{% endfor %}</svg>"
)


def bars_of(name):
    seed = hashlib.pbkdf2_hmac("sha256", name.encode(), b"badge", 6_000)
    return [(n * 8, b // 4) for n, b in enumerate(seed)]


def create_app(cache):
    app = Flask("badge_service")

    def build(name, width):
        return BADGE.render(width=width, label=name, bars=bars_of(name))

    @app.get("/badge/<name>")
    def badge(name):
        width = int(request.args.get("w", 120))
        return cache.get((name, width), lambda: build(name, width))

    return app
