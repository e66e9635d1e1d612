import io

out = io.StringIO()
parts = []
for i in range(200000):
    out.write(f"row {i}\n")
    parts.append(f"r{i}")
print(len(out.getvalue()), len(",".join(parts)))
