/* A program without Python that listens to the preloaded library as the recorder does, and counts what it hears. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/nativelink.h"

#define THREADS 4
#define BLOCKS 1000

static _Atomic long allocated_bytes, allocations, frees, mapped_pages, unmapped_pages, begins;
static ms_nativelink *library;

/* What libc requests for itself, for threads and streams, is not counted: these sizes are. */
static bool
is_ours(size_t size_bytes)
{
    return size_bytes > 100000 && size_bytes <= 100000 + BLOCKS;
}

static void
on_allocated(const void *block, size_t size_bytes, ms_asker from)
{
    (void)block, (void)from;
    if (!is_ours(size_bytes))
        return;
    allocations++;
    allocated_bytes += (long)size_bytes;
    if (library->thread_start() != NULL)
        begins++;
}

static void
on_freed(const void *block, ms_asker from)
{
    (void)block, (void)from;
    frees++;
}

static bool
on_moves(const void *block, ms_asker from)
{
    (void)block, (void)from;
    return true;
}

static void
on_moved(const void *block, size_t size_bytes, ms_asker from)
{
    on_allocated(block, size_bytes, from);
}

static void
on_mapped(const void *range, size_t size_bytes, ms_asker from)
{
    (void)range, (void)from;
    mapped_pages += (long)size_bytes / getpagesize();
}

static void
on_unmapped(const void *range, size_t size_bytes, ms_asker from)
{
    (void)range, (void)from;
    unmapped_pages += (long)size_bytes / getpagesize();
}

static bool
on_remaps(const void *range, size_t size_bytes, ms_asker from)
{
    (void)range, (void)size_bytes, (void)from;
    return false;
}

static void
on_unloaded(void)
{
}

static const ms_native_listener listener = {
    .allocated = on_allocated,
    .freed = on_freed,
    .moves = on_moves,
    .moved = on_moved,
    .mapped = on_mapped,
    .unmapped = on_unmapped,
    .remaps = on_remaps,
    .remapped = on_mapped,
    .unloaded = on_unloaded,
};

static void *
work(void *context)
{
    for (size_t i = 1; i <= BLOCKS; i++) {
        void *volatile block = malloc(100000 + i);
        free(block);
    }
    return context;
}

int
main(void)
{
    pthread_t threads[THREADS];
    library = dlsym(RTLD_DEFAULT, MS_NATIVELINK_SYMBOL);
    if (library == NULL || library->version != MS_NATIVELINK_VERSION)
        return 1;
    atomic_store(&library->listener, &listener);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            return 2;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    void *volatile block = malloc(10);
    block = realloc(block, 100001);
    free(block);
    char *range = mmap(NULL, 8 * (size_t)getpagesize(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(range, 3 * (size_t)getpagesize());
    if (fork() == 0)
        _exit(0);
    wait(NULL);
    atomic_store(&library->listener, NULL);
    const char *preloaded = getenv("LD_PRELOAD");
    printf("%ld %ld %ld %ld %ld %s\n", allocations, allocated_bytes, mapped_pages, unmapped_pages, begins,
           preloaded == NULL ? "-" : preloaded);
    return frees < allocations ? 3 : 0;
}
