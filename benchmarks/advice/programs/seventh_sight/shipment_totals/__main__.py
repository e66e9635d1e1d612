import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from shipment_totals.models import Base
from shipment_totals.reports import DepotReport
from shipment_totals.seed import populate


def main():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        populate(session)
        for city, figures in DepotReport(session).run().items():
            print(city, *figures)


if __name__ == "__main__":
    main()
