#include "drain/snapshotpolicy.h"

#include "ledger/view.h"

#define LEAST_BYTES (UINT64_C(4) << 20) /* a peak below is not worth a pause */
#define OLDER_OBJECTS 50000u            /* of the interpreter and of what it has imported: not recorded */
#define OBJECT_NS 1500u                 /* what one takes, as long as nothing is known */
#define OBJECT_BYTES 80u                /* of file and tables, for one with its references */
#define SPARSE_BYTES \
    256u /* more, where objects are large and few of them lie in a page: an eighth of the heap at most */
#define SPARSE_SHARE 8u
#define PATIENCE_NS UINT64_C(5000000000)

void
ms_snapshotpolicy_init(ms_snapshotpolicy *policy, const ms_ledger *ledger, uint32_t budget_ppm)
{
    *policy = (ms_snapshotpolicy){.ledger = ledger, .budget_ppm = budget_ppm, .memory_bytes = UINT64_MAX};
}

static uint64_t
objects_now(const ms_snapshotpolicy *policy)
{
    return OLDER_OBJECTS + ms_ledger_total(policy->ledger).live_blocks;
}

static uint64_t
expected_ns(const ms_snapshotpolicy *policy)
{
    uint64_t objects = objects_now(policy);
    if (policy->last_blocks == 0)
        return objects * OBJECT_NS;
    return (uint64_t)((double)policy->last_pause_ns / (double)policy->last_blocks * (double)objects);
}

static uint64_t
expected_bytes(const ms_snapshotpolicy *policy)
{
    uint64_t objects = objects_now(policy), sparse = objects * SPARSE_BYTES;
    uint64_t most = ms_ledger_live_bytes(policy->ledger) / SPARSE_SHARE;
    return objects * OBJECT_BYTES + (sparse < most ? sparse : most);
}

static bool
has_room(const ms_snapshotpolicy *policy, uint64_t time_ns)
{
    double room_ns = (double)time_ns * policy->budget_ppm / 1e6;
    return (double)policy->pause_ns + (double)expected_ns(policy) <= room_ns &&
           expected_bytes(policy) <= atomic_load(&policy->memory_bytes);
}

static bool
is_peak(const ms_snapshotpolicy *policy)
{
    uint64_t live = ms_ledger_live_bytes(policy->ledger), least = policy->most_bytes + policy->most_bytes / 4;
    return live > (least > LEAST_BYTES ? least : LEAST_BYTES);
}

static void
answer(ms_snapshotpolicy *policy, ms_asked_state state)
{
    policy->for_asked = false;
    atomic_store(&policy->asked, state);
}

static void
wish(ms_snapshotpolicy *policy, ms_snapshot_header *header)
{
    policy->wished_ns = ms_now_ns();
    atomic_store(&header->wish, MS_WISH_MADE);
}

void
ms_snapshotpolicy_ask(ms_snapshotpolicy *policy)
{
    atomic_store(&policy->asked, MS_ASKED_WAITS);
}

/* The program has not come by a safe moment, or nothing of it runs that would look. */
static void
take_back(ms_snapshotpolicy *policy, ms_snapshot_header *header)
{
    if (ms_now_ns() - policy->wished_ns < PATIENCE_NS)
        return;
    atomic_store(&header->wish, MS_WISH_NONE);
    policy->wished_ns = 0;
    if (policy->for_asked) {
        answer(policy, MS_ASKED_UNANSWERED);
        return;
    }
    policy->most_bytes = ms_ledger_live_bytes(policy->ledger);
    policy->unanswered++;
}

void
ms_snapshotpolicy_look(ms_snapshotpolicy *policy, ms_snapshot_header *header, uint64_t time_ns)
{
    if (ms_snapshot_now(header) != MS_SNAPSHOT_NONE)
        return;
    if (policy->wished_ns != 0) {
        take_back(policy, header);
        return;
    }
    if (atomic_load(&policy->asked) == MS_ASKED_WAITS) {
        policy->for_asked = true;
        wish(policy, header);
        return;
    }
    if (policy->budget_ppm == 0)
        return;
    if (!is_peak(policy)) {
        policy->skipped += policy->put_off ? 1 : 0;
        policy->put_off = false;
        return;
    }
    policy->put_off = !has_room(policy, time_ns);
    if (policy->put_off)
        return;
    wish(policy, header);
}

void
ms_snapshotpolicy_note(ms_snapshotpolicy *policy, bool at_peak, bool taken, uint64_t pause_ns)
{
    uint64_t live = ms_ledger_live_bytes(policy->ledger);
    policy->most_bytes = live > policy->most_bytes ? live : policy->most_bytes;
    if (taken) {
        policy->last_pause_ns = pause_ns;
        policy->last_blocks = objects_now(policy);
    }
    if (!at_peak)
        return;
    policy->wished_ns = 0;
    if (policy->for_asked) {
        answer(policy, taken ? MS_ASKED_TAKEN : MS_ASKED_LEFT_OUT);
        return;
    }
    policy->made += taken ? 1 : 0;
    policy->unanswered += taken ? 0 : 1;
    policy->pause_ns += pause_ns;
}

void
ms_snapshotpolicy_end(ms_snapshotpolicy *policy)
{
    policy->unanswered += policy->wished_ns != 0 && !policy->for_asked ? 1 : 0;
    policy->skipped += policy->put_off ? 1 : 0;
    policy->wished_ns = 0;
    policy->put_off = false;
    policy->budget_ppm = 0;
}
