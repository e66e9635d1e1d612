/* patience.h: how long the program waits for a drain that does not move.
 *
 *   full ring ──► wait ──► it moves                                  on
 *                   ├────► two seconds, and its thread works         wait on, for at most a minute
 *                   └────► two seconds, and it does not, or is gone  the program goes on unrecorded
 *
 * Between two batches the drain looks at mappings, closes windows, grows tables. That may take it a tenth of a second
 * of processor time, and on a machine that is as busy as twenty programs for two processors so much is two seconds.
 */
#ifndef MS_PATIENCE_H
#define MS_PATIENCE_H

#include "shared/segment.h"

/* A full ring that nobody empties: after this long the program goes on unrecorded. */
#define MS_PATIENCE_NS UINT64_C(2000000000)
/* And after this long whatever the drain does. */
#define MS_PATIENCE_MOST_NS UINT64_C(60000000000)

typedef struct ms_patience {
    const ms_segment_header *header;
    uint64_t moved_ns, looked_ns;
    uint64_t cpu_ns; /* that its thread had taken at the last look */
    bool was_seen;   /* there was one since it moved */
} ms_patience;

MS_INLINE ms_patience
ms_patience_begin(const ms_segment_header *header, uint64_t now_ns)
{
    return (ms_patience){.header = header, .moved_ns = now_ns, .looked_ns = now_ns};
}

/* It has moved. */
MS_INLINE void
ms_patience_renew(ms_patience *patience, uint64_t now_ns)
{
    *patience = ms_patience_begin(patience->header, now_ns);
}

/* Whether it is no longer to be waited for. */
bool ms_patience_ends(ms_patience *patience, uint64_t now_ns);

#endif
