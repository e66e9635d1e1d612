# needs the whole table: columns are summed after rows
# forbid: chunk release-early leak
def table(n):
    return [[(i * j) % 97 for j in range(n)] for i in range(n)]


t = table(900)
rows = [sum(r) for r in t]
cols = [sum(r[k] for r in t) for k in range(len(t))]
print(sum(rows) == sum(cols))
