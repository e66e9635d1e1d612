#include "native/allocators.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/auxv.h>

#include "native/telling.h"

#define BOOTSTRAP_BYTES 65536u

ms_allocators ms_before;
_Atomic bool ms_allocators_found;

static _Thread_local bool finding __attribute__((tls_model("initial-exec")));

static struct {
    alignas(64) char bytes[BOOTSTRAP_BYTES];
    _Atomic size_t used;
} buffer;

static bool preloaded = true;

void
ms_allocators_are_global(void)
{
    preloaded = false;
}

/* Whether an address lies in the executable, of which the kernel tells one address. */
static bool
is_in_program(const void *address)
{
    Dl_info its, programs;
    return dladdr(address, &its) != 0 && dladdr((const void *)getauxval(AT_PHDR), &programs) != 0 &&
           its.dli_fbase == programs.dli_fbase;
}

void *
ms_function_in_use(const char *name)
{
    void *found = dlsym(RTLD_DEFAULT, name);
    return found != NULL && is_in_program(found) ? dlsym(RTLD_NEXT, name) : found;
}

/* Where a function's address goes, without a cast that ISO C does not know. */
static void
find(const char *name, void *function)
{
    void *found = preloaded ? dlsym(RTLD_NEXT, name) : ms_function_in_use(name);
    memcpy(function, &found, sizeof found);
}

MS_COLD bool
ms_allocators_find(void)
{
    if (finding)
        return false;
    finding = true;
    ms_allocators found = {0};
    find("malloc", &found.malloc);
    find("calloc", &found.calloc);
    find("realloc", &found.realloc);
    find("free", &found.free);
    find("posix_memalign", &found.posix_memalign);
    find("aligned_alloc", &found.aligned_alloc);
    find("memalign", &found.memalign);
    find("valloc", &found.valloc);
    find("pvalloc", &found.pvalloc);
    find("dlclose", &found.dlclose);
    find("pthread_create", &found.pthread_create);
    find("mmap", &found.mmap);
    find("munmap", &found.munmap);
    find("mremap", &found.mremap);
    find("brk", &found.brk);
    find("sbrk", &found.sbrk);
    /* Two threads may come here at once: they find the same. */
    ms_before = found;
    const void *allocator;
    memcpy(&allocator, &found.malloc, sizeof allocator);
    atomic_store(&ms_native_library.allocator, allocator);
    /* pairs with the acquire in ms_allocators_ready */
    atomic_store_explicit(&ms_allocators_found, true, memory_order_release);
    finding = false;
    return true;
}

void *
ms_bootstrap_get(size_t size_bytes)
{
    if (size_bytes > BOOTSTRAP_BYTES)
        return NULL;
    size_t whole = (size_bytes + 15) & ~(size_t)15;
    size_t start = atomic_fetch_add(&buffer.used, whole);
    return start + whole <= BOOTSTRAP_BYTES ? buffer.bytes + start : NULL;
}

bool
ms_bootstrap_owns(const void *block)
{
    return (uintptr_t)block - (uintptr_t)buffer.bytes < BOOTSTRAP_BYTES;
}

size_t
ms_bootstrap_behind(const void *block)
{
    size_t used = atomic_load(&buffer.used);
    size_t end = used < BOOTSTRAP_BYTES ? used : BOOTSTRAP_BYTES;
    return end - (size_t)((const char *)block - buffer.bytes);
}
