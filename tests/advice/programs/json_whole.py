import json
import tempfile


def build(path, n):
    with open(path, "w") as f:
        for i in range(n):
            f.write(json.dumps({"id": i, "v": "abc" * 10}) + "\n")


def total(path):
    with open(path) as f:
        text = f.read()  # advise: chunk
    s = 0
    for line in text.split("\n"):
        if line:
            s += json.loads(line)["id"]
    return s


with tempfile.NamedTemporaryFile() as t:
    build(t.name, 60000)
    print(total(t.name))
