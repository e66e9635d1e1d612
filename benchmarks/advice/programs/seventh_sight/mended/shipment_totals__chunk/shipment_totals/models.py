from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Depot(Base):
    __tablename__ = "depot"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    city: Mapped[str] = mapped_column(String(40))


class Shipment(Base):
    __tablename__ = "shipment"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    depot_id: Mapped[int] = mapped_column(ForeignKey("depot.id"))
    consignee: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(60))
    grams: Mapped[int] = mapped_column(Integer)
    cents: Mapped[int] = mapped_column(Integer)
