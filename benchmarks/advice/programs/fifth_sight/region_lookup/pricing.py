import tables

STEPS = ((500, 290), (2000, 449), (5000, 599), (10000, 849), (31500, 1649))


def base_price(grams):
    for limit, cents in STEPS:
        if grams <= limit:
            return cents
    raise ValueError(grams)


def price(parcel):
    cents = base_price(parcel.grams)
    if parcel.express:
        cents = cents * 3 // 2
    if parcel.code is not None:
        region, depot, surcharge, share = tables.area(parcel.code)
        cents += surcharge + int(50 * share)
    return cents
