"""A little flask application counting visits, driven by its test client."""
import hashlib

from flask import Flask, jsonify, request


def make_app():
    app = Flask(__name__)
    app.extensions["audit"] = []
    visits = {}

    @app.before_request
    def note():
        request.get_data()

    @app.post("/visit/<page>")
    def visit(page):
        digest = hashlib.sha1(request.get_data()).hexdigest()
        visits[page] = visits.get(page, 0) + 1
        return jsonify(page=page, count=visits[page], digest=digest[:8])

    @app.get("/top")
    def top():
        ranked = sorted(visits.items(), key=lambda item: (-item[1], item[0]))
        return jsonify(ranked[:5])

    return app


def drive(client, rounds):
    good = 0
    for number in range(rounds):
        body = (f"{number:08d}" * 1200).encode()
        answer = client.post(f"/visit/p{number * 7919 % 97}", data=body)
        good += answer.status_code == 200
    return good


def main():
    app = make_app()
    client = app.test_client()
    print(drive(client, 2500), client.get("/top").get_json())


if __name__ == "__main__":
    main()
