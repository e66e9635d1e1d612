"""The kinds of advice: one module each, with a function `find`; the registry names them."""
