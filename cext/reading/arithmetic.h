/* arithmetic.h: a column made of others, value by value.
 *
 * All answer false where columns do not go together: lengths that differ, or an index beyond the end.
 */
#ifndef MS_ARITHMETIC_H
#define MS_ARITHMETIC_H

#include "reading/values.h"

/* Copies a column into a wider one, from the place on. */
bool ms_copy(const ms_numbers *out, size_t place, const ms_numbers *numbers);
/* Puts pairs of index (u32) and value (u64), little-endian, into a column; false if they do not rise or do not fit. */
bool ms_put_exceptions(const ms_numbers *out, const uint8_t *pairs, size_t count);
uint64_t ms_largest_exception(const uint8_t *pairs, size_t count);
/* The signed values of a zigzag-encoded column: 0, 1, 2, 3 are 0, -1, 1, -2. */
bool ms_unzigzag(const ms_numbers *out, const ms_numbers *numbers);
/* Each value plus all before it, and plus start. */
bool ms_accumulate(const ms_numbers *out, const ms_numbers *gaps, int64_t start);
/* Values divided by a power of two. */
bool ms_scale(const ms_numbers *out, const ms_numbers *numbers, double divisor);
/* a - b + c - d. */
bool ms_balance(const ms_numbers *out, const ms_numbers *a, const ms_numbers *b, const ms_numbers *c,
                const ms_numbers *d);
/* The values of one column where a flag is set, and of the other elsewhere. */
bool ms_choose(const ms_numbers *out, const ms_numbers *flags, const ms_numbers *yes, const ms_numbers *no);
/* The values of a table at each index; at -1 it is -1. */
bool ms_gather(const ms_numbers *out, const ms_numbers *table, const ms_numbers *index);
/* Puts values at the places of an index. */
bool ms_scatter(const ms_numbers *out, const ms_numbers *index, const ms_numbers *numbers);
/* Sets the flags of the values that are at least so much; the others stay as they are. */
bool ms_mark_at_least(const ms_numbers *flags, const ms_numbers *numbers, double least);
/* Each value with another column's below it: left << bits | right. */
bool ms_pack(const ms_numbers *out, const ms_numbers *left, const ms_numbers *right, unsigned bits);
uint64_t ms_largest(const ms_numbers *numbers);
int64_t ms_total(const ms_numbers *numbers);
double ms_real_total(const ms_numbers *numbers);

#endif
