/* Makes known requests of the malloc family, in threads with and without a Python state. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 20000

static void *kept[MANY];
static size_t keeping;

/* The compiler may leave out a block that nobody looks at. */
static void *
seen(void *block)
{
    __asm__ volatile("" : : "r"(block) : "memory");
    return block;
}

static void
keep(void *block)
{
    kept[keeping++] = seen(block);
}

/* count blocks, of which all but the last `live` are freed. */
void
churn(size_t count, size_t size, size_t live)
{
    for (size_t i = 0; i < count; i++) {
        void *block = seen(malloc(size));
        if (i + live >= count)
            keep(block);
        else
            free(block);
    }
}

/* One of each: 9 blocks of 64 bytes, and two of none. */
void
each(void)
{
    void *block = NULL;
    keep(malloc(64));
    keep(calloc(4, 16));
    keep(realloc(NULL, 64));
    keep(reallocarray(NULL, 8, 8));
    if (posix_memalign(&block, 256, 64) == 0)
        keep(block);
    keep(aligned_alloc(64, 64));
    keep(memalign(4096, 64));
    keep(valloc(64));
    keep(pvalloc(64));
    keep(malloc(0));
    keep(calloc(0, 8));
    free(NULL);
}

/* One block, reallocated to each size from 1 to `times` times `step`: and in the end to none. */
void
grow(size_t times, size_t step)
{
    char *block = NULL;
    for (size_t i = 1; i <= times; i++)
        block = realloc(block, i * step);
    block = realloc(seen(block), 0);
}

/* Requests that fail, of a block that stays. */
void
fail(void)
{
    volatile size_t most = PTRDIFF_MAX;
    void *block = malloc(100);
    void *none = realloc(block, most);
    keep(none == NULL ? block : none);
    keep(malloc(most));
    keep(calloc(most, 2));
    keep(reallocarray(NULL, most, 4));
}

typedef struct basket {
    size_t count, size;
    void **blocks;
} basket;

static void *
fill(void *context)
{
    basket *basket = context;
    for (size_t i = 0; i < basket->count; i++)
        basket->blocks[i] = malloc(basket->size);
    return NULL;
}

static void *
empty(void *context)
{
    basket *basket = context;
    for (size_t i = 0; i < basket->count; i++)
        free(basket->blocks[i]);
    return NULL;
}

/* Threads that Python does not know: each fills a basket at once with the others, and other threads empty them. */
void
hand_over(size_t threads, size_t count, size_t size)
{
    static void *blocks[64][MANY];
    basket baskets[64];
    pthread_t running[64];
    for (int emptying = 0; emptying < 2; emptying++) {
        for (size_t i = 0; i < threads; i++) {
            baskets[i] = (basket){count, size, blocks[i]};
            pthread_create(&running[i], NULL, emptying ? empty : fill, &baskets[i]);
        }
        for (size_t i = 0; i < threads; i++)
            pthread_join(running[i], NULL);
    }
}

/* A child that goes on to request memory, none of which is this process's. */
int
in_child(size_t count)
{
    pid_t child = fork();
    if (child == 0) {
        churn(count, 100, 0);
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}
