/* references.h: what an object refers to, and what Python code calls it.
 *
 * Which objects those are, its type says (tp_traverse), as it does to the cyclic collector. Beside them are told: the
 * keys of a dictionary that are texts, and what static classes and code objects refer to, which the collector need not
 * know.
 */
#ifndef MS_REFERENCES_H
#define MS_REFERENCES_H

#include "program/objectgraph.h"

/* Tells the graph, which must be at this object. */
void ms_references_tell(ms_graph *graph, PyObject *op, uint32_t number);
/* Local variables of a frame. told: tp_traverse has told what it refers to, else that is done here; with what the
 * interpreter works with, where it says what there is. */
void ms_references_tell_locals(ms_graph *graph, ms_frame *frame, bool told);

/* The keys of this dictionary, whatever they are, are names of modules. */
void ms_references_name_modules(ms_graph *graph, PyObject *modules);

#endif
