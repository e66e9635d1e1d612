/* Who compiled a file of Python code: by this program's own, which holds a mark, and by files that hold nothing. */
#include "drain/compiledmodules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "damagedfile.h"

/* As in what Cython writes: a text by itself. */
static const char *volatile text_of_cython = "cython_runtime";

static void
put_quoted(ms_buffer *json, const char *name)
{
    ms_buffer_put(json, "\"", 1);
    ms_buffer_put(json, name, strlen(name));
    ms_buffer_put(json, "\"", 1);
}

static void
a_mark_is_found(void)
{
    CHECK(text_of_cython != NULL);
    const char *by = ms_compiled_by(OWN_FILE);
    CHECK(by != NULL);
    CHECK_EQUAL(strcmp(by, "cython"), 0);
}

static void
what_is_no_library_is_compiled_by_nobody(void)
{
    static const char *const paths[] = {"/dev/zero", "/dev/null", "/proc/self/maps", "/", "/nowhere", "relative", ""};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        CHECK(ms_compiled_by(paths[i]) == NULL);
}

static void
modules_are_noted_once(void)
{
    static const char *const paths[] = {"/app/a.cpython-312-x86_64-linux-gnu.so", "/app/lib.cpython-312.so",
                                        "/app/libx.abi3.so", "/app/a.so"};
    static const char *const others[] = {"", "/app/libarrow.so", "/app/libc.so.6", "/app/a.py", "[heap]", ".so"};
    ms_compiledmodules known = {0};
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
            ms_compiledmodules_note(&known, paths[i]);
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            ms_compiledmodules_note(&known, others[i]);
    }
    CHECK_EQUAL(known.count, 4);
    ms_buffer json = {0};
    ms_compiledmodules_describe(&known, put_quoted, &json);
    CHECK_EQUAL(json.used, 2); /* none of them is there */
    ms_buffer_close(&json);
    char path[64];
    for (uint32_t i = 0; i < MS_MODULES_MOST + 10; i++) {
        snprintf(path, sizeof path, "/app/module%u.so", i);
        ms_compiledmodules_note(&known, path);
    }
    CHECK_EQUAL(known.count, MS_MODULES_MOST);
    ms_compiledmodules_close(&known);
    CHECK_EQUAL(known.count, 0);
}

static void
ask_who_compiled(const char *path)
{
    (void)ms_compiled_by(path);
}

int
main(void)
{
    srand(1);
    a_mark_is_found();
    what_is_no_library_is_compiled_by_nobody();
    modules_are_noted_once();
    look_at_damaged_files(ask_who_compiled);
    return 0;
}
