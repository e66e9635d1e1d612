"""A search front end: each query goes to all shards at once and the best hits are merged."""

import heapq
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "inlet", "jetty", "knoll", "lagoon"]


class Shard:
    """An inverted index over its part of the documents."""

    def __init__(self, number: int, documents: int) -> None:
        self.postings: dict[str, list[tuple[int, int]]] = {word: [] for word in WORDS}
        for local in range(documents):
            doc = number * documents + local
            for offset in (1, 5, 7):
                word = WORDS[(doc * offset + number) % len(WORDS)]
                self.postings[word].append((doc * 7919 % 1000, doc))

    def best(self, word: str, limit: int) -> list[tuple[int, int]]:
        return heapq.nlargest(limit, self.postings[word], key=itemgetter(0))


class Search:
    def __init__(self, shards: list[Shard]) -> None:
        self.shards = shards
        self.workers = ThreadPoolExecutor(max_workers=len(shards))

    def query(self, word: str, limit: int = 5) -> list[int]:
        answers = list(self.workers.map(lambda shard: shard.best(word, limit), self.shards))
        merged = heapq.nlargest(limit, (hit for answer in answers for hit in answer))
        return [doc for _, doc in merged]

    def close(self) -> None:
        self.workers.shutdown()
        self.shards = []


def main() -> None:
    search = Search([Shard(number, 60) for number in range(6)])
    seen = 0
    for turn in range(1500):
        word = WORDS[turn % len(WORDS)]
        seen += sum(search.query(word))
    search.close()
    print("checksum of hits", seen)


if __name__ == "__main__":
    main()
