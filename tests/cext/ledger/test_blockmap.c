/* The block map against a plain list of blocks: pools of all classes that are emptied and used for another one, blocks
 * that lie where no pool has any, and memory that runs out at any request. */
#include "ledger/blockmap.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "shared/memory.h"

#define PAGES 9u
#define GRANULES (PAGES * MS_PAGE_GRANULES)
#define BLOCKS 20000u
#define ID_SHIFT 7                                          /* as a row's (blockmap.h) */
#define BASE (UINT64_C(0x7f0000100000) - 4 * MS_POOL_BYTES) /* so that a megabyte ends among the pages */
#define ANY 0u                                              /* in place of a pool's class: blocks of all sizes */

typedef struct plain_block {
    uint64_t address;
    uint32_t span; /* 0: it is not live */
    uint32_t size_class;
    uint32_t words[MS_SLOT_WORDS];
} plain_block;

static plain_block blocks[BLOCKS + 1]; /* from 1 */
static uint32_t owner[GRANULES + 200]; /* whose block covers a granule */
static uint32_t classes[PAGES];        /* of the pools that the pages are */
static uint32_t in_page[PAGES];
static ms_blockmap *map;
static uint32_t refused;

static uint32_t
measure(const void *context, const uint32_t *words)
{
    (void)context;
    uint32_t id = words[0] >> ID_SHIFT;
    return id == 0 || id > BLOCKS ? 0 : blocks[id].span;
}

static void
open_map(void)
{
    map = ms_memory_get(sizeof *map);
    CHECK(map != NULL && ms_blockmap_open(map, measure, NULL) == MS_OK);
    memset(blocks, 0, sizeof blocks);
    memset(owner, 0, sizeof owner);
    memset(in_page, 0, sizeof in_page);
    for (uint32_t page = 0; page < PAGES; page++)
        classes[page] = 1 + page % 32;
}

static void
close_map(void)
{
    ms_blockmap_close(map);
    ms_memory_give(map);
}

static size_t
bytes_of(const plain_block *block)
{
    return (block->span > 32 ? 4 : 2) * sizeof(uint32_t);
}

static void
put(uint32_t id, uint64_t address, uint32_t size_class, bool pooled, uint64_t *random)
{
    plain_block *block = &blocks[id];
    uint32_t first = (uint32_t)((address - BASE) >> 4), span = size_class == 0 ? 1 : size_class;
    for (uint32_t granule = first; granule < first + span; granule++)
        if (owner[granule] != 0)
            return;
    uint32_t *words = ms_blockmap_make(map, address, size_class, pooled);
    if (words == NULL) {
        refused++;
        return;
    }
    CHECK_EQUAL(words[0], 0);
    *block = (plain_block){.address = address, .span = span, .size_class = size_class};
    block->words[0] = id << ID_SHIFT | ms_blockmap_where(address) | (uint32_t)(next_random(random) % 32);
    for (uint32_t i = 1; i < MS_SLOT_WORDS; i++)
        block->words[i] = (uint32_t)next_random(random);
    memcpy(words, block->words, bytes_of(block));
    for (uint32_t granule = first; granule < first + span; granule++)
        owner[granule] = id;
    in_page[first / MS_PAGE_GRANULES]++;
}

static void
take_out(uint32_t id)
{
    plain_block *block = &blocks[id];
    uint32_t *words = ms_blockmap_slot(map, block->address);
    CHECK(words != NULL && memcmp(words, block->words, bytes_of(block)) == 0);
    memset(words, 0, bytes_of(block));
    ms_blockmap_dropped(map, block->address, words);
    uint32_t first = (uint32_t)((block->address - BASE) >> 4);
    for (uint32_t granule = first; granule < first + block->span; granule++)
        owner[granule] = 0;
    in_page[first / MS_PAGE_GRANULES]--;
    block->span = 0;
}

static uint64_t seen_up_to, seen_count, seen_from, seen_to;

static uint32_t
see(void *context, uint64_t address, uint32_t *words)
{
    (void)context;
    uint32_t id = words[0] >> ID_SHIFT;
    CHECK(id != 0 && id <= BLOCKS && blocks[id].span != 0);
    CHECK_EQUAL(address, blocks[id].address);
    CHECK(memcmp(words, blocks[id].words, bytes_of(&blocks[id])) == 0);
    CHECK(address >= seen_up_to && address >= seen_from && address < seen_to);
    seen_up_to = address + 16 * blocks[id].span;
    seen_count++;
    return blocks[id].span;
}

static void
compare(uint64_t from, uint64_t to)
{
    uint64_t count = 0;
    for (uint32_t id = 1; id <= BLOCKS; id++)
        count += blocks[id].span != 0 && blocks[id].address >= from && blocks[id].address < to;
    seen_up_to = seen_count = 0;
    seen_from = from;
    seen_to = to;
    ms_blockmap_each_in(map, from, to, see, NULL);
    CHECK_EQUAL(seen_count, count);
}

/* Nothing is known at an address where no block begins, whatever its slot is also for. Within a long one nobody
 * asks: others of its words may stand there. */
static void
nothing_is_known_between(void)
{
    for (uint32_t granule = 0; granule < GRANULES; granule++) {
        uint64_t address = BASE + granule * UINT64_C(16);
        const plain_block *block = &blocks[owner[granule]];
        if (owner[granule] != 0 && (block->address == address || block->span > 32))
            continue;
        const uint32_t *words = ms_blockmap_slot(map, address);
        CHECK(words == NULL || words[0] == 0);
        words = ms_blockmap_slot(map, address + 8);
        CHECK(words == NULL || words[0] == 0);
    }
}

static void
compare_all(uint64_t *random)
{
    nothing_is_known_between();
    for (uint32_t id = 1; id <= BLOCKS; id++) {
        if (blocks[id].span == 0)
            continue;
        const uint32_t *words = ms_blockmap_slot(map, blocks[id].address);
        CHECK(words != NULL && memcmp(words, blocks[id].words, bytes_of(&blocks[id])) == 0);
    }
    compare(BASE, BASE + GRANULES * UINT64_C(16));
    /* Not from within a block: what its words say there is for nobody. */
    uint64_t granule = next_random(random) % GRANULES;
    while (granule > 0 && owner[granule] != 0 && owner[granule] == owner[granule - 1])
        granule--;
    compare(BASE + 16 * granule, BASE + 16 * (granule + next_random(random) % GRANULES));
    seen_from = seen_up_to = seen_count = 0;
    seen_to = UINT64_MAX;
    ms_blockmap_each(map, see, NULL);
    uint64_t count = 0;
    for (uint32_t page = 0; page < PAGES; page++)
        count += in_page[page];
    CHECK_EQUAL(seen_count, count);
}

/* A block of the pool that a page is, or now and then any. misfits: of a thousand. */
static void
put_somewhere(uint32_t id, uint32_t misfits, uint64_t *random)
{
    uint32_t page = (uint32_t)(next_random(random) % PAGES), size_class = classes[page];
    if (in_page[page] == 0) /* it is another pool from now on */
        size_class = classes[page] = (uint32_t)(next_random(random) % (MS_SPACING_MOST + 1));
    uint32_t granule = 3 + size_class * (uint32_t)(next_random(random) % (size_class == ANY ? 1 : 1021 / size_class));
    bool pooled = size_class != ANY;
    if (size_class == ANY || next_random(random) % 1000 < misfits) {
        granule = (uint32_t)(next_random(random) % MS_PAGE_GRANULES);
        size_class = (uint32_t)(next_random(random) % (next_random(random) % 2 == 0 ? 5 : 150));
        pooled = next_random(random) % 2 == 0;
    }
    put(id, BASE + page * MS_POOL_BYTES + granule * UINT64_C(16), size_class, pooled, random);
}

static void
some_events(uint32_t count, uint32_t misfits, uint64_t *random)
{
    uint32_t emptied = 0; /* a page, from 1 */
    for (uint32_t i = 0; i < count; i++) {
        if (i % 500 == 0)
            emptied = next_random(random) % 3 == 0 ? 1 + (uint32_t)(next_random(random) % PAGES) : 0;
        uint32_t id = 1 + (uint32_t)(next_random(random) % (BLOCKS / 4));
        if (blocks[id].span == 0)
            put_somewhere(id, misfits, random);
        else
            take_out(id);
        if (emptied != 0 && i % 500 == 250)
            for (uint32_t granule = 0; granule < MS_PAGE_GRANULES; granule++) {
                uint32_t whose = owner[(emptied - 1) * MS_PAGE_GRANULES + granule];
                if (whose != 0)
                    take_out(whose);
            }
    }
}

static void
agrees_with_a_list(uint32_t misfits, uint64_t seed)
{
    open_map();
    uint64_t random = seed;
    for (uint32_t round = 0; round < 60; round++) {
        some_events(3000, misfits, &random);
        if (round == 30)
            ms_blockmap_expect(map, BASE, BASE + PAGES * MS_POOL_BYTES);
        compare_all(&random);
    }
    ms_blockmap_restart(map);
    memset(blocks, 0, sizeof blocks);
    memset(owner, 0, sizeof owner);
    memset(in_page, 0, sizeof in_page);
    compare_all(&random);
    some_events(3000, misfits, &random);
    compare_all(&random);
    close_map();
}

/* Each address of each pool has a slot of its own. */
static void
pools_take_a_slot_for_each_block(void)
{
    for (uint32_t size_class = 1; size_class <= MS_SPACING_MOST; size_class++) {
        uint64_t random = size_class;
        open_map();
        uint32_t count = 0;
        for (uint32_t granule = 3; granule + size_class <= MS_PAGE_GRANULES; granule += size_class)
            put(++count, BASE + granule * UINT64_C(16), size_class, true, &random);
        CHECK_EQUAL(in_page[0], count);
        compare_all(&random);
        const ms_blockpage *page = ms_blockmap_recent(map, BASE);
        CHECK_EQUAL(page->spacing, size_class);
        for (uint32_t granule = 0; granule < MS_PAGE_GRANULES; granule++) {
            bool begins = granule % size_class == 3 % size_class;
            CHECK((ms_blockpage_slot(page, BASE + granule * UINT64_C(16)) != NULL) == begins);
            CHECK(ms_blockpage_slot(page, BASE + granule * UINT64_C(16) + 8) == NULL);
        }
        close_map();
    }
}

/* As where a debugging allocator puts its own around each block. */
static void
a_spacing_is_found_that_no_size_class_tells(void)
{
    uint64_t random = 1;
    open_map();
    uint32_t count = 0;
    for (uint32_t granule = 4; granule + 3 <= MS_PAGE_GRANULES; granule += 3)
        put(++count, BASE + granule * UINT64_C(16), 2, true, &random);
    CHECK_EQUAL(in_page[0], count);
    compare_all(&random);
    CHECK_EQUAL(ms_blockmap_recent(map, BASE)->spacing, 3);
    while (count != 0)
        take_out(count--);
    compare_all(&random);
    close_map();
}

/* As malloc lays them, some granules apart: a slot for each window in which no two begin. All pages but the first of
 * such a heap have windows from their first block on, also where a megabyte begins. */
static void
a_heap_of_small_blocks_has_windows(uint32_t least, uint32_t window)
{
    uint64_t random = 1;
    open_map();
    uint32_t count = 0;
    for (uint32_t granule = 1; granule + 12 <= 6 * MS_PAGE_GRANULES; granule += least + count % 3) {
        uint64_t address = BASE + granule * UINT64_C(16);
        put(++count, address, least < 2 ? 1 : 2, false, &random);
        if (granule >= MS_PAGE_GRANULES && in_page[granule / MS_PAGE_GRANULES] == 1)
            CHECK_EQUAL(ms_blockmap_recent(map, address)->spacing, MS_WINDOW_MOST);
    }
    for (uint32_t page = 0; page < 6; page++)
        CHECK_EQUAL(ms_blockmap_recent(map, BASE + page * MS_POOL_BYTES)->spacing, window);
    compare_all(&random);
    for (uint32_t id = 1; id <= count; id += 3)
        take_out(id);
    compare_all(&random);
    for (uint32_t id = 1; id <= count; id++)
        if (blocks[id].span != 0)
            take_out(id);
    compare_all(&random);
    close_map();
}

/* A few blocks that come and go by the hundred, as those of a search do. Long ones have no slots for that. */
static void
a_page_where_many_come_and_go_has_windows(uint32_t span, bool has_them)
{
    uint64_t random = 1;
    open_map();
    for (uint32_t i = 0; i < 300; i++) {
        for (uint32_t id = 1; id <= 3; id++)
            put(id, BASE + (1 + 301 * (id - 1) + i % 100) * UINT64_C(16), span, false, &random);
        compare(BASE, BASE + MS_POOL_BYTES);
        for (uint32_t id = 1; id <= 3; id++)
            take_out(id);
    }
    put(1, BASE + 16, span, false, &random);
    CHECK_EQUAL(ms_blockpage_slot(ms_blockmap_recent(map, BASE), BASE + 16) != NULL, has_them);
    compare_all(&random);
    close_map();
}

/* A block of a heap wherever there is room; most: granules. Its distance to others is least granules. */
static void
put_in_heap(uint32_t id, uint32_t least, uint32_t most, uint64_t *random)
{
    uint32_t page = (uint32_t)(next_random(random) % PAGES);
    uint32_t granule = page * MS_PAGE_GRANULES + (uint32_t)(next_random(random) % (MS_PAGE_GRANULES - 1));
    uint32_t size_class = (uint32_t)(next_random(random) % most);
    uint32_t around = granule + least < GRANULES ? granule + least : GRANULES;
    for (uint32_t at = granule > least ? granule - least + 1 : 0; at < around; at++)
        if (owner[at] != 0 && BASE + at * UINT64_C(16) == blocks[owner[at]].address)
            return;
    bool pooled = next_random(random) % 50 == 0;
    put(id, BASE + granule * UINT64_C(16), size_class, pooled, random);
}

/* Heaps whose blocks are so far from each other at least, and then less: windows become smaller while they are full. */
static void
heaps_agree_with_a_list(uint32_t least, uint32_t most)
{
    open_map();
    uint64_t random = least;
    for (uint32_t round = 0; round < 30; round++) {
        for (uint32_t i = 0; i < 3000; i++) {
            uint32_t id = 1 + (uint32_t)(next_random(&random) % (BLOCKS / 4));
            if (blocks[id].span == 0)
                put_in_heap(id, round < 20 ? least : 1, most, &random);
            else
                take_out(id);
        }
        compare_all(&random);
    }
    close_map();
}

/* The free of a long block goes unseen, and small ones come where its other words are: each is known. */
static void
what_is_left_of_a_long_block_is_no_other(void)
{
    for (uint32_t at = 1; at < 30; at++) {
        uint64_t random = at;
        open_map();
        uint32_t count = 0;
        for (uint32_t granule = 1; granule < MS_PAGE_GRANULES; granule += 4 + count % 3)
            put(++count, BASE + granule * UINT64_C(16), 2, false, &random);
        uint32_t page = 1, first = page * MS_PAGE_GRANULES + 2;
        put(++count, BASE + first * UINT64_C(16), 1, false, &random);
        put(++count, BASE + (first + 8) * UINT64_C(16), 40, false, &random);
        CHECK_EQUAL(ms_blockmap_recent(map, BASE + MS_POOL_BYTES)->spacing, MS_WINDOW_MOST);
        uint64_t long_one = blocks[count].address, address = long_one + at * UINT64_C(16);
        uint32_t other = 5 << ID_SHIFT | (ms_blockmap_where(address) ^ MS_WHERE_MASK);
        ms_blockmap_slot(map, long_one)[2] = ms_blockmap_slot(map, long_one)[3] = other;
        uint32_t *words = ms_blockmap_make(map, address, 1, false);
        CHECK(words != NULL && words[0] == 0);
        words[0] = 77 << ID_SHIFT | ms_blockmap_where(address);
        words[1] = 78;
        CHECK(ms_blockmap_slot(map, address) != NULL && ms_blockmap_slot(map, address)[1] == 78);
        close_map();
    }
}

/* Pages elsewhere take what is left of the memory that the map has. */
static void
exhaust(void)
{
    uint64_t elsewhere = BASE + (UINT64_C(1) << 30);
    for (uint32_t size_class = 1; size_class <= MS_SPACING_MOST; size_class += MS_SPACING_MOST - 1)
        while (ms_blockmap_make(map, elsewhere, size_class, true) != NULL)
            elsewhere += MS_POOL_BYTES;
}

/* Whatever is refused: the block has no words, and all others have theirs. */
static void
survives_without_memory(void)
{
    for (long n = 1; n < 4; n++) {
        uint64_t random = (uint64_t)n;
        open_map();
        if (n == 3) /* pages are full of blocks, and cannot be laid out anew */
            some_events(3000, 50, &random);
        refused = 0;
        ms_memory_fail_from(n == 3 ? 1 : n);
        if (n == 3)
            exhaust();
        some_events(10000, 50, &random);
        ms_memory_fail_from(0);
        CHECK(refused != 0);
        compare_all(&random);
        some_events(3000, 50, &random);
        compare_all(&random);
        close_map();
    }
}

int
main(void)
{
    pools_take_a_slot_for_each_block();
    a_spacing_is_found_that_no_size_class_tells();
    a_heap_of_small_blocks_has_windows(1, 1);
    a_heap_of_small_blocks_has_windows(2, 2);
    a_heap_of_small_blocks_has_windows(5, 4);
    a_heap_of_small_blocks_has_windows(4, 4);
    a_heap_of_small_blocks_has_windows(8, 4);
    a_page_where_many_come_and_go_has_windows(2, true);
    a_page_where_many_come_and_go_has_windows(50, false);
    heaps_agree_with_a_list(1, 3);
    heaps_agree_with_a_list(2, 5);
    heaps_agree_with_a_list(4, 40);
    heaps_agree_with_a_list(7, 20);
    what_is_left_of_a_long_block_is_no_other();
    agrees_with_a_list(0, 1);
    agrees_with_a_list(5, 2);
    agrees_with_a_list(300, 3);
    survives_without_memory();
    return 0;
}
