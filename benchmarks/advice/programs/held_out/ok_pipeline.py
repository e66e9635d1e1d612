# generators all the way
# forbid: chunk grow-copy leak pool compact
def numbers(n):
    for i in range(n):
        yield {"n": i, "square": i * i}


def odd(rows):
    return (r for r in rows if r["n"] % 2)


print(sum(r["square"] for r in odd(numbers(400_000))))
