from flask import Flask, jsonify, request

from .catalog import build_catalog, price_lines
from .rendering import PageRenderer


def create_app():
    app = Flask("quote_desk")
    catalog = build_catalog()
    renderer = PageRenderer()
    counters = {"quotes": 0, "bytes": 0}

    @app.post("/quotes")
    def make_quote():
        body = request.get_json()
        lines = price_lines(catalog, body["lines"])
        counters["quotes"] += 1
        page = renderer.render(
            "quote.html",
            number=counters["quotes"],
            customer=body["customer"],
            lines=lines,
            net=sum(line["total"] for line in lines),
            weight=sum(line["product"].weight_g * line["count"] for line in lines),
        )
        counters["bytes"] += len(page)
        return page

    @app.get("/stats")
    def stats():
        return jsonify(counters)

    return app
