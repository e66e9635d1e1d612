"""Very many small objects of one shape, and smaller shapes for them."""
