"""Scores batches of documents, each batch fanned out over worker threads."""
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import random

WORKERS = 4
VOCABULARY = [f"term{n}" for n in range(400)]
WEIGHTS = {term: (n * 7919) % 97 for n, term in enumerate(VOCABULARY)}


@dataclass(frozen=True)
class Document:
    key: int
    words: tuple

    def score(self):
        return sum(map(WEIGHTS.__getitem__, self.words))


def arrivals(count):
    rng = random.Random(11)
    for key in range(count):
        yield Document(key, tuple(rng.choices(VOCABULARY, k=30)))


def batched(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def score_batch(batch):
    with ThreadPoolExecutor(max_workers=WORKERS) as executor:  # advise: pool
        return list(executor.map(Document.score, batch))


best = (-1, -1)
total = 0
for batch in batched(arrivals(12_000), 8):
    scores = score_batch(batch)
    total += sum(scores)
    for document, score in zip(batch, scores):
        best = max(best, (score, -document.key))
print("total", total, "best", best[0], "document", -best[1])
