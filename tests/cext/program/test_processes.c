/* Processes are counted as they start, from threads at once; hostile entries harm nobody who looks at them. */
#include "drain/children.h"
#include "program/processes.h"

#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static ms_segment_header *header;

/* What other processes write into, as a segment is. */
static void
start(void)
{
    header = mmap(NULL, sizeof *header, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(header != MAP_FAILED);
    CHECK(ms_processes_watch_forks());
    ms_processes_note_in(header);
}

static void
stop(void)
{
    ms_processes_note_in(NULL);
    munmap(header, sizeof *header);
}

static void
wait_for(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *
fork_some(void *count)
{
    for (int i = 0; i < *(int *)count; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        wait_for(pid);
    }
    return NULL;
}

static void
forks_in_threads(int each)
{
    start();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, fork_some, &each) == 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(atomic_load(&header->forked), 4 * each);
    ms_children children;
    ms_children_init(&children, header);
    uint32_t listed = 4 * (uint32_t)each < MS_PROCESSES_MAX ? 4 * (uint32_t)each : MS_PROCESSES_MAX;
    CHECK_EQUAL(ms_children_count(&children), listed);
    for (uint32_t i = 0; i < listed; i++) {
        CHECK_EQUAL(header->processes[i].role, MS_PROCESS_FORKED);
        CHECK_EQUAL(header->processes[i].parent, getpid());
        for (uint32_t j = 0; j < i; j++)
            CHECK(header->processes[i].pid != header->processes[j].pid);
    }
    stop();
}

static void
a_child_that_executes(void)
{
    start();
    pid_t pid = fork();
    if (pid == 0) {
        ms_processes_replace("program");
        ms_processes_keep();
        ms_processes_replace("a name that is far too long to be kept, so that only its beginning is");
        pid_t inner = fork();
        if (inner == 0)
            _exit(0);
        wait_for(inner);
        _exit(0);
    }
    wait_for(pid);
    CHECK_EQUAL(header->spawned, 1);
    CHECK_EQUAL(header->forked, 1);
    CHECK_EQUAL(header->processes[0].pid, pid);
    CHECK_EQUAL(header->processes[0].role, MS_PROCESS_SPAWNED);
    CHECK(strncmp(header->processes[0].name, "a name that is", 14) == 0);
    CHECK_EQUAL(header->processes[0].name[MS_PROCESS_NAME - 1], 0);
    CHECK_EQUAL(header->processes[1].parent, pid);
    CHECK_EQUAL(header->replaced, 0);
    ms_processes_replace("itself");
    CHECK_EQUAL(header->replaced, 1);
    ms_processes_keep();
    CHECK_EQUAL(header->replaced, 0);
    stop();
}

static void
a_fork_to_execute_at_once(void)
{
    start();
    ms_processes_spawning(true);
    pid_t pid = fork();
    if (pid == 0) {
        pid_t inner = fork(); /* by what runs before the program: counted */
        if (inner == 0)
            _exit(0);
        wait_for(inner);
        _exit(0);
    }
    ms_processes_spawning(false);
    wait_for(pid);
    ms_processes_spawned((uint32_t)pid, "program");
    CHECK_EQUAL(header->forked, 1);
    CHECK_EQUAL(header->spawned, 1);
    stop();
}

static void
figures(void)
{
    start();
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        enum { BYTES = 32 << 20 };
        volatile char *memory = malloc(BYTES);
        for (int i = 0; i < BYTES; i += 4096)
            memory[i] = 1;
        alarm(20); /* whatever becomes of its parent */
        close(ends[1]);
        pause();
        _exit((int)read(ends[0], &byte, 1));
    }
    close(ends[1]);
    char byte;
    CHECK(read(ends[0], &byte, 1) == 0);
    ms_children children;
    ms_children_init(&children, header);
    ms_children_look(&children, UINT64_C(1) << 40);
    CHECK(children.child[0].peak_resident_bytes > 32u << 20);
    CHECK(children.child[0].start_ticks != 0);
    CHECK(!children.child[0].over);
    kill(pid, 9);
    CHECK(waitpid(pid, NULL, 0) == pid);
    ms_children_look_at_all(&children);
    CHECK(children.child[0].over);
    CHECK(children.child[0].peak_resident_bytes > 32u << 20);
    close(ends[0]);
    stop();
}

static void
hostile_entries(void)
{
    start();
    uint64_t random = 7;
    for (int round = 0; round < 50; round++) {
        ms_children children;
        unsigned char *bytes = (unsigned char *)&header->process_count;
        size_t count = (size_t)((unsigned char *)(header + 1) - bytes);
        for (size_t i = 0; i < count; i++)
            bytes[i] = (unsigned char)next_random(&random);
        ms_children_init(&children, header);
        CHECK(ms_children_count(&children) <= MS_PROCESSES_MAX);
        for (uint64_t now = 1; now < 40; now++)
            ms_children_look(&children, now << 40);
        ms_children_look_at_all(&children);
    }
    stop();
}

int
main(void)
{
    forks_in_threads(10);
    forks_in_threads(50);
    a_child_that_executes();
    a_fork_to_execute_at_once();
    figures();
    hostile_entries();
    return 0;
}
