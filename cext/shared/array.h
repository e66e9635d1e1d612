/* array.h: the one way in which arrays grow here, to twice their room as often as it takes, and are searched.
 *
 *   items ──► [a][b][c][d]     ──►  [a][b][c][d][0][0][0][0]       what is new is 0
 *
 * An array is a pointer and a capacity, both fields of whoever has it; all 0, it is empty. If memory runs out, it stays
 * as it is.
 */
#ifndef MS_ARRAY_H
#define MS_ARRAY_H

#include "shared/memory.h"

/* The items, wherever they lie now. Without memory neither they nor the capacity change. Never inlined: what seldom
 * grows would have to save registers for it each time, which was 4 instructions of 20 for each row touched. */
void *ms_array_grow(void *items, uint32_t *capacity, size_t item_bytes, uint64_t needed, uint32_t first);

/* Whether there is room for so many items; makes it if there is not, for `first` at least. Items may lie elsewhere
 * from then on. */
#define MS_ARRAY_HOLDS(items, capacity, needed, first)                                             \
    (MS_LIKELY((needed) <= (capacity)) ||                                                          \
     ((items) = ms_array_grow((items), &(capacity), sizeof *(items), (uint64_t)(needed), (first)), \
      (needed) <= (capacity)))

/* Sets place to the first of a sorted array's items at which an expression about `place` is false, or to their count.
 */
#define MS_ARRAY_SEARCH(place, count, is_before) \
    do {                                         \
        uint32_t low_ = 0, high_ = (count);      \
        while (low_ < high_) {                   \
            (place) = low_ + (high_ - low_) / 2; \
            if (is_before)                       \
                low_ = (place) + 1;              \
            else                                 \
                high_ = (place);                 \
        }                                        \
        (place) = low_;                          \
    } while (0)

#endif
