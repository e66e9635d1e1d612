"""The report: one HTML file with a flame graph, which needs nothing else and calls nobody."""
