#include "drain/budget.h"

#include <string.h>
#include <unistd.h>

#define LOOK_NS UINT64_C(100000000)
/* Of less a share says little: so much CPU time and so many requests, or so much CPU time alone. */
#define LEAST_CPU_NS UINT64_C(20000000)
#define LEAST_REQUESTS 2000u
#define ENOUGH_CPU_NS UINT64_C(1000000000)
#define REMEMBERED_REQUESTS (1u << 20) /* that tell what one takes; older ones count for half, again and again */
#define HOLD_FIRST_NS UINT64_C(1000000000)
#define HOLD_MOST_NS UINT64_C(60000000000)
#define COMES_BACK 0.7 /* of the share: what is near it would leave again */

void
ms_budget_init(ms_budget *budget, ms_segment_header *header, uint32_t share_ppm, int pid)
{
    *budget = (ms_budget){.header = header,
                          .share_ppm = share_ppm,
                          .pid = pid,
                          .is_other = pid != (int)getpid(),
                          .hold_ns = HOLD_FIRST_NS};
}

static uint64_t
read_clock(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time) != 0)
        return 0;
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

/* The program's own CPU time, without the drain's. 0: not known, or it is over. */
static uint64_t
program_cpu_ns(const ms_budget *budget)
{
    clockid_t clock;
    if (clock_getcpuclockid(budget->pid, &clock) != 0)
        return 0;
    uint64_t cpu_ns = read_clock(clock), ours = budget->is_other ? 0 : read_clock(CLOCK_THREAD_CPUTIME_ID);
    return cpu_ns > ours ? cpu_ns - ours : 0;
}

static ms_budget_look
look_now(const ms_budget *budget, const ms_ledger *ledger, uint64_t time_ns)
{
    const ms_segment_header *header = budget->header;
    return (ms_budget_look){
        .time_ns = time_ns,
        .cpu_ns = program_cpu_ns(budget),
        .cost_ns = atomic_load_explicit(&header->recording_ns, memory_order_relaxed) +
                   atomic_load_explicit(&header->wait_ns, memory_order_relaxed),
        .requests = ms_ledger_requests(ledger),
    };
}

/* ---- what is told ---------------------------------------------------------------------------- */

/* The shortest exact interval that is between two sampled ones is one with them. */
static void
merge_shortest(ms_budget *budget)
{
    uint64_t *switches = budget->switches_ns;
    uint32_t shortest = 1;
    for (uint32_t i = 1; i + 1 < budget->switch_count; i += 2)
        if (switches[i + 1] - switches[i] < switches[shortest + 1] - switches[shortest])
            shortest = i;
    memmove(&switches[shortest], &switches[shortest + 2], (budget->switch_count - shortest - 2) * sizeof *switches);
    budget->switch_count -= 2;
}

void
ms_budget_note(ms_budget *budget, bool sampling, uint64_t time_ns)
{
    if (budget->share_ppm == 0 || sampling == budget->sampling)
        return;
    if (budget->switch_count == MS_SWITCHES_MAX)
        merge_shortest(budget);
    budget->switches_ns[budget->switch_count++] = time_ns;
    budget->changes++;
    /* It has left exact again, after less than ten times as long as it had waited for it. */
    if (sampling && budget->changes > 1)
        budget->hold_ns = time_ns - budget->since_ns < 10 * budget->hold_ns ? budget->hold_ns * 2 : HOLD_FIRST_NS;
    if (budget->hold_ns > HOLD_MOST_NS)
        budget->hold_ns = HOLD_MOST_NS;
    budget->since_ns = time_ns;
    budget->sampling = sampling;
}

uint64_t
ms_budget_sampled_ns(const ms_budget *budget, uint64_t time_ns)
{
    uint64_t sampled_ns = 0;
    for (uint32_t i = 0; i < budget->switch_count; i += 2) {
        uint64_t end_ns = i + 1 < budget->switch_count ? budget->switches_ns[i + 1] : time_ns;
        sampled_ns += end_ns - budget->switches_ns[i];
    }
    return sampled_ns;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static void
look_while_exact(ms_budget *budget, const ms_budget_look *now)
{
    uint64_t cpu_ns = now->cpu_ns - budget->last.cpu_ns, cost_ns = now->cost_ns - budget->last.cost_ns;
    uint64_t requests = now->requests - budget->last.requests;
    double own_ns = cpu_ns > cost_ns ? (double)(cpu_ns - cost_ns) : 0.0;
    budget->exact_cost_ns += (double)cost_ns;
    budget->exact_requests += (double)requests;
    if (budget->exact_requests > REMEMBERED_REQUESTS) {
        budget->exact_cost_ns /= 2;
        budget->exact_requests /= 2;
    }
    if ((double)cost_ns > own_ns * budget->share_ppm / 1e6)
        atomic_store_explicit(&budget->header->sampling_wanted, 1, memory_order_relaxed);
}

static void
look_while_sampled(ms_budget *budget, const ms_budget_look *now)
{
    uint64_t cpu_ns = now->cpu_ns - budget->last.cpu_ns, requests = now->requests - budget->last.requests;
    double request_ns = budget->exact_requests > 0 ? budget->exact_cost_ns / budget->exact_requests : 0;
    double would_cost_ns = (double)requests * request_ns;
    if (would_cost_ns < COMES_BACK * (double)cpu_ns * budget->share_ppm / 1e6)
        atomic_store_explicit(&budget->header->sampling_wanted, 0, memory_order_relaxed);
}

static bool
says_little(const ms_budget *budget, const ms_budget_look *now)
{
    uint64_t cpu_ns = now->cpu_ns - budget->last.cpu_ns;
    return cpu_ns < LEAST_CPU_NS || (cpu_ns < ENOUGH_CPU_NS && now->requests - budget->last.requests < LEAST_REQUESTS);
}

void
ms_budget_look_at(ms_budget *budget, const ms_ledger *ledger, bool sampling, uint64_t time_ns)
{
    if (budget->share_ppm == 0)
        return;
    bool changed = sampling != budget->sampling;
    if (changed)
        ms_budget_note(budget, sampling, time_ns);
    uint64_t least_ns = sampling ? budget->hold_ns : LOOK_NS;
    if (!changed && budget->last.time_ns != 0 && time_ns - budget->last.time_ns < least_ns)
        return;
    ms_budget_look now = look_now(budget, ledger, time_ns);
    if (now.cpu_ns == 0)
        return;
    if (budget->last.time_ns == 0)
        budget->first = now;
    else if (!changed && says_little(budget, &now))
        return; /* it goes on to count */
    else if (!changed && sampling)
        look_while_sampled(budget, &now);
    else if (!changed)
        look_while_exact(budget, &now);
    budget->last = now;
}
