/* roots.h: what keeps objects alive and is no object: the interpreter, its threads, their frames. */
#ifndef MS_ROOTS_H
#define MS_ROOTS_H

#include "program/objectgraph.h"

/* Tells a graph that is empty yet of all roots of an interpreter; how many there are. */
uint32_t ms_roots_tell(ms_graph *graph, PyInterpreterState *interp);

#endif
