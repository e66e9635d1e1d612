"""Time that the cyclic collector takes: among what is in use, or to free garbage."""
