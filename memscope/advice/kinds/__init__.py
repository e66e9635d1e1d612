"""The kinds of advice: a module each, which declares itself as `KIND`; the registry lists them."""
