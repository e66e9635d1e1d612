"""Sets, dictionaries and lists with the room that growth leaves: none has lost anything."""

# forbid: over-allocated


def grown(count):
    kept = []
    for number in range(count):
        members, table, row = set(), {}, []
        for item in range(20 + number % 100):
            members.add(item)
            table[item] = None
            row.append(item)
        kept.append((members, table, row))
    return kept


def main():
    kept = grown(4_000)
    for _ in range(30):
        print(sum(len(f"{len(one)} {len(two)} {len(three)}") for one, two, three in kept))


main()
