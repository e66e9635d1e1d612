/* Stacks: one id for each, the same id each time; and what happens when there is no room or no memory. */
#include "program/stacktable.h"

#include <string.h>

#include "check.h"
#include "made_segment.h"
#include "shared/memory.h"

#define STACKS 20000u

static ms_segment segment;

static ms_code_text
text(const char *filename, const char *function, int32_t first_line)
{
    return (ms_code_text){
        .filename = filename,
        .function = function,
        .lines = "\x80\x00",
        .filename_bytes = (uint32_t)strlen(filename),
        .function_bytes = (uint32_t)strlen(function),
        .lines_bytes = 2,
        .first_line = first_line,
    };
}

static uint32_t
one_code(void)
{
    ms_code_text code = text("a.py", "f", 1);
    uint32_t id = ms_code_append(&segment, &code);
    CHECK(id != 0);
    return id;
}

static void
each_stack_has_one_id(bool guess)
{
    map_new_segment(&segment);
    ms_stackindex index;
    CHECK(ms_stackindex_open(&index, &segment, 64, guess) == MS_OK);
    uint32_t code = one_code();
    uint32_t root = ms_stack_add_root(&segment, 3);
    static uint32_t ids[STACKS], parents[STACKS], positions[STACKS];
    uint64_t random = 7;
    for (uint32_t i = 0; i < STACKS; i++) {
        parents[i] = i == 0 ? root : ids[next_random(&random) % i];
        positions[i] = i; /* all different, so all are new */
        ids[i] = ms_stack_intern(&index, parents[i], code, positions[i]);
        CHECK(ids[i] > parents[i]); /* a parent comes before its children: no circles */
    }
    CHECK_EQUAL(segment.header->node_count, STACKS + 1);
    for (uint32_t i = 0; i < STACKS; i++) {
        CHECK_EQUAL(ms_stack_intern(&index, parents[i], code, positions[i]), ids[i]);
        const ms_node *node = &segment.nodes[ids[i]];
        CHECK_EQUAL(node->parent, parents[i]);
        CHECK_EQUAL(node->position, positions[i]);
        CHECK_EQUAL(MS_NODE_THREAD(node->state), 3); /* inherited from the root */
    }
    CHECK_EQUAL(segment.header->node_count, STACKS + 1);
    CHECK_EQUAL(segment.header->lost_stacks, 0);
    ms_stackindex_close(&index);
    ms_segment_unmap(&segment);
}

static void
equal_codes_share_an_id(void)
{
    map_new_segment(&segment);
    ms_codeindex index;
    CHECK(ms_codeindex_open(&index, &segment) == MS_OK);
    static uint32_t ids[3000];
    char name[32];
    for (uint32_t i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "function_%u", (unsigned)(i % 1000));
        ms_code_text code = text(i < 1500 ? "a.py" : "b.py", name, (int32_t)i % 1000);
        ids[i] = ms_code_register(&index, &code);
        CHECK(ids[i] != 0);
        CHECK(ms_code_equal(&segment, ids[i], &code));
    }
    CHECK_EQUAL(ids[0], ids[1000]);
    CHECK(ids[0] != ids[2000]); /* the same function of another file */
    CHECK_EQUAL(ids[1999], ids[2999]);
    CHECK_EQUAL(segment.header->code_count, 2000);
    ms_codeindex_close(&index);
    ms_segment_unmap(&segment);
}

static void
imports_are_marked_all_the_way_down(void)
{
    map_new_segment(&segment);
    ms_stackindex stacks;
    ms_codeindex codes;
    CHECK(ms_stackindex_open(&stacks, &segment, 64, true) == MS_OK);
    CHECK(ms_codeindex_open(&codes, &segment) == MS_OK);
    ms_code_text importlib = text("<frozen importlib._bootstrap>", "_load", 1);
    ms_code_text module = text("module.py", "<module>", 1);
    uint32_t root = ms_stack_add_root(&segment, 1);
    uint32_t load = ms_stack_intern(&stacks, root, ms_code_register(&codes, &importlib), 4);
    uint32_t below = ms_stack_intern(&stacks, load, ms_code_register(&codes, &module), 9);
    uint32_t plain = ms_stack_intern(&stacks, root, ms_code_register(&codes, &module), 9);
    CHECK(segment.nodes[below].state & MS_NODE_IMPORT);
    CHECK(!(segment.nodes[plain].state & MS_NODE_IMPORT));
    ms_stackindex_close(&stacks);
    ms_codeindex_close(&codes);
    ms_segment_unmap(&segment);
}

/* What memscope itself runs in a program is told from the program's by its file. */
static void
our_own_code_is_marked(void)
{
    static const struct {
        const char *file;
        uint32_t flag;
    } files[] = {
        {"/site-packages/memscope/recording/_boot.py", MS_NODE_STARTUP},
        {"/site-packages/memscope/recording/wrapping.py", MS_NODE_WRAPPER},
        {"/site-packages/memscope/recording/session.py", MS_NODE_APART},
        {"/site-packages/memscope/recording/__init__.py", MS_NODE_APART},
        {"/site-packages/memscope/__init__.py", MS_NODE_APART},
        {"/site-packages/memscope/process_memory.py", MS_NODE_APART},
        {"/site-packages/memscope/pool.py", 0},
        {"/site-packages/memscope/recording/deeper/session.py", 0},
        {"/app/recording/session.py", 0},
        {"memscope/recording/session.py", 0},
        {"session.py", 0},
        {"", 0},
    };
    const uint32_t all = MS_NODE_STARTUP | MS_NODE_APART | MS_NODE_WRAPPER;
    map_new_segment(&segment);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        ms_code_text code = text(files[i].file, "f", 1);
        uint32_t id = ms_code_append(&segment, &code);
        CHECK(id != 0);
        CHECK_EQUAL(segment.codes[id].flags & all, files[i].flag);
    }
    ms_segment_unmap(&segment);
}

/* Without memory the callers' id is given and counted; what is in stays in. */
static void
without_memory_stacks_are_cut_and_counted(bool guess)
{
    map_new_segment(&segment);
    ms_stackindex index;
    CHECK(ms_stackindex_open(&index, &segment, 64, guess) == MS_OK);
    uint32_t code = one_code();
    uint32_t root = ms_stack_add_root(&segment, 1);
    uint32_t known = ms_stack_intern(&index, root, code, 12345);
    ms_memory_fail_from(1);
    uint32_t cut = 0;
    for (uint32_t i = 0; i < 200; i++)
        cut += ms_stack_intern(&index, root, code, i) == root;
    ms_memory_fail_from(0);
    CHECK(cut > 0);
    CHECK_EQUAL(segment.header->lost_stacks, cut);
    CHECK_EQUAL(ms_stack_intern(&index, root, code, 12345), known);
    CHECK(ms_stack_intern(&index, root, code, 199) != root); /* memory is back */
    ms_stackindex_close(&index);

    ms_memory_fail_from(1);
    CHECK(ms_stackindex_open(&index, &segment, 64, guess) == MS_NO_MEMORY);
    ms_memory_fail_from(0);
    ms_segment_unmap(&segment);
}

static void
a_full_node_table_cuts_stacks_too(bool guess)
{
    map_new_segment(&segment);
    ms_stackindex index;
    CHECK(ms_stackindex_open(&index, &segment, 64, guess) == MS_OK);
    uint32_t code = one_code();
    uint32_t root = ms_stack_add_root(&segment, 1);
    segment.nodes_max = segment.header->node_count + 2;
    uint32_t last = ms_stack_intern(&index, root, code, 1);
    CHECK(last != root);
    CHECK_EQUAL(ms_stack_intern(&index, root, code, 2), root);
    CHECK_EQUAL(ms_stack_intern(&index, root, code, 1), last);
    CHECK_EQUAL(segment.header->lost_stacks, 1);
    CHECK_EQUAL(ms_stack_add_root(&segment, 2), 0);
    ms_stackindex_close(&index);
    ms_segment_unmap(&segment);
}

int
main(void)
{
    for (int guess = 0; guess < 2; guess++) {
        each_stack_has_one_id(guess);
        without_memory_stacks_are_cut_and_counted(guess);
        a_full_node_table_cuts_stacks_too(guess);
    }
    equal_codes_share_an_id();
    our_own_code_is_marked();
    imports_are_marked_all_the_way_down();
    return 0;
}
