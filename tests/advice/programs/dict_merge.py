def merge(parts):
    out = {}
    for p in parts:
        out = {**out, **p}  # advise: grow-copy
    return out


print(len(merge({f"k{i}": i} for i in range(2500))))
