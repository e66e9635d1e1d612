# deep, short-lived structures
# forbid: compact leak pool gc-pressure release-early
def tree(d):
    return None if d == 0 else (tree(d - 1), tree(d - 1))


def depth(t):
    return 0 if t is None else 1 + depth(t[0])


total = 0
for _ in range(30):
    total += depth(tree(13))
print(total)
