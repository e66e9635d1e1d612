import zlib
from dataclasses import dataclass


@dataclass
class Totals:
    invoices: int = 0
    cents: int = 0
    levels: int = 0
    digest: int = 0


class InvoiceService:
    def __init__(self, builder):
        self.builder = builder
        self.totals = Totals()

    def process(self, number):
        invoice = self.builder.build(number)
        totals = self.totals
        for node in invoice.walk():
            if node.tag == "price":
                totals.cents += int(node.text)
            totals.levels += node.depth()
        totals.digest = zlib.crc32(invoice.attachment, totals.digest)
        totals.invoices += 1
