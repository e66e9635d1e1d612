import random
from decimal import Decimal
from enum import Enum

from pydantic import BaseModel, Field, TypeAdapter, ValidationError


class Cover(str, Enum):
    glass = "glass"
    theft = "theft"
    liability = "liability"


class Position(BaseModel):
    code: str = Field(pattern=r"^[A-Z]{2}\d{3}$")
    cover: Cover
    amount: Decimal = Field(ge=0, decimal_places=2)


class Claim(BaseModel):
    number: int
    holder: str = Field(min_length=3)
    positions: list[Position]


CLAIMS = TypeAdapter(list[Claim])


class Intake:
    def __init__(self):
        self.accepted = 0
        self.rejected = 0
        self.total = Decimal(0)

    def decode(self, payload):
        return CLAIMS.validate_json(payload)

    def receive(self, payload):
        try:
            claims = self.decode(payload)
        except ValidationError as error:
            self.rejected += error.error_count()
            return
        for claim in claims:
            self.accepted += 1
            self.total += sum(p.amount for p in claim.positions)


class Sender:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def position(self):
        rng = self.rng
        code = f"{rng.choice('ABC')}{rng.choice('XYZ')}{rng.randrange(1000):03d}"
        cover = rng.choice(("glass", "theft", "liability"))
        sign = "-" if rng.random() < 0.01 else ""
        return f'{{"code":"{code}","cover":"{cover}","amount":"{sign}{rng.randrange(9000)}.{rng.randrange(100):02d}"}}'

    def payload(self, number):
        positions = ",".join(self.position() for _ in range(self.rng.randint(1, 6)))
        return f'[{{"number":{number},"holder":"Holder {number % 91}","positions":[{positions}]}}]'


def main():
    sender = Sender(5)
    intake = Intake()
    for number in range(3_000):
        intake.receive(sender.payload(number))
    print(intake.accepted, intake.rejected, intake.total)


if __name__ == "__main__":
    main()
