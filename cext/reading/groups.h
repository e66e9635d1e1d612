/* groups.h: entries that have something in common are one group; groups count from 0.
 *
 * An index of -1 is no group. What answers false found columns that do not go together.
 */
#ifndef MS_GROUPS_H
#define MS_GROUPS_H

#include "reading/values.h"

/* Finds entries by their key, three numbers. Which entries collide depends on a secret, so that no capture can be
 * made to take long. */
typedef struct ms_group_table {
    const ms_numbers *key[3];
    uint64_t *slots; /* hash << 32 | group + 1: keys, which lie anywhere, are looked at where hashes are the same */
    size_t mask;
    uint32_t *first; /* an entry of each group */
    size_t groups, capacity;
    uint64_t secret;
} ms_group_table;

/* False if there is no memory. */
bool ms_group_table_open(ms_group_table *table, uint64_t secret);
void ms_group_table_close(ms_group_table *table);
/* The group of an entry, made if there is none; UINT32_MAX if there is no memory. */
uint32_t ms_group_of(ms_group_table *table, size_t entry);
/* The same for whom has worked out the hash of its key before, and had its slot fetched. */
uint32_t ms_group_of_hash(ms_group_table *table, size_t entry, uint32_t hash);
uint32_t ms_group_hash(const ms_group_table *table, size_t entry);
/* Groups of all entries, from the last one on, each with its first entry; false if there is no memory. */
bool ms_number_groups(const ms_numbers *out, ms_group_table *table);

/* Adds each value to the sum of its group. */
bool ms_sum_by(const ms_numbers *sums, const ms_numbers *index, const ms_numbers *numbers);
/* Takes entries whose value is not below the limit out of their groups. */
bool ms_keep_below(const ms_numbers *index, const ms_numbers *numbers, int64_t limit);
/* The entries of the groups that have a flag, in order; how many there are. Places may be NULL. */
size_t ms_members(uint32_t *places, const ms_numbers *flags, const ms_numbers *index);
/* The entries sorted by their group, each group's in order, and where each group ends. */
bool ms_by_group(const ms_numbers *places, const ms_numbers *ends, const ms_numbers *index);
/* For each group the first entry of its largest value; UINT32_MAX of groups without entries. */
bool ms_heaviest_of(const ms_numbers *out, const ms_numbers *index, const ms_numbers *numbers);
/* The places of the largest values, largest first, of equal ones the first first. `wanted` is at most the count. */
void ms_heaviest(uint32_t *places, size_t wanted, const ms_numbers *numbers);

#endif
