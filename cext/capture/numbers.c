#include "capture/numbers.h"

#include <string.h>

#include "ledger/renumber.h"
#include "shared/array.h"

#define NUMBERS_FIRST 4096u

void
ms_numbers_close(ms_numbers *numbers)
{
    ms_memory_give(numbers->of);
    memset(numbers, 0, sizeof *numbers);
}

bool
ms_numbers_extend(ms_numbers *numbers, uint32_t id)
{
    if (numbers->of != NULL && !MS_ARRAY_HOLDS(numbers->of, numbers->capacity, id + UINT64_C(1), NUMBERS_FIRST))
        return false;
    while (numbers->written < id) {
        numbers->written++;
        numbers->last++;
        if (numbers->of != NULL)
            numbers->of[numbers->written] = numbers->last;
    }
    return true;
}

bool
ms_numbers_renumber(ms_numbers *numbers, const uint32_t *to)
{
    uint32_t *of = numbers->of, written = numbers->written;
    if (of == NULL) {
        if (!MS_ARRAY_HOLDS(numbers->of, numbers->capacity, written + UINT64_C(1), NUMBERS_FIRST))
            return false;
        of = numbers->of;
        for (uint32_t id = 1; id <= written; id++)
            of[id] = id;
    }
    numbers->written = 0;
    for (uint32_t id = 1; id <= written; id++) {
        if (ms_renumber_stays(to, id))
            of[++numbers->written] = of[id];
    }
    return true;
}
