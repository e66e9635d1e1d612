import random

LAYERS = [
    ["main", "worker_main", "cron"],
    ["serve", "dispatch", "run_task"],
    ["get_order", "put_order", "list_orders", "reindex"],
    ["db.query", "db.commit", "cache.get", "http.call"],
    ["socket.send", "socket.recv", "json.loads"],
]


def folded_samples(count, seed=3):
    """Lines in the folded format: frames joined by ';', a space, microseconds."""
    rng = random.Random(seed)
    for _ in range(count):
        depth = rng.randrange(3, len(LAYERS) + 1)
        frames = [rng.choice(layer) for layer in LAYERS[:depth]]
        yield f"{';'.join(frames)} {rng.randrange(20, 40000)}"
