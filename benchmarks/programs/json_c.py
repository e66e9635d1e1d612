"""Round trip of a nested document through the C encoder and decoder of json."""

from __future__ import annotations

import json
from typing import Any

import stopwatch


def document(records: int) -> dict[str, Any]:
    return {
        "kind": "export",
        "records": [
            {
                "id": index * 1009,
                "name": f"record {index}",
                "tags": [f"tag-{index % 17}", "common", "ünïcode"],
                "price": index * 1.37,
                "active": index % 3 == 0,
                "parent": None if index % 5 else {"id": index // 5, "path": f"/a/{index}/b"},
            }
            for index in range(records)
        ],
    }


def work(scale: int) -> int:
    value = document(2000)
    for _ in range(70 * scale):
        value = json.loads(json.dumps(value, ensure_ascii=False))
    return len(value["records"])


if __name__ == "__main__":
    stopwatch.main(work)
