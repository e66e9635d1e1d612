/* Every interleaving of a small model: two or three producers, an allocator with one address, and a drain.
 *
 * The rings' own code runs here, with each atomic operation replaced by one that first asks a scheduler who goes
 * next. The scheduler tries every choice, depth first, by running the scenario again from the start; a
 * situation that was met before (same shared memory, and each thread has read the same values so far) is not
 * gone into again. Interleavings are sequentially consistent ones; that the memory orders suffice
 * for the machine to keep to them is what test_ring.c shows under TSan.
 */
#include "shared/platform.h"

#include <string.h>
#include <ucontext.h>

#include "check.h"

static uint64_t model_load(const _Atomic uint64_t *object);
static void model_store(_Atomic uint64_t *object, uint64_t value);
static bool model_exchange(_Atomic uint64_t *object, uint64_t *expected, uint64_t value);

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_compare_exchange_weak_explicit
#define atomic_load_explicit(object, order) model_load(object)
#define atomic_store_explicit(object, value, order) model_store(object, value)
#define atomic_compare_exchange_weak_explicit(object, expected, value, success, failure) \
    model_exchange(object, expected, value)
#define ms_spscring_refresh model_spscring_refresh
#define ms_mpscring_claim model_mpscring_claim
#define ms_mpscring_publish model_mpscring_publish
#define ms_mpscring_is_full model_mpscring_is_full
#define ms_mpscring_peek model_mpscring_peek
#define ms_mpscring_release model_mpscring_release
#include "shared/ring.c"

/* ---- the scheduler --------------------------------------------------------------------------- */

#define THREADS_MAX 4
#define STEPS_MAX 256
#define STACK_BYTES (64 * 1024)
#define SEEN_SLOTS (1u << 20)

typedef struct model_thread {
    ucontext_t context;
    bool finished;
    bool (*may_go_on)(void); /* NULL, or false while it waits */
    uint64_t history;        /* hash of all values read: stands for its local state */
} model_thread;

static model_thread threads[THREADS_MAX];
static char stacks[THREADS_MAX][STACK_BYTES];
static unsigned thread_count, running;
static ucontext_t scheduler;
static unsigned choices[STEPS_MAX], alternatives[STEPS_MAX];
static uint64_t seen[SEEN_SLOTS];
static uint64_t situations, runs;

static uint64_t
mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 29;
}

/* One atomic step ends here: somebody else may run before the next. */
static void
step(void)
{
    swapcontext(&threads[running].context, &scheduler);
}

static void
await(bool (*may_go_on)(void))
{
    threads[running].may_go_on = may_go_on;
    step();
    threads[running].may_go_on = NULL;
}

static void
observe(uint64_t value)
{
    threads[running].history = mix(threads[running].history, value + 1);
}

static uint64_t
model_load(const _Atomic uint64_t *object)
{
    step();
    uint64_t value = *object;
    observe(value);
    return value;
}

static void
model_store(_Atomic uint64_t *object, uint64_t value)
{
    step();
    *object = value;
    observe(0);
}

static bool
model_exchange(_Atomic uint64_t *object, uint64_t *expected, uint64_t value)
{
    step();
    bool equal = *object == *expected;
    if (equal)
        *object = value;
    else
        *expected = *object;
    observe(*expected);
    return equal;
}

/* True the first time. */
static bool
is_new(uint64_t key)
{
    key |= 1;
    for (uint32_t slot = (uint32_t)(key >> 20) & (SEEN_SLOTS - 1);; slot = (slot + 1) & (SEEN_SLOTS - 1)) {
        if (seen[slot] == key)
            return false;
        if (seen[slot] == 0) {
            CHECK(++situations < SEEN_SLOTS / 2);
            seen[slot] = key;
            return true;
        }
    }
}

static uint64_t shared_hash(void);
static void reset_shared(void);

typedef struct scenario {
    const char *name;
    void (*prepare)(void);
    void (*bodies[THREADS_MAX])(void);
    void (*oracle)(void);
} scenario;

static const scenario *current;

static void
enter(void)
{
    current->bodies[running]();
    threads[running].finished = true;
    for (;;)
        step();
}

/* Runs once, taking the first `known` choices from the list; returns how many were made. */
static unsigned
run_once(unsigned known)
{
    reset_shared();
    current->prepare();
    for (unsigned i = 0; i < thread_count; i++) {
        model_thread *thread = &threads[i];
        memset(thread, 0, sizeof *thread);
        getcontext(&thread->context);
        thread->context.uc_stack.ss_sp = stacks[i];
        thread->context.uc_stack.ss_size = STACK_BYTES;
        makecontext(&thread->context, enter, 0);
    }
    for (unsigned made = 0;; made++) {
        unsigned ready[THREADS_MAX], count = 0;
        bool all_finished = true;
        uint64_t key = mix(shared_hash(), (uint64_t)(uintptr_t)current);
        for (unsigned i = 0; i < thread_count; i++) {
            model_thread *thread = &threads[i];
            key = mix(key, thread->history);
            all_finished = all_finished && thread->finished;
            if (!thread->finished && (thread->may_go_on == NULL || thread->may_go_on()))
                ready[count++] = i;
        }
        if (all_finished) {
            current->oracle();
            return made;
        }
        if (count == 0) {
            fprintf(stderr, "%s: every thread waits for another\n", current->name);
            exit(1);
        }
        CHECK(made < STEPS_MAX);
        if (made >= known) {
            if (!is_new(key))
                return made;
            choices[made] = 0;
        }
        alternatives[made] = count;
        running = ready[choices[made]];
        observe(UINT64_C(0x5eed)); /* a step was taken, also where nothing is read */
        swapcontext(&scheduler, &threads[running].context);
    }
}

static void
explore(const scenario *scenario)
{
    current = scenario;
    memset(seen, 0, sizeof seen);
    situations = runs = 0;
    for (thread_count = 0; thread_count < THREADS_MAX && scenario->bodies[thread_count] != NULL;)
        thread_count++;
    unsigned known = 0;
    for (;;) {
        unsigned made = run_once(known);
        runs++;
        while (made > 0 && choices[made - 1] + 1 >= alternatives[made - 1])
            made--;
        if (made == 0)
            break;
        choices[made - 1]++;
        known = made;
    }
    printf("%s: %" PRIu64 " situations, %" PRIu64 " runs\n", scenario->name, situations, runs);
    CHECK(situations > 100);
}

/* ---- the model ------------------------------------------------------------------------------- */

#define FIRST UINT64_C(7) /* positions do not start at 0, as in a ring that has gone round */
#define SLOTS_USED 8u     /* of each ring, in one run */
#define BEFORE_ODD (MS_SPSC_FIRST - 2)
#define ADDRESS UINT64_C(0x1000)
#define ELSEWHERE UINT64_C(0x2000)

static ms_spscring ring;
static ms_mpscring mpsc;
static ms_spscring_writer writer;
static uint64_t mpsc_head_seen; /* main producer only */
static bool address_is_free;    /* the allocator's own knowledge */
static bool address_is_live;    /* what the drain has worked out so far */
static bool handed_over;
static uint64_t spsc_tail, mpsc_tail, mpsc_counts[2], events_expected, events_taken;

static void
reset_shared(void)
{
    ring.head = ring.tail = FIRST;
    ring.doublings = 0;
    mpsc.head = mpsc.tail = mpsc.limit = FIRST;
    memset(&ring.slots[FIRST], 0, SLOTS_USED * sizeof ring.slots[0]);
    memset(&mpsc.slots[FIRST], 0, SLOTS_USED * sizeof mpsc.slots[0]);
    writer = (ms_spscring_writer){
        .ring = &ring, .head = FIRST, .limit = FIRST, .mask = MS_SPSC_FIRST - 1, .halt = UINT64_MAX};
    mpsc_head_seen = FIRST;
    spsc_tail = mpsc_tail = FIRST;
    address_is_free = handed_over = false;
    address_is_live = true;
    events_taken = 0;
    memset(mpsc_counts, 0, sizeof mpsc_counts);
}

static uint64_t
hash_memory(uint64_t hash, const void *memory, size_t count)
{
    const unsigned char *bytes = memory;
    for (size_t i = 0; i < count; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        hash = mix(hash, word);
    }
    return hash;
}

static uint64_t
shared_hash(void)
{
    uint64_t hash = mix(mix(ring.head, ring.tail), mix(mix(mpsc.head, mpsc.limit), mpsc.tail));
    hash = mix(hash, ring.doublings);
    hash = mix(hash, (uint64_t)address_is_free << 2 | (uint64_t)address_is_live << 1 | handed_over);
    hash = hash_memory(hash, &ring.slots[FIRST], SLOTS_USED * sizeof ring.slots[0]);
    hash = hash_memory(hash, &ring.slots[BEFORE_ODD], SLOTS_USED * sizeof ring.slots[0]);
    hash = hash_memory(hash, &ring.slots[0], sizeof ring.slots[0]);
    for (unsigned i = 0; i < SLOTS_USED; i++)
        hash = mix(hash, mpsc.slots[FIRST + i].turn ^ mpsc.slots[FIRST + i].after << 20);
    return hash;
}

static bool
ring_has_room(void)
{
    return writer.head - ring.tail <= writer.mask;
}

static void
push(ms_event event)
{
    while (!ms_spscring_push(&writer, event))
        await(ring_has_room);
}

/* What a thread with the GIL does to tell of a block. */
static void
tell_main(ms_kind kind, uint64_t address)
{
    uint64_t mpsc_head = atomic_load_explicit(&mpsc.head, memory_order_acquire);
    if (mpsc_head != mpsc_head_seen) {
        push(ms_event_make(MS_SYNC, MS_RAW, mpsc_head, 0, 0));
        mpsc_head_seen = mpsc_head;
    }
    push(ms_event_make(kind, MS_OBJ, address, 0, 0));
}

static bool
mpsc_has_room(void)
{
    return mpsc.head - mpsc.tail < MS_MPSC_SLOTS;
}

static void
tell_mpsc(ms_kind kind, uint64_t address, uint32_t who)
{
    uint64_t position, after;
    while (!ms_mpscring_claim(&mpsc, &ring, &position, &after))
        await(mpsc_has_room);
    ms_mpscring_publish(&mpsc, position, after, ms_event_make(kind, MS_RAW, address, 0, who), 0);
}

/* The allocator gives out ADDRESS if it is free, and else another block that nobody looks at. */
static uint64_t
allocator_get(void)
{
    step();
    uint64_t address = address_is_free ? ADDRESS : ELSEWHERE;
    address_is_free = false;
    observe(address);
    return address;
}

static void
allocator_give(void)
{
    step();
    CHECK(!address_is_free);
    address_is_free = true;
}

static void
replay(const ms_event *event)
{
    events_taken++;
    if (ms_event_address(event) != ADDRESS)
        return;
    bool allocation = ms_event_kind(event) == MS_ALLOC;
    if (allocation == address_is_live) {
        fprintf(stderr, "%s: %s\n", current->name, allocation ? "given out again before it was freed" : "freed twice");
        exit(1);
    }
    address_is_live = allocation;
}

static bool
take_mpsc(void)
{
    const ms_mpsc_event *event = ms_mpscring_peek(&mpsc, mpsc_tail);
    if (event == NULL || event->after > spsc_tail)
        return false;
    uint32_t who = event->event.stack;
    CHECK(who < 2);
    mpsc_counts[who]++;
    replay(&event->event);
    ms_mpscring_release(&mpsc, ++mpsc_tail);
    return true;
}

static bool
something_to_take(void)
{
    if (ring.head != spsc_tail) {
        const ms_event *event = ms_spscring_at(&ring, MS_SPSC_FIRST << ring.doublings, spsc_tail);
        bool sync = ms_event_kind(event) == MS_SYNC;
        if (!sync || ms_event_address(event) <= mpsc_tail)
            return true;
    }
    return mpsc.slots[mpsc_tail & (MS_MPSC_SLOTS - 1)].turn == mpsc_tail + 1;
}

/* Takes events in an order that both notes allow, until it has had all of them. */
static void
drain(void)
{
    for (bool looked = false; events_taken < events_expected; looked = true) {
        if (looked) /* the first look comes whenever it likes, the others when there is something new */
            await(something_to_take);
        uint64_t available = ms_spscring_available(&ring);
        uint64_t slots = ms_spscring_slots(&ring);
        while (spsc_tail < available) {
            const ms_event *event = ms_spscring_at(&ring, slots, spsc_tail);
            if (ms_event_kind(event) == MS_SYNC) {
                while (mpsc_tail < ms_event_address(event) && take_mpsc())
                    continue;
                if (mpsc_tail < ms_event_address(event))
                    break;
            } else {
                replay(event);
            }
            spsc_tail++;
        }
        ms_spscring_release(&ring, spsc_tail);
        while (take_mpsc())
            continue;
    }
}

static void
oracle_live(void)
{
    CHECK_EQUAL(events_taken, events_expected);
    CHECK(address_is_live != address_is_free);
}

/* ---- scenarios ------------------------------------------------------------------------------- */

/* A thread without the GIL frees; one with the GIL may be given the same address. */
static void
nogil_frees(void)
{
    tell_mpsc(MS_FREE, ADDRESS, 0);
    allocator_give();
}

static void
gil_gets(void)
{
    tell_main(MS_ALLOC, allocator_get());
}

/* The other way round. */
static void
gil_frees(void)
{
    tell_main(MS_FREE, ADDRESS);
    allocator_give();
}

static void
nogil_gets(void)
{
    tell_mpsc(MS_ALLOC, allocator_get(), 0);
}

/* Both at once: the address goes out and home again. */
static void
nogil_gets_and_frees(void)
{
    uint64_t address = allocator_get();
    tell_mpsc(MS_ALLOC, address, 1);
    if (address == ADDRESS) {
        tell_mpsc(MS_FREE, ADDRESS, 1);
        allocator_give();
    } else {
        tell_mpsc(MS_FREE, ELSEWHERE, 1);
    }
}

static void
gil_frees_and_gets(void)
{
    gil_frees();
    gil_gets();
}

static bool
was_handed_over(void)
{
    return handed_over;
}

/* A block made without the GIL is handed to a thread that has it, which frees it. */
static void
nogil_makes(void)
{
    tell_mpsc(MS_ALLOC, allocator_get(), 0);
    step();
    handed_over = true;
}

static void
gil_frees_what_it_was_handed(void)
{
    await(was_handed_over);
    gil_frees();
}

/* Three events into two free slots. */
static void
gil_fills(void)
{
    tell_main(MS_FREE, ADDRESS);
    tell_main(MS_ALLOC, ADDRESS);
    tell_main(MS_FREE, ADDRESS);
    allocator_give();
}

static void
expect_two(void)
{
    events_expected = 2;
}
static void
expect_three(void)
{
    events_expected = 3;
}
static void
expect_four(void)
{
    events_expected = 4;
}

static void
expect_one_and_a_hand_over(void)
{
    events_expected = 2;
    address_is_free = true;
    address_is_live = false;
}

static void
leave_two_slots(void)
{
    events_expected = 3;
    /* as if the drain were nearly a whole ring behind; what lies between is not looked at */
    ring.doublings = MS_SPSC_MOST_DOUBLINGS;
    ring.head = FIRST + MS_SPSC_MOST - 2;
    writer.mask = MS_SPSC_MOST - 1;
    writer.head = ring.head;
    writer.limit = writer.head;
    static bool filled = false;
    uint64_t end = filled ? FIRST + SLOTS_USED : ring.head;
    for (uint64_t position = FIRST; position < end; position++)
        ring.slots[position & (MS_SPSC_MOST - 1)] = ms_event_make(MS_SYNC, MS_RAW, 0, 0, 0);
    filled = true;
}

/* Two events before an odd round, of a ring that is too small: it grows among the four events. */
static void
begin_before_an_odd_round(void)
{
    events_expected = 4;
    ring.head = ring.tail = spsc_tail = BEFORE_ODD;
    writer.head = writer.limit = BEFORE_ODD;
    writer.is_scarce = true;
    memset(&ring.slots[BEFORE_ODD], 0, SLOTS_USED * sizeof ring.slots[0]);
    memset(&ring.slots[0], 0, sizeof ring.slots[0]);
}

static void
gil_frees_and_gets_twice(void)
{
    gil_frees();
    gil_gets();
    gil_frees();
    gil_gets();
}

static void
oracle_grown(void)
{
    CHECK_EQUAL(ring.doublings, 1);
    oracle_live();
}

int
main(void)
{
    static const scenario scenarios[] = {
        {"freed without the GIL, given with it", expect_two, {nogil_frees, gil_gets, drain}, oracle_live},
        {"freed with the GIL, given without it", expect_two, {gil_frees, nogil_gets, drain}, oracle_live},
        {"handed over", expect_one_and_a_hand_over, {nogil_makes, gil_frees_what_it_was_handed, drain}, oracle_live},
        {"out and home", expect_four, {gil_frees_and_gets, nogil_gets_and_frees, drain}, oracle_live},
        {"two without the GIL", expect_three, {nogil_frees, gil_gets, nogil_gets, drain}, oracle_live},
    };
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        explore(&scenarios[i]);
    static const scenario full = {"full", leave_two_slots, {gil_fills, drain}, oracle_live};
    explore(&full);
    static const scenario grows = {"grows", begin_before_an_odd_round, {gil_frees_and_gets_twice, drain}, oracle_grown};
    explore(&grows);
    return 0;
}
