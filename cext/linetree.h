/* linetree.h: the stack tree by source line, made out of the one by instruction.
 *
 *   segment's nodes          line nodes
 *   main:12 @ 48 ──┐
 *   main:12 @ 96 ──┴──►      main:12
 *
 * The program tells stacks apart by instruction, because comparing pointers is cheap; people and captures
 * want lines. Merging here, once for each node, leaves a third fewer rows to keep and to write.
 * Used by the drain alone.
 */
#ifndef MS_LINETREE_H
#define MS_LINETREE_H

#include "linetable.h"
#include "segment.h"

typedef struct ms_linenode {
    uint32_t parent; /* a line node; 0: none */
    uint32_t code;   /* 0: a thread's root */
    uint32_t line;   /* 0: unknown; at a root the thread id */
    uint32_t state;  /* MS_NODE_* and the thread, as in the segment */
} ms_linenode;

/* How far a code's location table was read last. Codes that share a place take it from each other. */
typedef struct ms_lineplace {
    uint32_t code; /* 0: none yet */
    ms_linecursor cursor;
} ms_lineplace;

#define MS_LINEPLACES 1024u

typedef struct ms_linetree {
    const ms_segment *segment;
    uint32_t *merged; /* line node of each of the segment's nodes, up to `known` */
    uint32_t known, merged_capacity;
    ms_linenode *nodes; /* from 1; a parent comes before its children */
    uint32_t count, capacity;
    uint32_t *slots; /* open addressing by content; 0: free */
    uint32_t mask;
    /* Modules and functions run forwards: reading on spares reading their tables from the start for each node. */
    ms_lineplace *places;
    bool impatient; /* what is not filled yet never will be: its program is gone, or stands still in between */
    bool damaged;   /* a node or code was not what the program writes */
} ms_linetree;

ms_status ms_linetree_open(ms_linetree *tree, const ms_segment *segment);
void ms_linetree_close(ms_linetree *tree);

/* Slow half of ms_linetree_of: takes in the segment's nodes up to this one. 0: no memory. */
uint32_t ms_linetree_reach(ms_linetree *tree, uint32_t node);

/* The line node of a segment's node; 0 of 0. */
MS_INLINE uint32_t
ms_linetree_of(ms_linetree *tree, uint32_t node)
{
    if (MS_LIKELY(node <= tree->known))
        return tree->merged[node];
    return ms_linetree_reach(tree, node);
}

#endif
