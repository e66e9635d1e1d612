"""Documents of the same keys: the decoder makes them anew in each, and a hook could share them."""

# forbid: duplicates

import json


def main():
    wire = [f'{{"colour of it": {n}, "height of it": {n}, "width of it": {n}}}' for n in range(9)]
    documents = []
    for number in range(60_000):
        documents.append(json.loads(wire[number % 9]))
    for _ in range(4):
        print(sum(len(json.dumps(document)) for document in documents))


main()
