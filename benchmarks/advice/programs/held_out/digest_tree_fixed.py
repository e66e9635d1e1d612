# digests of all files of a folder, in pieces
import hashlib
import os
import pathlib
import shutil
import tempfile


def digest(root):
    out = {}
    for p in sorted(pathlib.Path(root).iterdir()):
        h = hashlib.sha1()
        with p.open("rb") as fh:
            while piece := fh.read(1 << 16):
                h.update(piece)
        out[p.name] = h.hexdigest()
    return out


d = tempfile.mkdtemp()
try:
    for i in range(4):
        with open(os.path.join(d, "f%d" % i), "wb") as fh:
            for _ in range(20 + i):
                fh.write(os.urandom(1024) * 1024)
    print(len(digest(d)))
finally:
    shutil.rmtree(d)
