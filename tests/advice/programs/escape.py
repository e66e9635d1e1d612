frames = []
for i in range(60):
    f = bytearray(500000)
    f[0] = i
    frames.append(f)
print(sum(f[0] for f in frames))
