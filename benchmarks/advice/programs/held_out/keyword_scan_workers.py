"""Moderation workers: scan chat messages for flagged phrases."""
import queue
import random
import threading
from dataclasses import dataclass, field

SYLL = ["ba", "ko", "ri", "mu", "ten", "sol", "var", "qui", "lop", "dra"]


def make_phrases(n, seed=11):
    rng = random.Random(seed)
    seen = set()
    while len(seen) < n:
        seen.add("".join(rng.choice(SYLL) for _ in range(rng.randint(3, 5))))
    return sorted(seen)


class PhraseScanner:
    """Aho-Corasick automaton with a cursor, one scan at a time."""

    def __init__(self, phrases):
        self.goto = [{}]
        self.out = [None]
        self.fail = [0]
        for p in phrases:
            self._insert(p)
        self._link()
        self.reset()

    def _insert(self, phrase):
        node = 0
        for ch in phrase:
            nxt = self.goto[node].get(ch)
            if nxt is None:
                nxt = len(self.goto)
                self.goto.append({})
                self.out.append(None)
                self.fail.append(0)
                self.goto[node][ch] = nxt
            node = nxt
        self.out[node] = phrase

    def _link(self):
        todo = list(self.goto[0].values())
        for node in todo:
            for ch, nxt in self.goto[node].items():
                f = self.fail[node]
                while f and ch not in self.goto[f]:
                    f = self.fail[f]
                self.fail[nxt] = self.goto[f].get(ch, 0)
                if self.out[nxt] is None:
                    self.out[nxt] = self.out[self.fail[nxt]]
                todo.append(nxt)

    def reset(self):
        self.node = 0
        self.hits = []

    def feed(self, text):
        node = self.node
        for ch in text:
            while node and ch not in self.goto[node]:
                node = self.fail[node]
            node = self.goto[node].get(ch, 0)
            if self.out[node]:
                self.hits.append(self.out[node])
        self.node = node


@dataclass
class Message:
    ident: int
    parts: list = field(default_factory=list)


class Moderator:
    def __init__(self, phrases, workers=2):
        self.phrases = phrases
        self.inbox = queue.Queue()
        self.verdicts = {}
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work) for _ in range(workers)]

    def check(self, msg):
        scanner = PhraseScanner(self.phrases)  # advise: pool
        for part in msg.parts:
            scanner.feed(part)
        return len(scanner.hits)

    def work(self):
        while True:
            msg = self.inbox.get()
            if msg is None:
                return
            n = self.check(msg)
            with self.lock:
                self.verdicts[msg.ident] = n

    def run(self, messages):
        for t in self.threads:
            t.start()
        for m in messages:
            self.inbox.put(m)
        for _ in self.threads:
            self.inbox.put(None)
        for t in self.threads:
            t.join()
        return self.verdicts


def chat(n, seed=5):
    rng = random.Random(seed)
    for i in range(n):
        words = ["".join(rng.choice(SYLL) for _ in range(rng.randint(1, 6))) for _ in range(120)]
        yield Message(i, [" ".join(words[:60]), " ".join(words[60:])])


if __name__ == "__main__":
    mod = Moderator(make_phrases(400))
    result = mod.run(chat(500))
    flagged = sum(1 for v in result.values() if v > 3)
    print("messages", len(result), "flagged", flagged, "hits", sum(result.values()))
