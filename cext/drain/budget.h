/* budget.h: keeps what recording costs the program below a share of its CPU time.
 *
 *   exact    cost of the last 100 ms or more  > share  ──► asks for sampling
 *   sampled  what exact would have cost, since the last look, < 0.7 share  ──► asks for all again
 *
 * The program times one event in 31 itself, and adds up what all take; waits for a full ring count as well.
 * While it samples, what exact recording would cost is its requests, which samples estimate without bias, at what one
 * took while all were kept. CPU time is the program's process', from the kernel.
 *
 * The program follows at its next request, and tells so in the ring: from that event on blocks are in other rows. A
 * recording that leaves exact again soon waits twice as long before it comes back, up to a minute. Used by the drain
 * alone.
 */
#ifndef MS_BUDGET_H
#define MS_BUDGET_H

#include "ledger/ledger.h"
#include "shared/segment.h"

/* Intervals that are told apart; beyond, the shortest exact one counts as sampled with its neighbours. */
#define MS_SWITCHES_MAX 256u

/* What has been at a look. */
typedef struct ms_budget_look {
    uint64_t time_ns, cpu_ns, cost_ns, requests;
} ms_budget_look;

typedef struct ms_budget {
    ms_segment_header *header;
    uint32_t share_ppm; /* 0: there is no budget */
    int pid;            /* of the program */
    bool is_other;      /* the drain is in another process */
    bool sampling;      /* what the program does, as of the last event taken */
    ms_budget_look first, last;
    double exact_cost_ns, exact_requests;  /* lately, while all were kept: what one takes, its free included */
    uint64_t hold_ns;                      /* before it comes back to exact */
    uint64_t since_ns;                     /* the last switch */
    uint64_t changes;                      /* all switches */
    uint64_t switches_ns[MS_SWITCHES_MAX]; /* since the start: to sampled, to exact, to sampled … */
    uint32_t switch_count;
} ms_budget;

/* share_ppm: 0: none. */
void ms_budget_init(ms_budget *budget, ms_segment_header *header, uint32_t share_ppm, int pid);
/* Called by the drain's thread after each poll. sampling: what the last event said; time_ns: since the start. */
void ms_budget_look_at(ms_budget *budget, const ms_ledger *ledger, bool sampling, uint64_t time_ns);
/* The program's way, as of the last event taken, when nobody looks any more. */
void ms_budget_note(ms_budget *budget, bool sampling, uint64_t time_ns);
/* How long small requests were sampled, up to time_ns. */
uint64_t ms_budget_sampled_ns(const ms_budget *budget, uint64_t time_ns);

#endif
