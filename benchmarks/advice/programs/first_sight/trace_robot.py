"""A robot explores a maze; every step is kept because it walks back and the trip is replayed."""
# forbid: leak
import random

SIDE = 301
MOVES = {"n": (0, -1), "s": (0, 1), "w": (-1, 0), "e": (1, 0)}
BACK = {"n": "s", "s": "n", "w": "e", "e": "w"}


class Maze:
    def __init__(self, seed):
        rng = random.Random(seed)
        self.open = bytearray(SIDE * SIDE)
        stack = [(1, 1)]
        self.open[SIDE + 1] = 1
        while stack:
            x, y = stack[-1]
            ways = [
                (dx, dy) for dx, dy in MOVES.values()
                if 0 < x + 2 * dx < SIDE and 0 < y + 2 * dy < SIDE and not self.open[(y + 2 * dy) * SIDE + x + 2 * dx]
            ]
            if not ways:
                stack.pop()
                continue
            dx, dy = rng.choice(ways)
            self.open[(y + dy) * SIDE + x + dx] = 1
            self.open[(y + 2 * dy) * SIDE + x + 2 * dx] = 1
            stack.append((x + 2 * dx, y + 2 * dy))

    def free(self, x, y):
        return self.open[y * SIDE + x] == 1


class Flight:
    """Records of all robots by number, needed by the replay at the end."""

    logs = {}

    @classmethod
    def log(cls, robot, what):
        cls.logs.setdefault(robot.number, []).append(what)


class Robot:
    def __init__(self, number, maze):
        self.number = number
        self.maze = maze
        self.x = self.y = 1
        self.seen = bytearray(SIDE * SIDE)
        self.seen[SIDE + 1] = 1

    def go(self, way):
        dx, dy = MOVES[way]
        self.x += dx
        self.y += dy
        self.seen[self.y * SIDE + self.x] = 1
        Flight.log(self, way)

    def explore(self, order, goal):
        trail = []
        while (self.x, self.y) != goal:
            for way in order:
                dx, dy = MOVES[way]
                spot = (self.x + dx, self.y + dy)
                if not self.seen[spot[1] * SIDE + spot[0]] and self.maze.free(*spot):
                    self.go(way)
                    trail.append(way)
                    break
            else:
                self.go(BACK[trail.pop()])
        return len(trail)


def replay(maze, moves):
    x = y = 1
    for way in moves:
        dx, dy = MOVES[way]
        x, y = x + dx, y + dy
        if not maze.free(x, y):
            raise RuntimeError("robot went through a wall")
    return x, y


def main():
    maze = Maze(5)
    for number, order in enumerate(["nesw", "senw", "wsen", "ewns", "swne", "nwse"]):
        robot = Robot(number, maze)
        print("robot", number, "path", robot.explore(order, (SIDE - 2, SIDE - 2)), "seen", sum(robot.seen))
    for number, moves in sorted(Flight.logs.items()):
        print("replay", number, len(moves), replay(maze, moves))


if __name__ == "__main__":
    main()
