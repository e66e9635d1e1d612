/* tree.c: trees by their parents. */
#include "reading/tree.h"

#include "reading/groups.h"

#include <stdlib.h>

bool
ms_parents(const ms_numbers *out, const ms_numbers *gaps, int64_t first)
{
    if (out->count != gaps->count)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        int64_t node = first + (int64_t)i, gap = ms_number_at(gaps, i);
        if (gap == 0 || gap > node)
            return false;
        ms_number_put(out, i, node - gap);
    }
    return true;
}

/* False: the parent of a node does not come before it. The first node has none: 0. */
static inline bool
parent_of(const ms_numbers *parent, size_t node, uint64_t *above)
{
    *above = node > 0 ? (uint64_t)ms_number_at(parent, node) : 0;
    return node == 0 || *above < node;
}

/* What a node gets, by what its parent has got. */
typedef uint32_t handed_down(uint32_t above, size_t node, bool marked);

static uint32_t
nearest(uint32_t above, size_t node, bool marked)
{
    return marked ? (uint32_t)node : above;
}

static uint32_t
depth(uint32_t above, size_t node, bool marked)
{
    (void)node;
    return marked ? above + 1 : 0;
}

static inline bool
hand_down(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *mark, handed_down *of)
{
    if (out->type != MS_U32 || out->count != parent->count || out->count != mark->count)
        return false;
    uint32_t *found = out->data;
    int64_t parents[MS_PART], marks[MS_PART];
    for (size_t begin = 0, count; begin < out->count; begin += count) {
        count = ms_part_from(begin, out->count);
        ms_read_part(parents, parent, begin, count);
        ms_read_part(marks, mark, begin, count);
        for (size_t i = 0; i < count; i++) {
            size_t node = begin + i;
            if (node > 0 && (uint64_t)parents[i] >= node)
                return false;
            found[node] = of(node > 0 ? found[parents[i]] : 0, node, marks[i] != 0);
        }
    }
    return true;
}

bool
ms_nearest(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *mark)
{
    return hand_down(out, parent, mark, nearest);
}

bool
ms_depth(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *mark)
{
    return hand_down(out, parent, mark, depth);
}

/* The way up from a node by its own code: false at its end. Columns that lead anywhere but upwards end it, too. */
static bool
goes_on(const ms_numbers *parent, const ms_numbers *own, uint64_t *node)
{
    uint64_t above = (uint64_t)ms_number_at(parent, *node);
    if (above >= *node)
        return false;
    uint64_t next = (uint64_t)ms_number_at(own, above);
    if (next > above)
        return false;
    *node = next;
    return next != 0;
}

bool
ms_nearest_of(const ms_numbers *out, const ms_numbers *nodes, const ms_numbers *parent, const ms_numbers *own,
              const ms_numbers *keys, int64_t key, bool *no_memory)
{
    size_t count = parent->count;
    if (out->count != nodes->count || own->count != count || keys->count != count)
        return false;
    /* What a node leads to, plus one. Of most lines few pages of it are ever touched. */
    uint32_t *known = calloc(count + 1, sizeof *known);
    *no_memory = known == NULL;
    bool good = known != NULL;
    for (size_t i = 0; good && i < nodes->count; i++) {
        uint64_t node = (uint64_t)ms_number_at(nodes, i);
        uint64_t begin = node < count ? (uint64_t)ms_number_at(own, node) : count;
        good = begin <= node && begin < count;
        if (!good)
            break;
        uint64_t at = begin;
        bool more = at != 0;
        while (more && known[at] == 0 && ms_number_at(keys, at) != key)
            more = goes_on(parent, own, &at);
        uint32_t found = !more ? 1 : known[at] != 0 ? known[at] : (uint32_t)at + 1;
        ms_number_put(out, i, (int64_t)found - 1);
        for (more = (at = begin) != 0; more && known[at] == 0;) {
            known[at] = found;
            more = ms_number_at(keys, at) != key && goes_on(parent, own, &at);
        }
    }
    free(known);
    return good;
}

bool
ms_rise(const ms_numbers *sums, const ms_numbers *parent)
{
    if (sums->count != parent->count)
        return false;
    int64_t parents[MS_PART], *whole = sums->type == MS_I64 ? sums->data : NULL;
    for (size_t end = sums->count, begin; end > 1; end = begin) {
        begin = end > MS_PART ? end - MS_PART : 0;
        ms_read_part(parents, parent, begin, end - begin);
        for (size_t node = end; node-- > begin && node > 0;) {
            uint64_t above = (uint64_t)parents[node - begin];
            if (above >= node)
                return false;
            if (whole != NULL)
                whole[above] = ms_sum_of_two(whole[above], whole[node]);
            else
                ms_number_add(sums, above, sums, node);
        }
    }
    return true;
}

/* A walk down the tree and back. No node has the first for a child or for the next: 0 is none. */
typedef struct descent {
    uint32_t *first_child, *next; /* of each node */
    uint32_t *on_the_way;         /* of each key: how many nodes that have it lead to where we are */
} descent;

static bool
link_children(const descent *way, const ms_numbers *parent, const ms_numbers *key)
{
    for (size_t node = parent->count; node-- > 0;) {
        uint64_t above, own = (uint64_t)ms_number_at(key, node);
        if (!parent_of(parent, node, &above) || own >= parent->count)
            return false;
        if (node == 0)
            break;
        way->next[node] = way->first_child[above];
        way->first_child[above] = (uint32_t)node;
    }
    return true;
}

/* Not recursive: a tree is as deep as the recorded program's recursion went. */
static void
walk_down(const ms_numbers *out, const descent *way, const ms_numbers *parent, const ms_numbers *key)
{
    size_t node = 0;
    for (;;) {
        ms_number_put(out, node, way->on_the_way[ms_number_at(key, node)]++ == 0);
        uint32_t next = way->first_child[node];
        while (next == 0) {
            way->on_the_way[ms_number_at(key, node)]--;
            if (node == 0)
                return;
            next = way->next[node];
            if (next == 0)
                node = (size_t)ms_number_at(parent, node);
        }
        node = next;
    }
}

bool
ms_outermost(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *key, bool *no_memory)
{
    size_t count = out->count;
    if (count != parent->count || count != key->count)
        return false;
    descent way = {calloc(count + 1, 4), calloc(count + 1, 4), calloc(count + 1, 4)};
    *no_memory = way.first_child == NULL || way.next == NULL || way.on_the_way == NULL;
    bool good = !*no_memory && link_children(&way, parent, key);
    if (good && count > 0)
        walk_down(out, &way, parent, key);
    free(way.first_child);
    free(way.next);
    free(way.on_the_way);
    return good;
}

/* Above holds what stands for each node's parent: that is a part of its key. */
static bool
merge_all(const ms_numbers *out, const ms_numbers *parent, ms_group_table *table, uint32_t *above, bool *no_memory)
{
    for (size_t node = 0; node < out->count; node++) {
        uint64_t of;
        if (!parent_of(parent, node, &of))
            return false;
        above[node] = node > 0 ? (uint32_t)ms_number_at(out, of) : 0;
        if (!ms_number_at(table->key[1], node)) {
            ms_number_put(out, node, 0);
            continue;
        }
        uint32_t group = ms_group_of(table, node);
        if (group == UINT32_MAX) {
            *no_memory = true;
            return false;
        }
        ms_number_put(out, node, table->first[group]);
    }
    return true;
}

bool
ms_merge(const ms_numbers *out, const ms_numbers *parent, const ms_numbers *code, const ms_numbers *line,
         uint64_t secret, bool *no_memory)
{
    size_t count = out->count;
    if (count != parent->count || count != code->count || count != line->count)
        return false;
    uint32_t *above = malloc(count * sizeof *above + 1);
    ms_numbers of_parents = {above, count, MS_U32};
    ms_group_table table = {.key = {&of_parents, code, line}};
    *no_memory = !ms_group_table_open(&table, secret) || above == NULL;
    bool done = !*no_memory && merge_all(out, parent, &table, above, no_memory);
    ms_group_table_close(&table);
    free(above);
    return done;
}
