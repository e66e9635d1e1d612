#include "supervising/receipts.h"

#include <string.h>

void
ms_receipts_add(ms_receipts *list, const ms_receipt *receipt)
{
    if (list->count == MS_RECEIPTS)
        ms_receipts_remove(list, 0);
    list->at[list->count++] = *receipt;
}

void
ms_receipts_remove(ms_receipts *list, int place)
{
    list->count--;
    memmove(&list->at[place], &list->at[place + 1], (size_t)(list->count - place) * sizeof *list->at);
}
