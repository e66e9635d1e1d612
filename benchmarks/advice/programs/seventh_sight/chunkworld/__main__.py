from terrain import Terrain
from walker import Walker


def main():
    terrain = Terrain(6)
    walkers = [Walker(terrain, (n * 90 - 400, 300 - n * 70), 200 + n) for n in range(8)]
    for _ in range(10):
        for walker in walkers:
            walker.walk(3000)
    for walker in walkers[:4]:
        print(walker.x, walker.y, walker.climbed, walker.far)
    info = terrain.chunk.cache_info()
    print(terrain.made, info.maxsize, info.currsize)


main()
