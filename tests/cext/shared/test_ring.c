/* The rings with real threads: everything arrives once and in order, also when they are full most of the time.
 * Built under TSan as well, which knows whether each read is ordered after its write. */
#include "check.h"
#include "shared/ring.h"

#include <pthread.h>
#include <sched.h>

#define MAIN_EVENTS (3 * MS_SPSC_MOST + 12345)
#define MPSC_THREADS 3u
#define MPSC_EVENTS 40000u

static ms_spscring ring;
static ms_mpscring mpsc;

static void *
produce_main(void *unused)
{
    (void)unused;
    ms_spscring_writer writer;
    ms_spscring_writer_open(&writer, &ring);
    for (uint64_t i = 0; i < MAIN_EVENTS; i++) {
        ms_event event = ms_event_make(MS_ALLOC, MS_OBJ, i << 4, (uint32_t)i, (uint32_t)~i);
        while (!ms_spscring_push(&writer, event)) {
            writer.is_scarce = i > MS_SPSC_MOST; /* it grows while it is read */
            sched_yield();
        }
    }
    return NULL;
}

static void
main_ring_keeps_order(void)
{
    pthread_t producer;
    CHECK(pthread_create(&producer, NULL, produce_main, NULL) == 0);
    uint64_t position = 0;
    while (position < MAIN_EVENTS) {
        uint64_t available = ms_spscring_available(&ring);
        uint64_t slots = ms_spscring_slots(&ring);
        CHECK(available - position <= slots);
        for (; position < available; position++) {
            const ms_event *event = ms_spscring_at(&ring, slots, position);
            CHECK_EQUAL(ms_event_kind(event), MS_ALLOC);
            CHECK_EQUAL(ms_event_domain(event), MS_OBJ);
            CHECK_EQUAL(ms_event_address(event), position << 4);
            CHECK_EQUAL(event->size, (uint32_t)position);
            CHECK_EQUAL(event->stack, (uint32_t)~position);
        }
        ms_spscring_release(&ring, position);
    }
    pthread_join(producer, NULL);
    CHECK_EQUAL(ms_spscring_available(&ring), MAIN_EVENTS);
}

static void *
produce_mpsc(void *argument)
{
    uint32_t who = *(const uint32_t *)argument;
    for (uint32_t i = 0; i < MPSC_EVENTS; i++) {
        uint64_t position, after;
        while (!ms_mpscring_claim(&mpsc, &ring, &position, &after))
            sched_yield();
        ms_event event = ms_event_make(MS_FREE, MS_RAW, (uint64_t)i << 4, who, who);
        ms_mpscring_publish(&mpsc, position, after, event, (uint64_t)i * who);
    }
    return NULL;
}

static void
mpsc_ring_loses_and_doubles_nothing(void)
{
    pthread_t producers[MPSC_THREADS];
    uint32_t who[MPSC_THREADS], seen[MPSC_THREADS] = {0};
    uint64_t pointers[MPSC_THREADS] = {0};
    for (uint32_t i = 0; i < MPSC_THREADS; i++) {
        who[i] = i;
        CHECK(pthread_create(&producers[i], NULL, produce_mpsc, &who[i]) == 0);
    }
    for (uint64_t position = 0; position < MPSC_THREADS * MPSC_EVENTS; position++) {
        const ms_mpsc_event *event;
        while ((event = ms_mpscring_peek(&mpsc, position)) == NULL)
            sched_yield();
        uint32_t from = event->event.size;
        CHECK(from < MPSC_THREADS);
        /* each thread's own events keep their order */
        CHECK_EQUAL(ms_event_address(&event->event), (uint64_t)seen[from] << 4);
        CHECK_EQUAL(event->size_bytes, (uint64_t)seen[from] * from);
        CHECK_EQUAL(event->after, MAIN_EVENTS);
        CHECK(pointers[from] == 0 || pointers[from] == event->thread);
        pointers[from] = event->thread;
        seen[from]++;
        ms_mpscring_release(&mpsc, position + 1);
    }
    for (uint32_t i = 0; i < MPSC_THREADS; i++) {
        pthread_join(producers[i], NULL);
        CHECK_EQUAL(seen[i], MPSC_EVENTS);
    }
    CHECK(ms_mpscring_peek(&mpsc, MPSC_THREADS * MPSC_EVENTS) == NULL);
}

static void
full_means_full(void)
{
    static ms_spscring small;
    ms_spscring_writer writer;
    ms_spscring_writer_open(&writer, &small);
    ms_event event = ms_event_make(MS_FREE, MS_MEM, 16, 0, 0);
    for (uint64_t i = 0; i < MS_SPSC_FIRST; i++)
        CHECK(ms_spscring_push(&writer, event));
    CHECK(!ms_spscring_push(&writer, event));
    CHECK_EQUAL(ms_spscring_available(&small), MS_SPSC_FIRST);
    ms_spscring_release(&small, 1);
    CHECK(ms_spscring_push(&writer, event));
    CHECK(!ms_spscring_push(&writer, event));

    static ms_mpscring little;
    uint64_t position, after;
    for (uint64_t i = 0; i < MS_MPSC_SLOTS; i++) {
        CHECK(ms_mpscring_claim(&little, &small, &position, &after));
        CHECK_EQUAL(position, i);
    }
    CHECK(!ms_mpscring_claim(&little, &small, &position, &after));
    /* claimed, but not published: nothing to see yet */
    CHECK(ms_mpscring_peek(&little, 0) == NULL);
}

/* Writes events up to a position; the reader is so far behind at most. False: full. */
static bool
write_until(ms_spscring_writer *writer, uint64_t position, uint64_t behind)
{
    while (writer->head < position) {
        if (!ms_spscring_push(writer, ms_event_make(MS_FREE, MS_MEM, writer->head << 4, 0, 0)))
            return false;
        uint64_t tail = atomic_load(&writer->ring->tail);
        if (writer->head - tail > behind)
            ms_spscring_release(writer->ring, writer->head);
    }
    return true;
}

/* What has not been read, and what the writer looks back to, is where it is looked for. */
static void
check_last(const ms_spscring_writer *writer)
{
    uint64_t slots = ms_spscring_slots(writer->ring), tail = atomic_load(&writer->ring->tail);
    uint64_t first = writer->head > MS_SPSC_FIRST ? writer->head - MS_SPSC_FIRST : 0;
    for (uint64_t position = tail < first ? tail : first; position < writer->head; position++) {
        CHECK_EQUAL(ms_event_address(ms_spscring_at(writer->ring, slots, position)), position << 4);
        CHECK(ms_spscring_written(writer, position) == ms_spscring_at(writer->ring, slots, position));
    }
}

static void
grows_when_it_is_told_to(void)
{
    static ms_spscring grown;
    ms_spscring_writer writer;
    ms_spscring_writer_open(&writer, &grown);
    /* it stays small, also where nobody reads any more */
    CHECK(write_until(&writer, 6 * MS_SPSC_MOST + MS_SPSC_FIRST + 10, MS_SPSC_FIRST - 1));
    ms_spscring_release(&grown, writer.head);
    uint64_t full = writer.head + MS_SPSC_FIRST;
    CHECK(!write_until(&writer, UINT64_MAX, UINT64_MAX));
    CHECK_EQUAL(writer.head, full);
    CHECK_EQUAL(ms_spscring_slots(&grown), MS_SPSC_FIRST);
    check_last(&writer);
    /* told to, it does behind the next odd round */
    writer.is_scarce = true;
    CHECK(!write_until(&writer, UINT64_MAX, UINT64_MAX));
    ms_spscring_release(&grown, writer.head - 10);
    CHECK(write_until(&writer, 6 * MS_SPSC_MOST + 3 * MS_SPSC_FIRST, MS_SPSC_FIRST - 1));
    CHECK_EQUAL(ms_spscring_slots(&grown), MS_SPSC_FIRST);
    CHECK(write_until(&writer, writer.head + 1, MS_SPSC_FIRST - 1));
    CHECK_EQUAL(ms_spscring_slots(&grown), 2 * MS_SPSC_FIRST);
    check_last(&writer);
    /* and once */
    CHECK(write_until(&writer, 14 * MS_SPSC_MOST, 2 * MS_SPSC_FIRST - 1));
    CHECK_EQUAL(ms_spscring_slots(&grown), 2 * MS_SPSC_FIRST);
    check_last(&writer);
    /* another writer goes on with as many slots */
    ms_spscring_writer_open(&writer, &grown);
    CHECK(write_until(&writer, 15 * MS_SPSC_MOST, MS_SPSC_FIRST));
    CHECK_EQUAL(ms_spscring_slots(&grown), 2 * MS_SPSC_FIRST);
    check_last(&writer);
    /* up to its most */
    writer.is_scarce = true;
    CHECK(write_until(&writer, 17 * MS_SPSC_MOST, MS_SPSC_FIRST));
    writer.is_scarce = true;
    CHECK(write_until(&writer, 19 * MS_SPSC_MOST, MS_SPSC_FIRST));
    CHECK_EQUAL(ms_spscring_slots(&grown), MS_SPSC_MOST);
    CHECK(!write_until(&writer, UINT64_MAX, UINT64_MAX));
    check_last(&writer);
}

/* What a program writes there that has gone wrong leads nowhere else. */
static void
keeps_within_its_slots(void)
{
    static ms_spscring wild;
    atomic_store(&wild.doublings, UINT64_MAX);
    CHECK_EQUAL(ms_spscring_slots(&wild), MS_SPSC_MOST);
}

/* At a halt nothing is written until it is put further; what must follow each other is not parted by one. */
static void
a_halt_parts_nothing(void)
{
    static ms_spscring empty;
    ms_spscring_writer writer;
    ms_spscring_writer_open(&writer, &empty);
    ms_event event = ms_event_make(MS_ALLOC, MS_OBJ, 16, 1, 1);
    writer.halt = 3;
    ms_spscring_keep_together(&writer, 2);
    CHECK_EQUAL(writer.halt, 3);
    for (int i = 0; i < 2; i++)
        CHECK(ms_spscring_push(&writer, event));
    ms_spscring_keep_together(&writer, 2); /* the second would have been behind the halt */
    for (int i = 0; i < 3; i++)
        CHECK(ms_spscring_push(&writer, event));
    CHECK(!ms_spscring_push(&writer, event));
    CHECK_EQUAL(ms_spscring_available(&empty), 5);
    writer.halt = UINT64_MAX;
    ms_spscring_keep_together(&writer, 2);
    CHECK_EQUAL(writer.halt, UINT64_MAX);
    CHECK(ms_spscring_push(&writer, event));
}

int
main(void)
{
    full_means_full();
    grows_when_it_is_told_to();
    keeps_within_its_slots();
    a_halt_parts_nothing();
    main_ring_keeps_order();
    mpsc_ring_loses_and_doubles_nothing();
    return 0;
}
