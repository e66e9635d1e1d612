# forbid: compact gc-pressure
"""Triangle-mesh statistics on a generated torus: flat arrays for geometry, a few dicts for materials."""
import math
from array import array


class Mesh:
    def __init__(self):
        self.xyz = array("f")
        self.tri = array("I")
        self.material = bytearray()

    def vertex(self, x, y, z):
        self.xyz.extend((x, y, z))
        return len(self.xyz) // 3 - 1

    def face(self, a, b, c, material):
        self.tri.extend((a, b, c))
        self.material.append(material)

    def __len__(self):
        return len(self.material)

    def corners(self, f):
        for v in self.tri[3 * f:3 * f + 3]:
            yield self.xyz[3 * v:3 * v + 3]

    def area(self, f):
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = self.corners(f)
        ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
        return 0.5 * math.sqrt((uy * vz - uz * vy) ** 2 + (uz * vx - ux * vz) ** 2 + (ux * vy - uy * vx) ** 2)


def torus(rings, sides, materials, R=3.0, r=1.0):
    mesh = Mesh()
    for i in range(rings):
        u = 2 * math.pi * i / rings
        for j in range(sides):
            v = 2 * math.pi * j / sides
            k = R + r * math.cos(v)
            mesh.vertex(k * math.cos(u), k * math.sin(u), r * math.sin(v))
    for i in range(rings):
        for j in range(sides):
            a, b = i * sides + j, i * sides + (j + 1) % sides
            c, d = ((i + 1) % rings) * sides + j, ((i + 1) % rings) * sides + (j + 1) % sides
            mesh.face(a, c, b, (i * 7 + j) % materials)
            mesh.face(b, c, d, (i + j * 3) % materials)
    return mesh


def main():
    palette = [{"name": f"mat{i}", "gloss": i / 200, "rgb": (i, 255 - i, 128), "area": 0.0} for i in range(200)]
    mesh = torus(760, 260, len(palette))
    for f in range(len(mesh)):
        palette[mesh.material[f]]["area"] += mesh.area(f)
    total = sum(m["area"] for m in palette)
    print(len(mesh), "faces, area", f"{total:.4f}", "exact", f"{4 * math.pi ** 2 * 3:.4f}")
    for m in sorted(palette, key=lambda m: (-m["area"], m["name"]))[:3]:
        print(m["name"], f"{m['area']:.4f}", m["gloss"])


if __name__ == "__main__":
    main()
