"""Document tree with parent links, queried many times."""
