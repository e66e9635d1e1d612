#include "shared/array.h"

MS_COLD void *
ms_array_grow(void *items, uint32_t *capacity, size_t item_bytes, uint64_t needed, uint32_t first)
{
    uint64_t grown = *capacity == 0 ? first : *capacity;
    while (grown < needed)
        grown *= 2;
    if (grown > UINT32_MAX)
        return items;
    void *moved = ms_memory_grow(items, *capacity * item_bytes, (size_t)grown * item_bytes);
    if (moved == NULL)
        return items;
    *capacity = (uint32_t)grown;
    return moved;
}
