/* Functions of libraries: names as people have them, and files that are no libraries, or damaged ones. */
#include "ledger/elfsymbols.h"
#include "ledger/functionnames.h"
#include "ledger/symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "damagedfile.h"

#define ROOM 256u

static void
is_named(const char *symbol, const char *wanted)
{
    char name[4096];
    snprintf(name, sizeof name, "%s", symbol);
    ms_function_name(name, ROOM, true);
    if (strcmp(name, wanted) != 0)
        printf("%s: %s, not %s\n", symbol, name, wanted);
    CHECK_EQUAL(strcmp(name, wanted), 0);
}

/* Some systems have no C++ runtime: then symbols stay what they are. */
static bool
demangles(void)
{
    char name[ROOM] = "_ZN1a1bEv";
    ms_function_name(name, ROOM, true);
    return strcmp(name, "a::b") == 0;
}

static void
names_are_short(void)
{
    is_named("xmlNewNode", "xmlNewNode");
    is_named("memcpy@@GLIBC_2.14", "memcpy");
    is_named("sqlite3_exec.part.0", "sqlite3_exec");
    is_named(".start", ".start");
    is_named("tab\there\xff", "tab?here?");
    is_named("", "");
    if (!demangles())
        return;
    is_named("_ZN5arrow6Buffer4CopyEllPNS_10MemoryPoolE", "arrow::Buffer::Copy");
    is_named("_ZNSt6vectorIiSaIiEE7reserveEm", "std::vector::reserve");
    is_named("_Znwm", "operator new");
    is_named("_Znam", "operator new");
    is_named("_ZNK1aclEi", "a::operator()");
    is_named("_ZN1alsEi", "a::operator<<");
    is_named("_ZN1aptEv", "a::operator->");
    is_named("_ZNK1acviEv", "a::operator int");
    is_named("_Z3sumIiET_S0_S0_", "sum");
    is_named("_ZN12_GLOBAL__N_14makeEv", "(anonymous namespace)::make");
    is_named("_ZN3foo3bar17h0123456789abcdefE", "foo::bar");
    is_named("_ZN5arrow6Buffer4CopyEl.cold", "arrow::Buffer::Copy");
    is_named("_Znonsense", "_Znonsense");
}

/* What Cython and mypyc make of the names of Python functions. */
static void
compiled_python_is_named(void)
{
    is_named("__pyx_pw_3app_1load", "app.load");
    is_named("__pyx_pw_3app_1a_b", "app.a_b");
    is_named("__pyx_pf_5tools_3app_3Box_2fill_it", "tools.app.Box.fill_it");
    is_named("__pyx_pw_3app_3Box_1__init__", "app.Box.__init__");
    is_named("__pyx_gb_3app_3gen_2generator", "app.gen.generator");
    is_named("__pyx_f_3app_fill", "app.fill");
    is_named("__pyx_f_3app_3Box_fill.isra.0", "app.Box.fill");
    is_named("__pyx_pw_3app_1", "app");
    is_named("__pyx_pymod_exec_app", "__pyx_pymod_exec_app");
    is_named("__pyx_f_x", "__pyx_f_x");
    is_named("__pyx_pw_", "__pyx_pw_");
    is_named("__pyx_pw_99999999999999999999_a", "__pyx_pw_99999999999999999999_a");
    is_named("CPyDef_keep", "keep");
    is_named("CPyPy_app___Box_____init__", "app.Box.__init__");
    is_named("CPyDef_app___a___3_b", "app.a___b");
    is_named("CPyDef_", "CPyDef_");
}

static void
long_names_are_cut(void)
{
    char name[4096];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    ms_function_name(name, ROOM, true);
    CHECK_EQUAL(strlen(name), ROOM - 1);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* This program's own file has its symbols. */
static void
functions_are_found(void)
{
    ms_elfsymbols symbols;
    ms_elfsymbols_open(&symbols, OWN_FILE);
    CHECK(symbols.count > 10);
    uint32_t named = 0;
    int file = ms_elfsymbols_file(&symbols, OWN_FILE);
    CHECK(file >= 0);
    for (uint32_t i = 0; i < symbols.count; i++) {
        const ms_function *function = &symbols.functions[i];
        char name[MS_SYMBOL_NAME];
        const ms_function *found = ms_elfsymbols_find(&symbols, function->start + function->size - 1);
        CHECK(found != NULL);
        if (ms_elfsymbols_name(&symbols, file, function, name) != 0 && strcmp(name, "functions_are_found") == 0)
            named++;
    }
    close(file);
    CHECK_EQUAL(named, 1);
    CHECK(ms_elfsymbols_find(&symbols, 0) == NULL);
    CHECK(ms_elfsymbols_find(&symbols, UINT32_MAX) == NULL);
    ms_elfsymbols_close(&symbols);
}

static void
look_at_all(const char *path)
{
    ms_elfsymbols symbols;
    ms_elfsymbols_open(&symbols, path);
    int file = ms_elfsymbols_file(&symbols, path);
    for (uint32_t i = 0; i < symbols.count && i < 200; i++) {
        char name[MS_SYMBOL_NAME];
        (void)ms_elfsymbols_find(&symbols, symbols.functions[i].start);
        if (ms_elfsymbols_name(&symbols, file, &symbols.functions[i], name) != 0)
            ms_function_name(name, ROOM, true);
    }
    if (file >= 0)
        close(file);
    ms_elfsymbols_close(&symbols);
}

static void
what_is_no_library_has_no_functions(void)
{
    static const char *const paths[] = {"/dev/zero", "/dev/null", "/proc/self/maps", "/", "/nowhere", "relative", ""};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        ms_elfsymbols symbols;
        ms_elfsymbols_open(&symbols, paths[i]);
        CHECK_EQUAL(symbols.count, 0);
        ms_elfsymbols_close(&symbols);
    }
}

int
main(void)
{
    srand(1);
    names_are_short();
    compiled_python_is_named();
    long_names_are_cut();
    functions_are_found();
    what_is_no_library_has_no_functions();
    look_at_damaged_files(look_at_all);
    return 0;
}
