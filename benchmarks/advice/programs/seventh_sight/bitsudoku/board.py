def units():
    for n in range(9):
        yield [n * 9 + c for c in range(9)]
        yield [r * 9 + n for r in range(9)]
        top, left = n // 3 * 3, n % 3 * 3
        yield [(top + r) * 9 + left + c for r in range(3) for c in range(3)]


PEERS = [set() for _ in range(81)]
for unit in units():
    for cell in unit:
        PEERS[cell].update(unit)
for cell, peers in enumerate(PEERS):
    peers.discard(cell)
PEERS = tuple(tuple(sorted(peers)) for peers in PEERS)


def parse(text):
    return bytearray(int(mark) if mark.isdigit() else 0 for mark in text)


def candidates(board, cell):
    taken = 0
    for peer in PEERS[cell]:
        taken |= 1 << board[peer]
    return 0x3FE & ~taken
