from board import candidates


class Solver:
    def __init__(self, noise):
        self.noise = noise
        self.taste = 0
        self.nodes = 0

    def note(self, cell, digit):
        place = (self.taste * 81 + cell * 9 + digit) % len(self.noise)
        self.taste = (self.taste * 257 + self.noise[place]) & 0xFFFFFFFF

    def solve(self, board):
        best_cell, best_mask, best_count = -1, 0, 10
        for cell in range(81):
            if board[cell]:
                continue
            mask = candidates(board, cell)
            count = mask.bit_count()
            if count < best_count:
                best_cell, best_mask, best_count = cell, mask, count
                if count < 2:
                    break
        if best_cell < 0:
            return True
        self.nodes += 1
        for digit in range(1, 10):
            if best_mask >> digit & 1:
                board[best_cell] = digit
                self.note(best_cell, digit)
                if self.solve(board):
                    return True
        board[best_cell] = 0
        return False
