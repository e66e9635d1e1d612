"""Making one capture of several: those of a program's processes, of a fleet's machines, of runs."""
