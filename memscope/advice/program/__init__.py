"""The program as its source says: statements, uses of names, containers, classes, pools."""
