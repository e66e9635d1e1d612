"""Rows as dictionaries, with strings of many lengths among the values."""


def load(count):
    rows = []
    for number in range(count):
        rows.append(
            {"id": number, "name": f"user {number}", "score": number / 3}  # advise: compact
        )
    return rows


def best(rows):
    return max(rows, key=lambda row: row["score"])["name"], rows[7]["id"], len(rows)


print(best(load(60_000)))
