"""Merges layered settings (defaults, site, host), many hosts, and reports conflicts."""
import random
from collections import ChainMap
from dataclasses import dataclass

DEFAULTS = {"port": 8080, "log": {"level": "info", "rotate": 7}, "workers": 4, "tls": False}


@dataclass
class Host:
    name: str
    site: str
    settings: dict


def deep_merge(base, extra):
    merged = dict(base)
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = deep_merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def site_layers(rng):
    return {s: {"log": {"level": rng.choice(("info", "warn"))}, "region": s} for s in ("ams", "lis", "osl")}


def host_layer(rng, i):
    layer = {}
    if rng.random() < 0.3:
        layer["port"] = 8000 + i % 90
    if rng.random() < 0.2:
        layer["log"] = {"rotate": rng.randrange(3, 30)}
    if rng.random() < 0.1:
        layer[f"flag-{rng.randrange(30)}"] = True
    return layer


def render(settings, indent=0):
    for key in sorted(settings):
        value = settings[key]
        if isinstance(value, dict):
            yield " " * indent + key + ":"
            yield from render(value, indent + 2)
        else:
            yield " " * indent + f"{key}: {value}"


def main():
    rng = random.Random(13)
    sites = site_layers(rng)
    size = 0
    odd = ChainMap()
    for i in range(160_000):
        host = Host(f"host{i:06d}", rng.choice(sorted(sites)), host_layer(rng, i))
        final = deep_merge(deep_merge(DEFAULTS, sites[host.site]), host.settings)
        text = "\n".join(render(final))
        size += len(text)
        if final["log"]["rotate"] >= 27 and final["port"] == 8011:
            odd[host.name] = final["region"]
    print("rendered", size, "odd", dict(odd.items()))


if __name__ == "__main__":
    main()
