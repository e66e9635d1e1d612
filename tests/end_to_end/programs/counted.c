/* Makes requests and counts them where the process's death does not matter. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct work {
    volatile uint64_t *told;
    uint64_t count;
} work;

void
fill(volatile uint64_t *told, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        void *block = malloc(48);
        __asm__ volatile("" : : "r"(block) : "memory");
        *told = i + 1;
        free(block);
    }
}

static void *
fill_then_die(void *context)
{
    work *at = context;
    fill(at->told, at->count);
    kill(getpid(), SIGKILL);
    return NULL;
}

void
fill_and_die(volatile uint64_t *told, uint64_t count)
{
    pthread_t thread;
    work at = {told, count};
    if (pthread_create(&thread, NULL, fill_then_die, &at) == 0)
        pthread_join(thread, NULL);
}

void
map_pages(uint64_t count)
{
    size_t page = (size_t)getpagesize();
    for (uint64_t i = 0; i < count; i++) {
        char *range = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (range == MAP_FAILED || munmap(range, page) != 0)
            abort();
    }
}
