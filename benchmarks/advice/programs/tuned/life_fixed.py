# game of life on bytes; one spare board
def step(board, w, h):
    count = 0
    nxt = bytearray(w * h)
    for g in range(300):
        for i in range(g % w, w * h - w, w * 16 + 1):
            if board[i] or board[i + w]:
                nxt[i] = 1
                count += 1
        nxt[g] = 1
        board[0] = nxt[g]
    return count


if __name__ == "__main__":
    W, H = 2000, 1000
    print(step(bytearray(W * H), W, H))
