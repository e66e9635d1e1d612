/* tree.h: trees by their parents. A parent comes before its children, so one walk in order has always seen it.
 *
 * Node 0 is its own parent. What answers false found columns that do not go together, or a parent that comes later.
 */
#ifndef MS_TREE_H
#define MS_TREE_H

#include "reading/values.h"

/* Parents from how far before its own node each is; false if one is its own parent or before the first. */
bool ms_parents(const ms_numbers *out, const ms_numbers *gaps, int64_t first);
/* For each node the nearest one, itself or above, that has a mark; 0 if there is none. */
bool ms_nearest(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *mark);
/* For each of some nodes the nearest one, itself or above, that has the key and is of its own code; 0 if there is none.
 * own: for each node the nearest of its own code, itself or above. No more of the tree is walked than leads up from
 * the nodes, and that once. */
bool ms_nearest_of(const ms_numbers *out, const ms_numbers *nodes, const ms_numbers *parent, const ms_numbers *own,
                   const ms_numbers *keys, int64_t key, bool *no_memory);
/* For each node how many in a row have a mark, from itself upwards. */
bool ms_depth(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *mark);
/* Adds each node's sum to that of its parent, last node first: sums over subtrees. */
bool ms_rise(const ms_numbers *sums, const ms_numbers *parent);
/* Flags the nodes above which no other has their key; a key is below the count of nodes. */
bool ms_outermost(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *key, bool *no_memory);
/* For each node the first one that is the same way from the root: the same codes and lines. Nodes without code are 0.
 */
bool ms_merge(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *code, const ms_numbers *line,
              uint64_t secret, bool *no_memory);

#endif
