t = 0
for i in range(300000):
    d = {"a": [i], "b": (i, [i])}
    t += len(d)
print(t)
