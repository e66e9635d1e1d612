/* attaching.c: stands in front of the malloc family in a process that runs already, by the tables of imports.
 *
 *   library ──► its table of imports: malloc ──► libc              what the loader has filled in
 *                                        └─────► malloc here       from now on, where it was libc's
 *
 * A library that is loaded later is attached when dlopen() has come back. What is not reached: calls within libc and
 * the loader, calls without a table of imports (statically linked), and addresses that somebody has looked up or copied
 * before. Nothing is taken back: without a listener each call is passed on.
 *
 * Other threads go on meanwhile, and may load libraries. The callback of dl_iterate_phdr() keeps libraries from being
 * closed; and of one that is still being loaded nothing is touched that the loader has yet to write: a place counts
 * where it has libc's address, or that of the library's own stub, and memory that the loader seals in the end counts
 * when it is sealed. So a library that is missed is attached the next time.
 */
#include "native/attaching.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "native/allocators.h"
#include "native/telling.h"

#if MS_HAVE_ATTACHING

#    include <link.h>

#    ifndef MADV_POPULATE_WRITE
#        define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#    endif

/* Our function of a name, and the one before it. */
typedef struct ms_import {
    const char *name;
    uintptr_t ours, before;
} ms_import;

#    define IMPORTS 24u

static struct {
    ms_import imports[IMPORTS];
    uint32_t count;
    void *(*dlopen)(const char *, int);
    uintptr_t page_bytes, recorder;
    _Atomic uint32_t wanted, busy; /* rounds that were asked for; one thread at a time makes them */
    _Atomic bool done;             /* some library calls our malloc */
} attaching;

/* ---- one library ------------------------------------------------------------------------------ */

typedef struct library {
    uintptr_t base;
    const ElfW(Phdr) * parts;
    uint32_t part_count;
    const ElfW(Sym) * symbols;
    const char *names;
    uintptr_t sealed_from, sealed_to; /* what the loader makes read-only in the end, in whole pages */
    bool may_write, unsealed;         /* sealed memory: it is the loader's no more; it may be written now */
    bool attached;                    /* its malloc is ours */
} library;

static bool
is_in_part(const library *at, uintptr_t address, uint32_t flag)
{
    for (uint32_t i = 0; i < at->part_count; i++) {
        const ElfW(Phdr) *part = &at->parts[i];
        if (part->p_type == PT_LOAD && (part->p_flags & flag) != 0 &&
            address - at->base - part->p_vaddr < part->p_memsz)
            return true;
    }
    return false;
}

/* Whether nobody may write there. */
static bool
is_read_only(uintptr_t page)
{
    return madvise((void *)page, attaching.page_bytes, MADV_POPULATE_WRITE) != 0 && errno == EINVAL;
}

/* Whether a place may be written: memory that the loader seals, once it has. */
static bool
open_place(library *at, uintptr_t place)
{
    if (!is_in_part(at, place, PF_W))
        return false;
    if (place - at->sealed_from >= at->sealed_to - at->sealed_from)
        return true;
    if (at->unsealed)
        return true;
    if (!at->may_write)
        return false;
    at->unsealed = mprotect((void *)at->sealed_from, at->sealed_to - at->sealed_from, PROT_READ | PROT_WRITE) == 0;
    at->may_write = at->unsealed;
    return at->unsealed;
}

static const ms_import *
import_of(const char *name)
{
    for (uint32_t i = 0; i < attaching.count; i++) {
        if (strcmp(name, attaching.imports[i].name) == 0)
            return &attaching.imports[i];
    }
    return NULL;
}

static void
take_import(library *at, const ElfW(Rela) * entry)
{
    uint32_t type = (uint32_t)ELF64_R_TYPE(entry->r_info);
    bool call = type == MS_RELOCATES_CALL;
    if (!call && ((type != MS_RELOCATES_IMPORT && type != MS_RELOCATES_ADDRESS) || entry->r_addend != 0))
        return;
    const ElfW(Sym) *symbol = &at->symbols[ELF64_R_SYM(entry->r_info)];
    const ms_import *import = symbol->st_shndx == SHN_UNDEF ? import_of(at->names + symbol->st_name) : NULL;
    uintptr_t place = at->base + entry->r_offset;
    if (import == NULL || place % sizeof place != 0 || !is_in_part(at, place, PF_W))
        return;
    _Atomic uintptr_t *slot = (_Atomic uintptr_t *)place;
    uintptr_t found = atomic_load_explicit(slot, memory_order_relaxed);
    bool unbound = call && is_in_part(at, found, PF_X); /* its own stub, which would look it up */
    if ((found != import->before && !unbound) || !open_place(at, place))
        return;
    /* pairs with nothing: whoever calls finds one function or the other */
    atomic_store_explicit(slot, import->ours, memory_order_relaxed);
    at->attached = at->attached || strcmp(import->name, "malloc") == 0;
}

static uintptr_t
address_of(const library *at, ElfW(Addr) value)
{
    return value < at->base ? at->base + value : value;
}

static void
take_imports(library *at, const ElfW(Dyn) * entry)
{
    uintptr_t plain = 0, calls = 0;
    size_t plain_bytes = 0, calls_bytes = 0;
    for (; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_SYMTAB)
            at->symbols = (const ElfW(Sym) *)address_of(at, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_STRTAB)
            at->names = (const char *)address_of(at, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_RELA)
            plain = address_of(at, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_RELASZ)
            plain_bytes = entry->d_un.d_val;
        else if (entry->d_tag == DT_JMPREL)
            calls = address_of(at, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_PLTRELSZ)
            calls_bytes = entry->d_un.d_val;
    }
    if (at->symbols == NULL || at->names == NULL)
        return;
    for (size_t i = 0; plain != 0 && i < plain_bytes / sizeof(ElfW(Rela)); i++)
        take_import(at, (const ElfW(Rela) *)plain + i);
    for (size_t i = 0; calls != 0 && i < calls_bytes / sizeof(ElfW(Rela)); i++)
        take_import(at, (const ElfW(Rela) *)calls + i);
}

static void
find_sealed(library *at, const ElfW(Phdr) * part)
{
    uintptr_t rest = attaching.page_bytes - 1;
    at->sealed_from = (at->base + part->p_vaddr) & ~rest;
    at->sealed_to = (at->base + part->p_vaddr + part->p_memsz) & ~rest;
    at->may_write = at->sealed_from < at->sealed_to && is_read_only(at->sealed_from);
}

/* ---- all libraries ----------------------------------------------------------------------------- */

static bool
holds(const library *at, uintptr_t address)
{
    return is_in_part(at, address, PF_R);
}

/* What is told otherwise or not at all: libc and the malloc in use, the loader, the recorder, ourselves. */
static bool
is_left_out(const library *at)
{
    static const char *const theirs[] = {"malloc", "munmap"};
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++) {
        if (holds(at, import_of(theirs[i])->before))
            return true;
    }
    return holds(at, (uintptr_t)&attaching) || holds(at, attaching.recorder) || holds(at, (uintptr_t)&_r_debug);
}

static int
attach_library(struct dl_phdr_info *info, size_t bytes, void *context)
{
    (void)bytes;
    library at = {.base = info->dlpi_addr, .parts = info->dlpi_phdr, .part_count = info->dlpi_phnum};
    const ElfW(Dyn) *dynamic = NULL;
    if (is_left_out(&at))
        return 0;
    for (uint32_t i = 0; i < at.part_count; i++) {
        if (at.parts[i].p_type == PT_DYNAMIC)
            dynamic = (const ElfW(Dyn) *)(at.base + at.parts[i].p_vaddr);
        else if (at.parts[i].p_type == PT_GNU_RELRO)
            find_sealed(&at, &at.parts[i]);
    }
    if (dynamic != NULL)
        take_imports(&at, dynamic);
    if (at.unsealed)
        (void)mprotect((void *)at.sealed_from, at.sealed_to - at.sealed_from, PROT_READ);
    *(bool *)context = *(bool *)context || at.attached;
    return 0;
}

/* If another thread is at it, that one goes round once more. */
static void
attach_all(void)
{
    int error = errno;
    atomic_fetch_add(&attaching.wanted, 1);
    while (atomic_exchange(&attaching.busy, 1) == 0) {
        uint32_t wanted = atomic_load(&attaching.wanted);
        bool any = false;
        (void)dl_iterate_phdr(attach_library, &any);
        if (any)
            atomic_store(&attaching.done, true);
        atomic_store(&attaching.busy, 0);
        if (atomic_load(&attaching.wanted) == wanted)
            break;
    }
    errno = error;
}

/* A name without a path is looked for where the caller's library says, so the caller must be the caller: the call is
 * passed on as a jump. What it loads is attached the next time. */
static void *
open_library(const char *name, int flags)
{
    if (name == NULL || strchr(name, '/') == NULL || strchr(name, '$') != NULL)
        return attaching.dlopen(name, flags);
    void *handle = attaching.dlopen(name, flags);
    if (handle != NULL && atomic_load_explicit(&ms_native_library.listener, memory_order_relaxed) != NULL)
        attach_all();
    return handle;
}

static void
add_import(const char *name, uintptr_t ours)
{
    uintptr_t before = (uintptr_t)ms_function_in_use(name);
    if (before != 0 && before != ours && attaching.count < IMPORTS)
        attaching.imports[attaching.count++] = (ms_import){name, ours, before};
}

/* Our functions by name, not by what the program calls by that name. */
#    define EACH(hook)                                                                                             \
        hook(malloc) hook(calloc) hook(realloc) hook(reallocarray) hook(free) hook(free_sized)                     \
            hook(free_aligned_sized) hook(posix_memalign) hook(aligned_alloc) hook(memalign) hook(valloc)          \
                hook(pvalloc) hook(dlclose) hook(mmap) hook(mmap64) hook(munmap) hook(mremap) hook(brk) hook(sbrk) \
                    hook(pthread_create)
#    define DECLARE(name) extern void ms_our_##name(void) __attribute__((visibility("hidden")));
#    define ADD(name) add_import(#name, (uintptr_t)ms_our_##name);

EACH(DECLARE)

static bool
find_imports(void)
{
    if (attaching.count != 0)
        return true;
    attaching.page_bytes = (uintptr_t)getpagesize();
    static char probe;
    uintptr_t page = (uintptr_t)&probe & ~(attaching.page_bytes - 1);
    if (madvise((void *)page, attaching.page_bytes, MADV_POPULATE_WRITE) != 0)
        return false; /* nobody could tell what is sealed */
    void *found = ms_function_in_use("dlopen");
    memcpy(&attaching.dlopen, &found, sizeof found);
    EACH(ADD)
    if (found != NULL)
        add_import("dlopen", (uintptr_t)open_library);
    return import_of("malloc") != NULL && import_of("munmap") != NULL;
}

bool
ms_attach(const void *recorder)
{
    attaching.recorder = (uintptr_t)recorder;
    ms_allocators_are_global();
    if (!find_imports() || !ms_allocators_ready())
        return false;
    attach_all();
    return atomic_load(&attaching.done);
}

#else

bool
ms_attach(const void *recorder)
{
    (void)recorder;
    return false;
}

#endif
