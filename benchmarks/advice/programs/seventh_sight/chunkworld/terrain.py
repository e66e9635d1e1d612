from functools import lru_cache

SIZE = 256


class Terrain:
    def __init__(self, seed):
        self.seed = seed
        self.made = 0
        self.chunk = lru_cache(maxsize=160)(self.generate)

    def height_seed(self, column, row):
        value = (column * 374761393 + row * 668265263 + self.seed * 974711) & 0xFFFFFFFF
        value = (value ^ (value >> 13)) * 1274126177 & 0xFFFFFFFF
        return value ^ (value >> 16)

    def generate(self, column, row):
        self.made += 1
        corner = [self.height_seed(column + c, row + r) & 255 for r in (0, 1) for c in (0, 1)]
        cells = bytearray()
        for y in range(SIZE):
            left = (corner[0] * (SIZE - y) + corner[2] * y) // SIZE
            right = (corner[1] * (SIZE - y) + corner[3] * y) // SIZE
            span = right - left
            cells += bytes([left + span * x // SIZE for x in range(SIZE)])
        return bytes(cells)

    def height(self, x, y):
        column, inner_x = divmod(x, SIZE)
        row, inner_y = divmod(y, SIZE)
        return self.chunk(column, row)[inner_y * SIZE + inner_x]
