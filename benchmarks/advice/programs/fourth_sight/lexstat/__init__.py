"""Word statistics over a stream of short documents."""
