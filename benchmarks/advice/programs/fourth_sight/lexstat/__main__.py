from collections import Counter

import progress
from corpus import documents
from index import Postings


def run(count=12_000):
    postings = Postings()
    for number, text in documents(count, seed=11):
        words = text.split()
        postings.add(number, words)
        top = Counter(words).most_common(1)[0][0]
        progress.record(number, words, top)
        if number % 4000 == 0:
            print(progress.status_line())
    print(progress.status_line())
    print(postings.frequent(3), len(postings.containing("kestrel")))


if __name__ == "__main__":
    run()
