# Cross tabulation of a made-up census.
import json
import random
from array import array

random.seed(31)
N = 30000
JOBS = ["farmer", "baker", "clerk", "smith", "nurse", "tailor"]


def answers():
    rows = []
    for i in range(N):
        rows.append({"age": random.randint(16, 90), "job": random.choice(JOBS), "rooms": random.randint(1, 6)})
    return json.dumps(rows)


RAW = json.loads(answers())
ages = array("B", (r["age"] for r in RAW))
jobs = array("B", (JOBS.index(r["job"]) for r in RAW))
rooms = array("B", (r["rooms"] for r in RAW))


def neighbours(width):
    """Who lives near whom: all pairs within the width, by signature."""
    pairs = {}
    for i in range(len(ages) - width):
        here = (ages[i], jobs[i])
        for j in range(i + 1, i + width):
            key = here + (ages[j], jobs[j])
            pairs[key] = pairs.get(key, 0) + 1
    return pairs


def table():
    counts = {}
    for i in range(len(jobs)):
        key = (JOBS[jobs[i]], rooms[i])
        counts[key] = counts.get(key, 0) + 1
    return counts


pairs = neighbours(4)
print("different pairs", len(pairs), "commonest", max(pairs.values()))
counts = table()
for job in JOBS:
    print("%-8s" % job, *("%6d" % counts.get((job, r), 0) for r in range(1, 7)))
