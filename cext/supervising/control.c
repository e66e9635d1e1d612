#include "supervising/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ASKING_S 5 /* to hand a file over */
#define MOST_WORD 16
#define NOTE "\n"                        /* begins an answer to which there is a capture all the same */
#define SNAPSHOT_NS INT64_C(20000000000) /* to a safe moment, and for what the program says to be taken in */
#define AGAIN_NS INT64_C(100000000)

static bool
say(int client, const char *text)
{
    return send(client, text, strlen(text), MSG_NOSIGNAL) >= 0;
}

/* The word, and the file that came with it; -1: none. */
static int
receive(int client, char word[MOST_WORD + 1])
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = word, .iov_len = MOST_WORD};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t count = recvmsg(client, &message, MSG_CMSG_CLOEXEC);
    word[count > 0 ? count : 0] = '\0';
    struct cmsghdr *header = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    int fd = -1;
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len >= CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

static bool
keep(ms_control *control, int client)
{
    pthread_mutex_lock(&control->telling);
    bool kept = control->count < MS_MOST_TOLD;
    if (kept)
        control->told[control->count++] = client;
    pthread_mutex_unlock(&control->telling);
    return kept;
}

static void
write_into(ms_control *control, int client, int fd, bool heap)
{
    char why[MS_ANSWER_BYTES], answer[MS_ANSWER_BYTES];
    const char *missing = heap ? ms_interims_snapshot(control->watched, SNAPSHOT_NS) : "";
    (void)snprintf(answer, sizeof answer, "%s%s", *missing != '\0' ? NOTE : "", missing);
    bool written = ms_interims_write_into(control->watched, fd, (ms_begun){0}, why);
    (void)say(client, written ? answer : why);
}

/* Whether the client is to be told more later. */
static bool
answer(ms_control *control, int client)
{
    struct ucred asking;
    socklen_t bytes = sizeof asking;
    char word[MOST_WORD + 1];
    if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &asking, &bytes) != 0 ||
        (asking.uid != geteuid() && asking.uid != 0))
        return false;
    int fd = receive(client, word);
    bool kept = false;
    if (strcmp(word, "pressure") == 0 && asking.pid == (pid_t)control->watched->handover->numbers.pid)
        kept = keep(control, client);
    else if (strcmp(word, "detach") == 0)
        (void)say(client, "it is recorded by `memscope run`, from its start to its end");
    else if (fd >= 0 && (strcmp(word, "capture") == 0 || strcmp(word, "heap") == 0))
        write_into(control, client, fd, word[0] == 'h');
    else if (fd >= 0 && strncmp(word, "child ", 6) == 0) {
        char text[MS_ANSWER_BYTES];
        (void)snprintf(text, sizeof text,
                       "process %.10s was forked by a program whose children are not recorded; --follow-fork records "
                       "them",
                       word + 6);
        (void)say(client, text);
    }
    if (fd >= 0)
        close(fd);
    return kept;
}

static void
set_client(ms_control *control, int client)
{
    pthread_mutex_lock(&control->telling);
    control->client = client;
    pthread_mutex_unlock(&control->telling);
}

static void *
serve(void *given)
{
    ms_control *control = given;
    while (!ms_over_is_set(control->watched->over)) {
        int client = accept4(control->listening, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            if (ms_over_wait(control->watched->over, AGAIN_NS))
                break;
            continue;
        }
        struct timeval patience = {.tv_sec = ASKING_S};
        (void)setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        (void)setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        set_client(control, client);
        bool kept = answer(control, client);
        set_client(control, -1);
        if (!kept)
            close(client);
    }
    return NULL;
}

void
ms_control_start(ms_control *control, ms_watched *watched)
{
    control->watched = watched;
    control->listening = (int)watched->handover->numbers.listening;
    control->client = -1;
    (void)pthread_mutex_init(&control->telling, NULL);
    if (control->listening >= 0)
        control->started = pthread_create(&control->thread, NULL, serve, control) == 0;
}

void
ms_control_stop(ms_control *control)
{
    if (control->started) {
        pthread_mutex_lock(&control->telling);
        (void)shutdown(control->listening, SHUT_RDWR); /* whoever waits for it comes back */
        if (control->client >= 0)
            (void)shutdown(control->client, SHUT_RDWR);
        pthread_mutex_unlock(&control->telling);
        (void)pthread_join(control->thread, NULL);
    }
    if (control->listening >= 0)
        close(control->listening);
    for (int i = 0; i < control->count; i++)
        close(control->told[i]);
    control->count = 0;
    if (control->watched->handover->socket[0] != '\0')
        (void)unlink(control->watched->handover->socket);
}

void
ms_control_tell(ms_control *control, const ms_limit *limit)
{
    char line[128];
    (void)snprintf(line, sizeof line, "%s %" PRIu64 " %" PRIu64 "\n", ms_limit_names[limit->source], limit->limit_bytes,
                   limit->used_bytes);
    pthread_mutex_lock(&control->telling);
    for (int i = control->count; i-- > 0;) {
        if (!say(control->told[i], line)) {
            close(control->told[i]);
            control->told[i] = control->told[--control->count];
        }
    }
    pthread_mutex_unlock(&control->telling);
}
