from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    sku: str
    title: str
    unit_cents: int
    weight_g: int


def build_catalog(size=240):
    kinds = ("bolt", "washer", "flange", "bracket", "gasket", "hinge")
    return {
        f"P{n:04d}": Product(f"P{n:04d}", f"{kinds[n % 6]} M{n % 20 + 3}", 35 + n * 7 % 900, 4 + n * 13 % 600)
        for n in range(size)
    }


def price_lines(catalog, wanted):
    lines = []
    for sku, count in wanted:
        product = catalog[sku]
        discount = 0.1 if count >= 50 else 0.0
        lines.append({
            "product": product,
            "count": count,
            "discount": discount,
            "total": int(product.unit_cents * count * (1 - discount)),
        })
    return lines
