/* groups.c: entries that have something in common are one group. */
#include "reading/groups.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_AT_FIRST 1024
#define AHEAD 32 /* entries whose slots are fetched at once: of a large table each is a miss */

bool
ms_group_table_open(ms_group_table *table, uint64_t secret)
{
    table->mask = SLOTS_AT_FIRST - 1;
    table->groups = 0;
    table->capacity = SLOTS_AT_FIRST / 2;
    table->secret = secret;
    table->slots = calloc(SLOTS_AT_FIRST, sizeof *table->slots);
    table->first = malloc(table->capacity * sizeof *table->first);
    return table->slots != NULL && table->first != NULL;
}

void
ms_group_table_close(ms_group_table *table)
{
    free(table->slots);
    free(table->first);
}

/* The finaliser of MurmurHash3: each bit of the key changes each bit of the hash in half of all cases. */
static uint64_t
mixed(uint64_t value)
{
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdULL;
    value ^= value >> 33;
    value *= 0xc4ceb9fe1a85ec53ULL;
    return value ^ value >> 33;
}

uint32_t
ms_group_hash(const ms_group_table *table, size_t entry)
{
    uint64_t hash = table->secret;
    for (int i = 0; i < 3 && table->key[i] != NULL; i++)
        hash = mixed(hash ^ (uint64_t)ms_number_at(table->key[i], entry)) + table->secret;
    return (uint32_t)hash;
}

static bool
is_same(const ms_group_table *table, size_t left, size_t right)
{
    for (int i = 0; i < 3 && table->key[i] != NULL; i++) {
        if (ms_number_at(table->key[i], left) != ms_number_at(table->key[i], right))
            return false;
    }
    return true;
}

/* Twice as many slots, of which half are in use at most. */
static bool
grow(ms_group_table *table)
{
    size_t count = 2 * (table->mask + 1);
    uint32_t *first = realloc(table->first, count / 2 * sizeof *first);
    if (first == NULL)
        return false;
    table->first = first;
    uint64_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    /* In their order: places in the larger table rise as those in the smaller one do. */
    for (size_t old = 0; old <= table->mask; old++) {
        if (table->slots[old] == 0)
            continue;
        size_t slot = (table->slots[old] >> 32) & (count - 1);
        while (slots[slot] != 0)
            slot = (slot + 1) & (count - 1);
        slots[slot] = table->slots[old];
    }
    free(table->slots);
    table->slots = slots;
    table->mask = count - 1;
    table->capacity = count / 2;
    return true;
}

uint32_t
ms_group_of_hash(ms_group_table *table, size_t entry, uint32_t hash)
{
    if (table->groups == table->capacity && !grow(table))
        return UINT32_MAX;
    size_t slot = hash & table->mask;
    for (uint64_t held; (held = table->slots[slot]) != 0; slot = (slot + 1) & table->mask) {
        uint32_t group = (uint32_t)held - 1;
        if (held >> 32 == hash && is_same(table, table->first[group], entry))
            return group;
    }
    table->first[table->groups] = (uint32_t)entry;
    table->slots[slot] = (uint64_t)hash << 32 | (uint32_t)(table->groups + 1);
    return (uint32_t)table->groups++;
}

uint32_t
ms_group_of(ms_group_table *table, size_t entry)
{
    return ms_group_of_hash(table, entry, ms_group_hash(table, entry));
}

bool
ms_number_groups(const ms_numbers *out, ms_group_table *table)
{
    uint32_t hashes[AHEAD];
    for (size_t end = out->count, count; end > 0; end -= count) {
        count = end < AHEAD ? end : AHEAD;
        for (size_t i = 0; i < count; i++) {
            hashes[i] = ms_group_hash(table, end - 1 - i);
            __builtin_prefetch(&table->slots[hashes[i] & table->mask]);
        }
        for (size_t i = 0; i < count; i++) {
            size_t entry = end - 1 - i;
            uint32_t group = ms_group_of_hash(table, entry, hashes[i]);
            if (group == UINT32_MAX)
                return false;
            table->first[group] = (uint32_t)entry;
            ms_number_put(out, entry, group);
        }
    }
    return true;
}

bool
ms_sum_by(const ms_numbers *sums, const ms_numbers *index, const ms_numbers *numbers)
{
    if (index->count != numbers->count)
        return false;
    int64_t groups[MS_PART], values[MS_PART];
    for (size_t begin = 0, count; begin < index->count; begin += count) {
        count = ms_part_from(begin, index->count);
        ms_read_part(groups, index, begin, count);
        if (sums->type == MS_I64)
            ms_read_part(values, numbers, begin, count);
        for (size_t i = 0; i < count; i++) {
            if (groups[i] >= (int64_t)sums->count)
                return false;
            if (groups[i] < 0)
                continue;
            if (sums->type == MS_I64) {
                int64_t *sum = (int64_t *)sums->data + groups[i];
                *sum = ms_sum_of_two(*sum, values[i]);
            } else
                ms_number_add(sums, (size_t)groups[i], numbers, begin + i);
        }
    }
    return true;
}

bool
ms_keep_below(const ms_numbers *index, const ms_numbers *numbers, int64_t limit)
{
    if (index->count != numbers->count || index->type != MS_I32)
        return false;
    for (size_t i = 0; i < index->count; i++) {
        if (ms_number_at(numbers, i) >= limit)
            ms_number_put(index, i, -1);
    }
    return true;
}

size_t
ms_members(uint32_t *places, const ms_numbers *flags, const ms_numbers *index)
{
    size_t found = 0;
    int64_t groups[MS_PART];
    const uint8_t *bytes = flags->type == MS_U8 ? flags->data : NULL;
    for (size_t begin = 0, count; begin < index->count; begin += count) {
        count = ms_part_from(begin, index->count);
        ms_read_part(groups, index, begin, count);
        for (size_t i = 0; i < count; i++) {
            uint64_t group = (uint64_t)groups[i];
            if (group >= flags->count || !(bytes != NULL ? bytes[group] : ms_number_at(flags, group)))
                continue;
            if (places != NULL)
                places[found] = (uint32_t)(begin + i);
            found++;
        }
    }
    return found;
}

bool
ms_by_group(const ms_numbers *places, const ms_numbers *ends, const ms_numbers *index)
{
    if (places->count != index->count || places->type != MS_U32 || ends->type != MS_U32)
        return false;
    uint32_t *end = ends->data, sum = 0;
    memset(end, 0, ends->count * sizeof *end);
    for (size_t i = 0; i < index->count; i++) {
        uint64_t group = (uint64_t)ms_number_at(index, i);
        if (group >= ends->count)
            return false;
        end[group]++;
    }
    /* Where each begins; it moves to its end as entries are put down. */
    for (size_t group = 0; group < ends->count; group++) {
        uint32_t count = end[group];
        end[group] = sum;
        sum += count;
    }
    for (size_t i = 0; i < index->count; i++)
        ((uint32_t *)places->data)[end[ms_number_at(index, i)]++] = (uint32_t)i;
    return true;
}

static bool
is_heavier(const ms_numbers *numbers, uint32_t left, uint32_t right)
{
    if (numbers->type == MS_F64) {
        double of_left = ms_real_at(numbers, left), of_right = ms_real_at(numbers, right);
        return of_left > of_right || (of_left == of_right && left < right);
    }
    int64_t of_left = ms_number_at(numbers, left), of_right = ms_number_at(numbers, right);
    return of_left > of_right || (of_left == of_right && left < right);
}

bool
ms_heaviest_of(const ms_numbers *out, const ms_numbers *index, const ms_numbers *numbers)
{
    if (index->count != numbers->count || out->type != MS_U32)
        return false;
    uint32_t *found = out->data;
    for (size_t group = 0; group < out->count; group++)
        found[group] = UINT32_MAX;
    for (size_t i = 0; i < index->count; i++) {
        int64_t group = ms_number_at(index, i);
        if (group >= (int64_t)out->count)
            return false;
        if (group >= 0 && (found[group] == UINT32_MAX || is_heavier(numbers, (uint32_t)i, found[group])))
            found[group] = (uint32_t)i;
    }
    return true;
}

/* A heap whose top is the lightest of its places: moves the one at the top down to where it belongs. */
static void
sink(uint32_t *heap, size_t count, size_t at, const ms_numbers *numbers)
{
    uint32_t place = heap[at];
    for (size_t below; (below = 2 * at + 1) < count; at = below) {
        if (below + 1 < count && is_heavier(numbers, heap[below], heap[below + 1]))
            below++;
        if (!is_heavier(numbers, place, heap[below]))
            break;
        heap[at] = heap[below];
    }
    heap[at] = place;
}

void
ms_heaviest(uint32_t *places, size_t wanted, const ms_numbers *numbers)
{
    if (wanted == 0)
        return;
    for (size_t i = 0; i < wanted; i++)
        places[i] = (uint32_t)i;
    for (size_t i = wanted / 2; i-- > 0;)
        sink(places, wanted, i, numbers);
    for (size_t i = wanted; i < numbers->count; i++) {
        if (is_heavier(numbers, (uint32_t)i, places[0])) {
            places[0] = (uint32_t)i;
            sink(places, wanted, 0, numbers);
        }
    }
    for (size_t left = wanted; left-- > 1;) {
        uint32_t lightest = places[0];
        places[0] = places[left];
        places[left] = lightest;
        sink(places, left, 0, numbers);
    }
}
