#include "supervising/witnessing.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/procfs.h"
#include "supervising/processstate.h"

#define PATIENCE_NS INT64_C(2000000000) /* for a witness that runs, on a machine that is busy */
#define LOOK_MS 20

void
ms_witnessing_tell(const ms_witnessing *witness, const char *news)
{
    if (witness->pid > 0 && write(witness->news, news, strlen(news)) < 0)
        return; /* it is gone */
}

static void
take_line(ms_witnessing *witness, ms_tracker *tracker, const char *line)
{
    ms_receipt receipt = {0};
    int delayed;
    if (line[0] == '.')
        witness->answers++;
    else if (sscanf(line, "%" SCNd64 " %d %d %d %d", &receipt.at_ns, &receipt.number, &receipt.code, &receipt.sender,
                    &delayed) == 5) {
        receipt.delayed = delayed != 0;
        ms_tracker_witnessed(tracker, &receipt);
    }
}

/* Returns false where it is gone. */
static bool
read_lines(ms_witnessing *witness, ms_tracker *tracker)
{
    char *text = witness->unread;
    ssize_t count =
        read(witness->records, text + witness->unread_bytes, sizeof witness->unread - 1 - witness->unread_bytes);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    if (count == 0)
        return false;
    text[witness->unread_bytes + (size_t)count] = '\0';
    char *line = text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        take_line(witness, tracker, line);
    }
    witness->unread_bytes = strlen(line);
    memmove(text, line, witness->unread_bytes + 1);
    return true;
}

void
ms_witnessing_ask(ms_witnessing *witness, ms_tracker *tracker)
{
    if (witness->pid <= 0)
        return;
    if (kill(witness->pid, SIGRTMAX) == 0) /* the last to be taken, so that all that came before it is told before */
        witness->asked++;
    int64_t until_ns = ms_monotonic_ns() + PATIENCE_NS;
    while (witness->answers < witness->asked && ms_monotonic_ns() < until_ns) {
        struct pollfd records = {.fd = witness->records, .events = POLLIN};
        if (poll(&records, 1, LOOK_MS) <= 0) {
            if (ms_procfs_is_stopped((uint32_t)witness->pid))
                break;
        } else if (!read_lines(witness, tracker)) {
            ms_witnessing_stop(witness);
            break;
        }
    }
    ms_tracker_forget(tracker, ms_monotonic_ns());
}

bool
ms_witnessing_has_pending(const ms_witnessing *witness, int number)
{
    if (witness->pid <= 0 || witness->answers == witness->asked)
        return false;
    return ms_process_signals(witness->pid, "ShdPnd") >> (number - 1) & 1;
}

void
ms_witnessing_stop(ms_witnessing *witness)
{
    if (witness->pid <= 0)
        return;
    (void)kill(witness->pid, SIGKILL);
    while (waitpid(witness->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close(witness->records);
    close(witness->news);
    witness->pid = 0;
}
