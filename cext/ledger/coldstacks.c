#include "ledger/coldstacks.h"

#include <string.h>

#include "shared/memory.h"

#define SHARE_ONE 268435456.0 /* the whole of one of the four shares */
#define MOST_BITS 32u

static bool
is_gap(const ms_linetree *lines, uint32_t id)
{
    return lines->nodes[id].code == MS_CODE_LEFT_OUT;
}

/* ---- weights --------------------------------------------------------------------------------- */

typedef struct {
    double live_bytes, peak_bytes, allocated_bytes, allocations;
} amounts;

static amounts
amounts_of(const ms_ledger *ledger, uint32_t id)
{
    const ms_row *row = &ledger->table.rows[id];
    bool as_at_peak = ledger->at_peak || row->seen < ledger->peak_left;
    return (amounts){.live_bytes = (double)ms_row_live_bytes(row),
                     .peak_bytes = (double)(as_at_peak ? ms_row_live_bytes(row) : ledger->table.rest[id].peak_bytes),
                     .allocated_bytes = (double)row->allocated_bytes,
                     .allocations = (double)row->allocations};
}

static double
share(double part, double whole)
{
    return whole > 0 ? part / whole * SHARE_ONE : 0;
}

/* Of each node with all below it: its shares of what is live, was at the peak, was allocated, in bytes and in calls. */
static void
weigh(const ms_ledger *ledger, uint32_t *weights)
{
    amounts all = {0};
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        amounts row = amounts_of(ledger, id);
        all.live_bytes += row.live_bytes;
        all.peak_bytes += row.peak_bytes;
        all.allocated_bytes += row.allocated_bytes;
        all.allocations += row.allocations;
    }
    for (uint32_t id = 1; id <= ledger->table.count; id++) {
        amounts row = amounts_of(ledger, id);
        double weight = share(row.live_bytes, all.live_bytes) + share(row.peak_bytes, all.peak_bytes) +
                        share(row.allocated_bytes, all.allocated_bytes) + share(row.allocations, all.allocations);
        weights[ledger->table.rows[id].stack] += (uint32_t)weight;
    }
    for (uint32_t id = ledger->lines.count; id != 0; id--)
        weights[ledger->lines.nodes[id].parent] += weights[id];
}

/* ---- how large is large ---------------------------------------------------------------------- */

typedef struct {
    ms_ledger *ledger;
    const uint32_t *weights;
    uint32_t *tops; /* of each node the nearest that is large: itself or an ancestor */
    uint64_t *seen; /* SEEN_BITS */
} search;

/* Fewer than there are, by how many fall together: 5 % of 100,000. */
#define SEEN_BITS (1u << 20)

/* Whether a node stays where it is: it is a thread's, or under a large one, or what stands for others there. */
static bool
stays(const search *at, uint32_t id)
{
    const ms_linenode *nodes = at->ledger->lines.nodes;
    uint32_t parent = nodes[id].parent;
    if (parent == 0 || at->tops[parent] == parent)
        return true;
    return is_gap(&at->ledger->lines, parent) && nodes[parent].parent == at->tops[parent];
}

static void
find_tops(search *at, uint64_t least)
{
    const ms_linetree *lines = &at->ledger->lines;
    for (uint32_t id = 1; id <= lines->count; id++) {
        uint32_t parent = lines->nodes[id].parent;
        bool large = parent == 0 || (at->weights[id] >= least && !is_gap(lines, id));
        at->tops[id] = large ? id : at->tops[parent];
    }
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* How many rows there would be. */
static uint32_t
count_rows(search *at, uint32_t bits)
{
    const ms_rowtable *table = &at->ledger->table;
    uint32_t count = 0;
    find_tops(at, UINT64_C(1) << bits);
    memset(at->seen, 0, SEEN_BITS / 8);
    for (uint32_t id = 1; id <= table->count; id++) {
        const ms_row *row = &table->rows[id];
        uint64_t hash = mix((uint64_t)row->type << 16 | (uint64_t)row->domain << 8 | row->size_class, 0);
        if (row->stack == 0 || stays(at, row->stack)) {
            hash = mix(hash, row->stack);
        } else {
            const ms_linenode *node = &at->ledger->lines.nodes[row->stack];
            hash = mix(mix(hash, (uint64_t)node->code << 32 | node->line), at->tops[row->stack]);
        }
        uint64_t *word = &at->seen[hash % SEEN_BITS / 64], bit = UINT64_C(1) << hash % 64;
        count += (*word & bit) == 0;
        *word |= bit;
    }
    return count;
}

/* The least that leaves no more than so many rows; MOST_BITS if none does. Mostly it is near that of the last time. */
static uint32_t
least_bits(search *at, uint32_t rows, uint32_t bits)
{
    if (count_rows(at, bits) > rows) {
        do
            bits++;
        while (bits < MOST_BITS && count_rows(at, bits) > rows);
        return bits;
    }
    while (bits > 0 && count_rows(at, bits - 1) <= rows)
        bits--;
    return bits;
}

/* Leaves each node's top in tops. */
static void
choose(search *at)
{
    ms_ledger *ledger = at->ledger;
    uint32_t half = ledger->table.count / 2, bits = least_bits(at, half, ledger->fold_bits);
    if (bits == MOST_BITS) {
        /* Where half is too few to reach, more would be lost for little. */
        uint32_t fewest = count_rows(at, MOST_BITS);
        bits = least_bits(at, fewest > half ? fewest + fewest / 4 : half, bits);
    }
    ledger->fold_bits = bits;
    find_tops(at, UINT64_C(1) << bits);
}

/* ---- stacks ---------------------------------------------------------------------------------- */

/* The node that stands for one whose nearest large ancestor is `top`. 0: no memory. */
static uint32_t
stand_in(ms_linetree *lines, uint32_t top, uint32_t id)
{
    ms_linenode node = lines->nodes[id];
    uint32_t gap = ms_linetree_child(lines, top, MS_CODE_LEFT_OUT, 0, lines->nodes[top].state | MS_LINE_FOLDED);
    if (gap == 0 || node.code == MS_CODE_LEFT_OUT)
        return gap;
    return ms_linetree_child(lines, gap, node.code, node.line, node.state | MS_LINE_FOLDED);
}

/* What is left out while modules are imported has no rows; it must not be mixed with what has. */
static bool
is_left_out(const ms_ledger *ledger, uint32_t id)
{
    return !ledger->keep_imports && (ledger->lines.nodes[id].state & MS_NODE_IMPORT) != 0;
}

static bool
find_all(const search *at, uint32_t *to)
{
    ms_linetree *lines = &at->ledger->lines;
    for (uint32_t id = 1, count = lines->count; id <= count; id++) {
        uint32_t parent = lines->nodes[id].parent;
        to[id] = id;
        if (is_left_out(at->ledger, id) && is_left_out(at->ledger, parent))
            to[id] = to[parent];
        else if (!stays(at, id))
            to[id] = stand_in(lines, at->tops[id], id);
        if (to[id] == 0)
            return false;
    }
    return true;
}

bool
ms_coldstacks_find(ms_ledger *ledger, uint32_t *to)
{
    size_t stacks = (size_t)ledger->lines.count + 1;
    uint32_t *weights = ms_memory_get(stacks * sizeof *weights), *tops = ms_memory_get(stacks * sizeof *tops);
    uint64_t *seen = ms_memory_get(SEEN_BITS / 8);
    search at = {.ledger = ledger, .weights = weights, .tops = tops, .seen = seen};
    bool found = weights != NULL && tops != NULL && seen != NULL;
    if (found) {
        weigh(ledger, weights);
        choose(&at);
        found = find_all(&at, to);
    }
    ms_memory_give(weights);
    ms_memory_give(tops);
    ms_memory_give(seen);
    return found;
}
