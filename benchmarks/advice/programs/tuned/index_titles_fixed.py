"""Copies the titles once all words are gone."""


def words(document: int) -> list:
    return ["%d-%0300d" % (document, number) for number in range(60)]


def titles(count: int) -> bytes:
    kept = []
    everything = []
    for document in range(count):
        everything.append(words(document))
        if document % 40 == 0:
            kept.append("title %0300d" % document)
    print(sum(len(each) for each in everything))
    return "\n".join(kept).encode()


kept = titles(3000).decode().split("\n")
total = 0
for number in range(400_000):
    total += len(str(number))
print(len(kept), total)
