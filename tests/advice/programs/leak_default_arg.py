def track(event, seen=[]):
    seen.append(event * 30)  # advise: leak
    return len(seen)


def run(n):
    total = 0
    for i in range(n):
        s = [j for j in range(50)]
        total += track("ev%d" % i) + len(s)
    return total


print(run(60000))
