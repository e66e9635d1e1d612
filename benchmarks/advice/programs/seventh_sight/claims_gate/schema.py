from pydantic import BaseModel, Field, TypeAdapter


class Line(BaseModel):
    code: str = Field(min_length=4, max_length=8)
    units: int = Field(ge=1)
    cents: int = Field(ge=0)


class Order(BaseModel):
    number: int
    country: str = Field(pattern=r"^[A-Z]{2}$")
    lines: list[Line]


ORDERS = TypeAdapter(list[Order])
