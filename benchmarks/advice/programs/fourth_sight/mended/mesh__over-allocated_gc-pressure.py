"""Triangulated sphere-ish mesh: vertex rings, refined once, then smoothed."""
import gc
import random


STEPS = range(3, 190)


def ring_of(centre, rng, size):
    """Neighbour numbers around a vertex, closed by repeating the first."""
    ring = [0] * (size + 1)
    for k, step in enumerate(rng.choices(STEPS, k=size)):
        ring[k] = (centre + step) % 250
    ring[size] = ring[0]
    return ring


class Mesh:
    def __init__(self, vertices, seed):
        rng = random.Random(seed)
        self.rings = []
        self.heights = []
        for centre in range(vertices):
            self.rings.append(ring_of(centre, rng, 8))
            self.heights.append([rng.randrange(200)])

    def smooth(self):
        heights = self.heights
        fresh = []
        for centre, ring in enumerate(self.rings):
            total = heights[centre][0]
            for other in ring:
                total += heights[other][0]
            fresh.append([total // (len(ring) + 1)])
        self.heights = fresh

    def rough(self):
        return sum(abs(a[0] - b[0]) for a, b in zip(self.heights, self.heights[1:]))


def main():
    gc.disable()
    mesh = Mesh(240_000, 71)
    print("rough", mesh.rough())
    for _ in range(3):
        mesh.smooth()
    print("smooth", mesh.rough(), "ring size", len(mesh.rings[0]))


if __name__ == "__main__":
    main()
