"""Keeps a title of one document in two thousand, among all their words."""


def words(document: int) -> list:
    return ["%d-%0300d" % (document, number) for number in range(60)]


def titles(count: int) -> list:
    kept = []
    everything = []
    for document in range(count):
        everything.append(words(document))
        if document % 40 == 0:
            kept.append("title %0300d" % document)  # advise: arena-pinning
    print(sum(len(each) for each in everything))
    return kept


kept = titles(3000)
total = 0
for number in range(400_000):
    total += len(str(number))
print(len(kept), total)
