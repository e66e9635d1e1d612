/* objectgraph.h: takes down objects and references into a snapshot (shared/snapshot.h).
 *
 *   object ── address ──► places ──► number ──► snapshot's objects
 *
 * An object gets its number when it is first met. Then each object's references are told, in the order of the numbers:
 * ms_graph_begin, what it refers to, and the next. How often each one was referred to is counted on the way: an object
 * that has more references than that is held by something that was not seen, in C.
 *
 * References are told in two ways. Who knows what a reference is called says so with it (ms_graph_refer). Else its kind
 * is found out afterwards (ms_graph_call): the object's tp_traverse tells only which objects there are.
 *
 * Makes no object and runs no Python code; the memory that it takes is not hooked. Needs the GIL. If memory runs out,
 * `failed` is set, and nothing more is taken down.
 */
#ifndef MS_OBJECTGRAPH_H
#define MS_OBJECTGRAPH_H

#include "program/objectplaces.h"
#include "program/pycompat.h"
#include "program/types.h"
#include "shared/snapshot.h"

#define MS_FIELDS 1024u /* names of fields that are remembered, by where they stand */

typedef struct ms_known_field {
    const char *text; /* NULL: free */
    uint32_t name;
} ms_known_field;

typedef struct ms_graph {
    ms_snapshot *snapshot;
    ms_segment_header *header; /* hears how much memory it takes */
    ms_types *types;
    ms_places places;  /* numbers of objects by address */
    uint32_t *counted; /* references to each object */
    uint32_t counted_capacity;
    uint32_t objects, names;
    uint64_t references, text_bytes;
    uint64_t first;  /* of the references of the object that is told about */
    uint64_t cursor; /* of these, where the last one was called something */
    PyObject *interned;
    char *buffer; /* MS_NAMES_BYTES, for a text */
    bool values;  /* names of what is a value are told as well */
    bool failed;
    ms_known_field fields[MS_FIELDS];
} ms_graph;

bool ms_graph_open(ms_graph *graph, ms_snapshot *snapshot, ms_types *types, ms_segment_header *header);
void ms_graph_close(ms_graph *graph);

/* Adds a root; its number. Only before there are objects. 0: no room. */
uint32_t ms_graph_add_root(ms_graph *graph, ms_root_kind kind, uint32_t name);
/* The number of an object. 0: no room. */
uint32_t ms_graph_number(ms_graph *graph, PyObject *op);
void ms_graph_mark(ms_graph *graph, PyObject *op, uint32_t flags);

/* Ids of names. 0: none, or no room. */
uint32_t ms_graph_name(ms_graph *graph, const char *bytes, uint32_t count);
uint32_t ms_graph_field(ms_graph *graph, const char *text); /* that stays where it is */
/* Gives an object, a text that names something, its name. all: whatever it says; else only if it is an identifier. */
void ms_graph_name_text(ms_graph *graph, PyObject *text, bool all);

/* What follows are references of the object or root with this number. */
void ms_graph_begin(ms_graph *graph);
void ms_graph_end(ms_graph *graph, uint32_t number);
/* NULL is passed over, here and below. */
void ms_graph_refer(ms_graph *graph, PyObject *op, ms_reference_kind kind, uint32_t what);
/* The same by the name of a field. */
void ms_graph_refer_field(ms_graph *graph, PyObject *op, const char *field);
/* Takes the last references back. */
void ms_graph_forget_last(ms_graph *graph, uint64_t count);
/* Calls one of the references so, if there is one to the object that is not called anything yet. */
void ms_graph_call(ms_graph *graph, PyObject *op, ms_reference_kind kind, uint32_t what);
void ms_graph_call_field(ms_graph *graph, PyObject *op, const char *field);

#endif
