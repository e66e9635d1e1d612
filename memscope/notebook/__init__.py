"""`%load_ext memscope`: cells and lines of a notebook that say what memory they took."""
