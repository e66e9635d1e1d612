"""Fetches glossaries from peers, merges their words and counts completions per prefix."""
import asyncio
import io
import random

PEERS = 6
WORDS_PER_PEER = 12_000
SOURCE = "third edition, revised by the society of lexicographers, printed in the old town"


async def serve_peer(reader, writer):
    number = int(await reader.readline())
    rng = random.Random(number)
    for _ in range(WORDS_PER_PEER // 100):
        for _ in range(100):
            word = "".join(rng.choices("aeilnorst", k=rng.randint(5, 9)))
            writer.write(f"{word}\tsee {word} in the great glossary, volume {number}, {SOURCE}\n".encode())
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def fetch(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"%d\n" % number)
    parts = await reader.read()
    writer.close()
    await writer.wait_closed()
    return parts


def distinct_words(replies):
    found = set()
    for reply in replies:
        for line in io.BytesIO(reply):
            found.add(line.partition(b"\t")[0].decode())
    return sorted(found)


def completions(words):
    counts = {}
    for word in words:
        for end in range(1, len(word) + 1):
            prefix = word[:end]
            counts[prefix] = counts.get(prefix, 0) + 1
    return counts


async def main():
    server = await asyncio.start_server(serve_peer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    replies = [await fetch(port, n) for n in range(PEERS)]
    server.close()
    words = distinct_words(replies)
    del replies
    counts = completions(words)
    busiest = sorted(counts, key=lambda prefix: (-counts[prefix], prefix))[9:15]
    print(len(words), "words", len(counts), "prefixes")
    print(*(f"{prefix}:{counts[prefix]}" for prefix in busiest))


asyncio.run(main())
