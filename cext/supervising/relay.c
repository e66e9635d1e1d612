#include "supervising/relay.h"

#include <signal.h>
#include <unistd.h>

#include "shared/procfs.h"
#include "supervising/processstate.h"

static bool
stops(int number)
{
    return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static sigset_t
blocked(void)
{
    sigset_t set;
    sigfillset(&set);
    sigdelset(&set, SIGKILL);
    sigdelset(&set, SIGSTOP);
    return set;
}

/* The next of the blocked signals, after at most so long; negative: however long it takes. False: there is none. */
static bool
take(int64_t wait_ns, ms_receipt *receipt)
{
    sigset_t set = blocked();
    siginfo_t info;
    struct timespec wait = {.tv_sec = (time_t)(wait_ns / 1000000000), .tv_nsec = (long)(wait_ns % 1000000000)};
    int number;
    do
        number = wait_ns < 0 ? sigwaitinfo(&set, &info) : sigtimedwait(&set, &info, &wait);
    while (number < 0 && errno == EINTR && wait_ns <= 0);
    if (number < 0)
        return false;
    bool by_process = info.si_code <= 0;
    *receipt = (ms_receipt){
        .number = number,
        .code = info.si_code,
        .sender = by_process && info.si_pid > 0 ? (int)info.si_pid : 0,
        .at_ns = ms_monotonic_ns(),
        .value = (uint64_t)(uintptr_t)info.si_value.sival_ptr,
    };
    return true;
}

static void
take_all(ms_relay *relay, int64_t wait_ns)
{
    ms_receipt receipt;
    /* What there is no place for stays with the kernel. */
    for (; relay->undecided.count < MS_RECEIPTS && take(wait_ns, &receipt); wait_ns = 0) {
        /* Own are SIGPIPE and the like, and what the witness sends to have this process go on. */
        bool ours = receipt.number == SIGCHLD || receipt.sender == getpid() ||
                    (relay->witness.pid > 0 && receipt.sender == relay->witness.pid);
        if (ours)
            continue;
        ms_receipts_add(&relay->undecided, &receipt);
        ms_tracker_received(&relay->tracker, &receipt);
    }
}

/* Returns when all who are signalling a whole group at this moment have reached all of it. They hold the kernel's lock
 * of all tasks; to set a group takes it as well, also in vain. */
static void
let_senders_finish(void)
{
    (void)setpgid(0, getpgid(0));
}

static bool
was_sent_to_all(ms_relay *relay, const ms_receipt *receipt)
{
    if (ms_tracker_was_sent_to_all(&relay->tracker, receipt) ||
        ms_witnessing_has_pending(&relay->witness, receipt->number))
        return true;
    /* Without a witness the kernel is taken to have told the group of the terminal. */
    bool hung_up_alone = receipt->number == SIGHUP && getsid(0) == getpid();
    return relay->witness.pid <= 0 && receipt->code == SI_KERNEL && !hung_up_alone;
}

/* Whether `timeout`, or a parent like it, meant a program that has left our group: it signals its child and its group,
 * and here the two have become one. */
static bool
means_program_elsewhere(const ms_relay *relay, const ms_receipt *receipt)
{
    if (relay->any && ms_tracker_is_burst(&relay->latest, receipt))
        return false;
    pid_t group = getpgid(relay->program);
    return receipt->sender == relay->parent && group >= 0 && group != getpgid(0);
}

static void
send_on(ms_relay *relay, const ms_receipt *receipt)
{
    if (getpid() == 1) { /* the first process of a pid namespace is not ended by what it does not handle */
        uint64_t handled = ms_process_signals(relay->program, "SigCgt") | ms_process_signals(relay->program, "SigBlk");
        if (!(handled >> (receipt->number - 1) & 1))
            return;
    }
    if (receipt->code == SI_QUEUE) {
        union sigval value = {.sival_ptr = (void *)(uintptr_t)receipt->value};
        (void)sigqueue(relay->program, receipt->number, value);
    } else
        (void)kill(relay->program, receipt->number);
    if (receipt->number == SIGCONT && relay->witness.pid > 0)
        (void)kill(relay->witness.pid, SIGCONT);
}

/* The program has signalled its parent, which without us is our own; unless it may have meant its group's leader, which
 * it might be itself without us. */
static void
send_up(const ms_relay *relay, const ms_receipt *receipt)
{
    if (getppid() == relay->parent && relay->parent > 1 && getpgid(0) != getpid())
        (void)kill(relay->parent, receipt->number);
}

/* Has it sent as long after the one before as it came after that, lest they become one. */
static void
pass_on(ms_relay *relay, const ms_receipt *receipt)
{
    ms_receipt sent = *receipt;
    sent.due_ns = ms_monotonic_ns();
    if (relay->any) {
        int64_t gap_ns = receipt->at_ns - relay->latest.at_ns;
        int64_t due_ns = relay->latest.due_ns + (gap_ns < MS_WAIT_NS ? gap_ns : MS_WAIT_NS);
        sent.due_ns = sent.due_ns < due_ns ? due_ns : sent.due_ns;
    }
    relay->any = true;
    relay->latest = sent;
    if (relay->outgoing.count == MS_RECEIPTS) {
        send_on(relay, &relay->outgoing.at[0]);
        ms_receipts_remove(&relay->outgoing, 0);
    }
    ms_receipts_add(&relay->outgoing, &sent);
}

static void
decide(ms_relay *relay, const ms_receipt *receipt)
{
    bool processor_time = receipt->number == SIGXCPU && receipt->code == SI_KERNEL; /* ours; the program has its own */
    if (was_sent_to_all(relay, receipt)) {
        if (means_program_elsewhere(relay, receipt))
            pass_on(relay, receipt);
    } else if (receipt->sender == relay->program)
        send_up(relay, receipt);
    else if (!processor_time)
        pass_on(relay, receipt);
}

/* Passes on, or not, what came until then. */
static void
decide_all(ms_relay *relay, int64_t until_ns)
{
    if (relay->undecided.count == 0 || relay->undecided.at[0].at_ns > until_ns)
        return;
    let_senders_finish();
    take_all(relay, 0);
    ms_witnessing_ask(&relay->witness, &relay->tracker);
    while (relay->undecided.count > 0 && relay->undecided.at[0].at_ns <= until_ns) {
        ms_receipt receipt = relay->undecided.at[0];
        ms_receipts_remove(&relay->undecided, 0);
        decide(relay, &receipt);
    }
}

static void
send_until(ms_relay *relay, int64_t now_ns)
{
    while (relay->outgoing.count > 0 && relay->outgoing.at[0].due_ns <= now_ns) {
        send_on(relay, &relay->outgoing.at[0]);
        ms_receipts_remove(&relay->outgoing, 0);
    }
}

void
ms_relay_step(ms_relay *relay)
{
    int64_t at_ns = INT64_MAX;
    if (relay->undecided.count > 0)
        at_ns = relay->undecided.at[0].at_ns + MS_WAIT_NS;
    if (relay->outgoing.count > 0 && relay->outgoing.at[0].due_ns < at_ns)
        at_ns = relay->outgoing.at[0].due_ns;
    int64_t left_ns = at_ns - ms_monotonic_ns();
    take_all(relay, at_ns == INT64_MAX ? -1 : left_ns > 0 ? left_ns : 0);
    int64_t now_ns = ms_monotonic_ns();
    decide_all(relay, now_ns - MS_WAIT_NS);
    send_until(relay, now_ns);
}

void
ms_relay_stop_like_program(ms_relay *relay, int number)
{
    take_all(relay, 0);
    for (int i = relay->undecided.count; i-- > 0;) { /* those that stop are done with: it has stopped */
        if (stops(relay->undecided.at[i].number))
            ms_receipts_remove(&relay->undecided, i);
    }
    decide_all(relay, ms_monotonic_ns());
    send_until(relay, INT64_MAX);
    if (!ms_procfs_is_stopped((uint32_t)relay->program))
        return; /* somebody has it go on already */
    ms_witnessing_tell(&relay->witness, "follows\n");
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0 || action.sa_handler != SIG_DFL)
        number = SIGSTOP;
    (void)kill(getpid(), number);
    if (number != SIGSTOP) {
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, number);
        (void)pthread_sigmask(SIG_UNBLOCK, &one, NULL);
        (void)pthread_sigmask(SIG_BLOCK, &one, NULL);
    }
    ms_witnessing_tell(&relay->witness, "goes-on\n");
}

void
ms_relay_drop_rest(void)
{
    ms_receipt receipt;
    while (take(0, &receipt)) {
    }
}
