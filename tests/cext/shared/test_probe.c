/* The probing of shared/probe.h against a list that is searched from end to end. */
#include "check.h"
#include "shared/probe.h"

#define KEYS 96u
#define MASK_MOST 255u

typedef struct {
    uint32_t key; /* 0: free */
    uint32_t value;
} entry;

typedef struct {
    entry slots[MASK_MOST + 1];
    uint32_t mask, used;
} table;

/* The model: a value for each key, 0 for those that are not there. */
static uint32_t values[KEYS + 1];

/* What spreads keys: all over the table, all to its last slot, or by twos to the slots around the end. */
typedef enum { SPREAD, LAST_SLOT, AROUND_THE_END, HASHES } hashing;
static hashing kind;

static uint32_t
hash_of(uint32_t key)
{
    switch (kind) {
    case SPREAD:
        return key * 2654435761u;
    case LAST_SLOT:
        return UINT32_MAX;
    default:
        return UINT32_MAX - 3 + key / 2 % 6;
    }
}

static uint32_t
find(const table *in, uint32_t key)
{
    uint32_t slot;
    MS_PROBE(slot, hash_of(key), in->mask, in->slots[slot].key == 0 || in->slots[slot].key == key);
    return slot;
}

static void
grow(table *in)
{
    static table bigger;
    bigger = (table){.mask = 2 * in->mask + 1, .used = in->used};
    const entry *at;
    MS_PROBE_REHASH(at, in->slots, in->mask, bigger.slots, bigger.mask, at->key == 0, hash_of(at->key));
    *in = bigger;
}

static void
put(table *in, uint32_t key, uint32_t value)
{
    uint32_t slot = find(in, key);
    if (in->slots[slot].key == 0) {
        if (in->used == in->mask)
            grow(in); /* the last free slot stays */
        MS_PROBE(slot, hash_of(key), in->mask, in->slots[slot].key == 0);
        in->used++;
    }
    in->slots[slot] = (entry){.key = key, .value = value};
}

static void
take_out(table *in, uint32_t key)
{
    uint32_t hole = find(in, key);
    if (in->slots[hole].key == 0)
        return;
    const entry *at;
    MS_PROBE_CLOSE_GAP(at, in->slots, hole, in->mask, at->key == 0, hash_of(at->key));
    in->slots[hole] = (entry){0};
    in->used--;
}

static void
compare(const table *in)
{
    uint32_t there = 0, filled = 0;
    for (uint32_t key = 1; key <= KEYS; key++) {
        const entry *at = &in->slots[find(in, key)];
        CHECK_EQUAL(at->key, values[key] == 0 ? 0 : key);
        CHECK_EQUAL(at->value, values[key]);
        there += values[key] != 0;
    }
    for (uint32_t slot = 0; slot <= in->mask; slot++)
        filled += in->slots[slot].key != 0;
    CHECK_EQUAL(filled, there);
    CHECK_EQUAL(in->used, there);
}

/* Grows from eight slots, so full that one is free, and shrinks to nothing, again and again. */
static void
behaves_as_a_list(uint64_t seed)
{
    static table tested;
    tested = (table){.mask = 7};
    for (uint32_t key = 0; key <= KEYS; key++)
        values[key] = 0;
    for (uint32_t step = 0; step < 4000; step++) {
        uint64_t dice = next_random(&seed);
        uint32_t key = 1 + (uint32_t)(dice % KEYS), value = 1 + step;
        bool rising = step / 500 % 2 == 0;
        if (dice >> 32 & 3 ? rising : !rising) {
            put(&tested, key, value);
            values[key] = value;
        } else {
            take_out(&tested, key);
            values[key] = 0;
        }
        compare(&tested);
    }
    for (uint32_t key = 1; key <= KEYS; key++) {
        take_out(&tested, key);
        values[key] = 0;
        compare(&tested);
    }
}

/* By hand: three keys of the last slot, of which two lie at the beginning. */
static void
goes_on_at_the_beginning(void)
{
    static table tested;
    tested = (table){.mask = 7};
    kind = LAST_SLOT;
    put(&tested, 1, 11);
    put(&tested, 2, 12);
    put(&tested, 3, 13);
    CHECK_EQUAL(tested.slots[7].key, 1);
    CHECK_EQUAL(tested.slots[0].key, 2);
    CHECK_EQUAL(tested.slots[1].key, 3);
    take_out(&tested, 1);
    CHECK_EQUAL(tested.slots[7].key, 2);
    CHECK_EQUAL(tested.slots[0].key, 3);
    CHECK_EQUAL(tested.slots[1].key, 0);
}

/* An entry in its home stays, though a hole lies before it. */
static void
leaves_what_is_at_home(void)
{
    CHECK(!ms_probe_may_fill(4, 4, 3, 7));
    CHECK(ms_probe_may_fill(3, 4, 3, 7));
    CHECK(ms_probe_may_fill(6, 1, 7, 7));
    CHECK(!ms_probe_may_fill(0, 1, 7, 7));
    CHECK(ms_probe_may_fill(8 + 3, 4, 3, 7)); /* of a hash only the bits of the mask count */
}

static void
is_crowded_at_seven_eighths(void)
{
    CHECK(!ms_probe_is_crowded(55, 63));
    CHECK(ms_probe_is_crowded(56, 63));
    CHECK(ms_probe_is_crowded(63, 63));
}

int
main(void)
{
    goes_on_at_the_beginning();
    leaves_what_is_at_home();
    is_crowded_at_seven_eighths();
    for (kind = SPREAD; kind < HASHES; kind++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            behaves_as_a_list(seed);
    return 0;
}
