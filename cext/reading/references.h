/* references.h: the graph of a snapshot's objects: who keeps what alive, and the way to it.
 *
 *   starts    where the references of each object begin, and behind the last one their number: count + 1 entries
 *   targets   the object that each reference leads to; 0 is the root of all, to which none leads
 *   entries   1: the root of all leads here, which keeps the object alive by itself. 2: only where nothing else does
 *
 * Objects count from 0, the root of all. What answers false found columns that do not go together.
 */
#ifndef MS_REFERENCES_H
#define MS_REFERENCES_H

#include "reading/values.h"

typedef struct ms_object_graph {
    const uint32_t *starts, *targets;
    uint8_t *entries;
    uint32_t count; /* objects, with the root of all */
} ms_object_graph;

/* Checks columns; references that lead to 0 are none. */
bool ms_object_graph_of(ms_object_graph *graph, const ms_numbers *starts, const ms_numbers *targets,
                        const ms_numbers *entries);

/* order: all objects, each after the one that dominates it; dominator: of each in that order, by its place in it. What
 * no entry leads to becomes an entry of 3: garbage. */
bool ms_dominators(const ms_numbers *order, const ms_numbers *dominator, const ms_numbers *starts,
                   const ms_numbers *targets, const ms_numbers *entries, bool *no_memory);

/* For each object the cheapest way from an entry: the reference that leads to it, from 1, and the object that refers;
 * 0: it is an entry, or nothing leads to it. Entries of 1 come first, then those of 2, then those of 3. costs: of each
 * reference, at most 63; 0: it does not count. */
bool ms_routes(const ms_numbers *by, const ms_numbers *from, const ms_numbers *starts, const ms_numbers *targets,
               const ms_numbers *entries, const ms_numbers *costs, bool *no_memory);

#endif
