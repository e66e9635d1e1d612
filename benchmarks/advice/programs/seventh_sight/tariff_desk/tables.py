from sqlalchemy import Column, Float, Integer, MetaData, String, Table, create_engine
from sqlalchemy.pool import StaticPool

metadata = MetaData()
tariff = Table(
    "tariff", metadata,
    Column("id", Integer, primary_key=True),
    Column("zone", String(8), index=True),
    Column("floor", Integer),
    Column("rate", Float),
)


def open_engine(rows):
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(tariff.insert(), rows)
    return engine
