import io
import os
import random
import re
import tempfile
import zipfile

WORD = re.compile(r"[a-z']+")
SYLLABLES = "ka lo mi ru ten sha bel or vin dap qu est".split()


def novel(rng, paragraphs):
    vocabulary = ["".join(rng.choices(SYLLABLES, k=rng.randrange(1, 5))) for _ in range(900)]
    for number in range(paragraphs):
        yield f"{number}. " + " ".join(rng.choices(vocabulary, k=rng.randrange(10, 60))) + ".\n"


def make_archive(path, books, seed):
    rng = random.Random(seed)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(books):
            with archive.open(f"books/{number:02d}.txt", "w") as target:
                with io.TextIOWrapper(target, "utf-8") as text:
                    for paragraph in novel(rng, 9000 + number * 3000):
                        text.write(paragraph)


def paragraphs(archive, name):
    body = archive.read(name).decode("utf-8")
    for line in body.splitlines():
        number, _, text = line.partition(". ")
        yield int(number), text


def survey(path):
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            counts = {}
            longest = (0, -1)
            for number, text in paragraphs(archive, name):
                words = WORD.findall(text)
                longest = max(longest, (len(words), -number))
                for word in words[::3]:
                    counts[word] = counts.get(word, 0) + 1
            yield name, counts, longest


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library.zip")
        make_archive(path, 3, 27)
        for name, counts, longest in survey(path):
            top = max(counts, key=lambda w: (counts[w], w))
            print(name, len(counts), sum(counts.values()), top, counts[top], longest)


if __name__ == "__main__":
    main()
