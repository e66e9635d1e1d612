/* extract.h: of a ledger, only what its window touched.
 *
 *   rows, stacks, codes of all sections           those of the last one, under numbers of their own
 *   1 2 3 4 5 6 7 8 9 …               ──►     1 2 3
 *
 * In a run of tests what all sections have seen is a hundred times what one of them does: a capture of one that names
 * it all took 3.7 MB in click's suite. Used by the drain alone.
 */
#ifndef MS_EXTRACT_H
#define MS_EXTRACT_H

#include "ledger/ledger.h"

typedef struct ms_extract {
    ms_segment segment; /* the ledger's, with these codes */
    ms_ledger *ledger;  /* the ledger, with these rows, stacks, and what grows */
    uint32_t *ids;      /* of the stacks: the new number; 0: not here */
    uint32_t *code_ids;
    uint32_t *row_ids; /* of the rows, likewise */
} ms_extract;

/* Its peaks must be settled; it must not change until the extract is closed. */
ms_status ms_extract_open(ms_extract *extract, ms_ledger *ledger);
void ms_extract_close(ms_extract *extract);

#endif
