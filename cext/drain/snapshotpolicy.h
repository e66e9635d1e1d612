/* snapshotpolicy.h: when the program is wished to take a snapshot of its objects: at new peaks, within a budget, and
 * when somebody asks for one, at once.
 *
 *   live bytes   ╭─ a quarter more than at any snapshot before: a wish
 *           ╭────╯
 *   ────────╯        the program takes it at its next safe moment, or in vain waits for one
 *
 * The budget is a share of the run so far. What a snapshot will take is told from the one before and from how many
 * blocks were live at both. A peak that has no room is remembered: it is made up for as long as as much is live. Near a
 * limit of the program's memory there may be no room for what a snapshot takes: somebody who looks at limits says how
 * much there is. Used by the drain alone, but for what is atomic.
 */
#ifndef MS_SNAPSHOTPOLICY_H
#define MS_SNAPSHOTPOLICY_H

#include "ledger/ledger.h"
#include "shared/snapshot.h"

/* What came of a snapshot that somebody asked for. */
typedef enum ms_asked_state {
    MS_ASKED_NOTHING = 0,
    MS_ASKED_WAITS = 1,
    MS_ASKED_TAKEN = 2,
    MS_ASKED_LEFT_OUT = 3,   /* the capture says why */
    MS_ASKED_UNANSWERED = 4, /* the program came by no safe moment */
} ms_asked_state;

typedef struct ms_snapshotpolicy {
    const ms_ledger *ledger;
    uint32_t budget_ppm;                 /* of the run's time; 0: no wishes */
    uint64_t most_bytes;                 /* live at a snapshot */
    uint64_t last_pause_ns, last_blocks; /* of the last one; 0: none yet */
    uint64_t pause_ns;                   /* of all at peaks */
    uint64_t wished_ns;                  /* when the wish was made that is not answered yet; 0: none */
    uint32_t made, skipped, unanswered;  /* peaks */
    bool put_off;                        /* there is a peak for which there was no room in the budget */
    bool for_asked;                      /* the wish that is open is of somebody who asked */
    _Atomic uint32_t asked;              /* ms_asked_state */
    _Atomic uint64_t memory_bytes;       /* that one at a peak may take; UINT64_MAX: as much as it needs */
} ms_snapshotpolicy;

void ms_snapshotpolicy_init(ms_snapshotpolicy *policy, const ms_ledger *ledger, uint32_t budget_ppm);
/* Makes a wish if now is a moment for one, or takes back one that was not answered. time_ns: since the start. */
void ms_snapshotpolicy_look(ms_snapshotpolicy *policy, ms_snapshot_header *header, uint64_t time_ns);
/* Somebody asks for one, on any thread. */
void ms_snapshotpolicy_ask(ms_snapshotpolicy *policy);
/* The program has taken one, or could not, and stood still for so long. at_peak: it was wished for that. */
void ms_snapshotpolicy_note(ms_snapshotpolicy *policy, bool at_peak, bool taken, uint64_t pause_ns);
/* No more wishes: one that is open was not answered, a peak that was put off was skipped. */
void ms_snapshotpolicy_end(ms_snapshotpolicy *policy);

#endif
