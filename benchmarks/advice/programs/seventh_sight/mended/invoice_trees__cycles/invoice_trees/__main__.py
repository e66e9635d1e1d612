import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from invoice_trees.builder import InvoiceBuilder
from invoice_trees.service import InvoiceService


def main():
    service = InvoiceService(InvoiceBuilder(random.Random(77)))
    for number in range(14_000):
        service.process(number)
    print(service.totals)


if __name__ == "__main__":
    main()
