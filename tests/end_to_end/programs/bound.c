/* Requests by each way in which a library may reach malloc: a call, an address in a table, one that was looked up. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *(*in_table)(size_t) = malloc;
static void (*free_in_table)(void *) = free;
static void *(*looked_up)(size_t);

void
look_up(void)
{
    void *found = dlsym(RTLD_DEFAULT, "malloc");
    memcpy(&looked_up, &found, sizeof found);
}

static void *
seen(void *block)
{
    __asm__ volatile("" : : "r"(block) : "memory");
    return block;
}

void
by_call(size_t count)
{
    for (size_t i = 0; i < count; i++)
        seen(malloc(100));
}

/* Each block is freed again: that is told as well. */
void
by_table(size_t count)
{
    for (size_t i = 0; i < count; i++)
        free_in_table(seen(in_table(100)));
}

void
by_address(size_t count)
{
    for (size_t i = 0; i < count; i++)
        seen(looked_up(100));
}

/* Some of the family are called for the first time here. */
void
late(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *block = seen(calloc(10, 10));
        block = seen(realloc(block, 200));
        free(block);
        char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages != MAP_FAILED && munmap(pages, 4096) != 0)
            abort();
    }
}
