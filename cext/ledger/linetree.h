/* linetree.h: the calling-context tree by source line, made out of the one by instruction.
 *
 *   segment's nodes          line nodes
 *   main:12 @ 48 ──┐
 *   main:12 @ 96 ──┴──►      main:12
 *
 * The program tells calling contexts apart by instruction, because comparing pointers is cheap; people and captures
 * want lines. Merging here, once for each node, leaves a third fewer rows to keep and to write.
 * Used by the drain alone.
 */
#ifndef MS_LINETREE_H
#define MS_LINETREE_H

#include "ledger/linetable.h"
#include "ledger/symbols.h"

/* The code of a node that stands for frames that are left out (folding.h). */
#define MS_CODE_LEFT_OUT UINT32_MAX
/* In the state of such a node and of all below it. */
#define MS_LINE_FOLDED 64u

typedef struct ms_linenode {
    uint32_t parent; /* a line node; 0: none */
    uint32_t code;   /* 0: a thread's root */
    uint32_t line;   /* 0: unknown; at a root the thread id; of a library a function's number (symbols.h) */
    uint32_t state;  /* MS_NODE_* and the thread, as in the segment; MS_LINE_FOLDED */
} ms_linenode;

/* How far a code's location table was read last. Codes that share a place take it from each other. */
typedef struct ms_lineplace {
    uint32_t code; /* 0: none yet */
    ms_linecursor cursor;
} ms_lineplace;

#define MS_LINEPLACES 1024u

typedef struct ms_linetree {
    const ms_segment *segment;
    uint32_t *merged; /* line node of each of the segment's nodes, up to `known`; 0: it is gone (spilling.h) */
    uint32_t known, merged_capacity;
    uint64_t returned;  /* of those that were gone, how many times one was taken in anew */
    ms_linenode *nodes; /* from 1; a parent comes before its children */
    uint32_t count, capacity;
    uint32_t *slots; /* open addressing by content; 0: free */
    uint32_t mask;
    /* Modules and functions run forwards: reading on spares reading their tables from the start for each node. */
    ms_lineplace *places;
    uint32_t *callers; /* nodes of the segment, while stacks become whole again */
    uint32_t callers_capacity;
    ms_symbols *symbols; /* functions of libraries; NULL: none yet */
    bool impatient;      /* what is not filled yet never will be: its program is gone, or stands still in between */
    bool damaged;        /* a node or code was not what the program writes */
} ms_linetree;

ms_status ms_linetree_open(ms_linetree *tree, const ms_segment *segment);
void ms_linetree_close(ms_linetree *tree);

/* Slow half of ms_linetree_of: takes in the segment's nodes up to this one, or one that is gone again. 0: no memory. */
uint32_t ms_linetree_reach(ms_linetree *tree, uint32_t node);

/* The child of a line node; made if it is not there. 0: no memory. */
uint32_t ms_linetree_child(ms_linetree *tree, uint32_t parent, uint32_t code, uint32_t line, uint32_t state);
/* Gives the line nodes new ids (renumber.h). What stays, stays below what stays. */
void ms_linetree_renumber(ms_linetree *tree, const uint32_t *to);
static inline uint64_t
ms_linetree_bytes(const ms_linetree *tree)
{
    return tree->capacity * sizeof *tree->nodes + ((uint64_t)tree->mask + 1) * sizeof *tree->slots +
           tree->merged_capacity * sizeof *tree->merged + ms_symbols_bytes(tree->symbols);
}

/* The line node of a segment's node; 0 of 0. */
MS_INLINE uint32_t
ms_linetree_of(ms_linetree *tree, uint32_t node)
{
    if (MS_LIKELY(node <= tree->known && (tree->merged[node] != 0 || node == 0)))
        return tree->merged[node];
    return ms_linetree_reach(tree, node);
}

#endif
