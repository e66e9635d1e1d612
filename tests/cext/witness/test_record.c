/* What the witness writes down of a signal, by who sent it and whether memscope was stopped. */
#include "witness/record.h"

#include <string.h>

#include "check.h"

enum { MEMSCOPE = 100, SHELL = 7 };

static void
check_line(int number, int code, int sender, bool stopped, const char *line)
{
    char text[MS_RECORD_BYTES] = "";
    siginfo_t info = {.si_signo = number, .si_code = code};
    info.si_pid = sender;
    CHECK_EQUAL(ms_record(&info, MEMSCOPE, stopped, UINT64_MAX, text), strlen(line));
    CHECK(strcmp(text, line) == 0);
}

int
main(void)
{
    check_line(SIGTERM, SI_USER, SHELL, false, "18446744073709551615 15 0 7 0\n");
    check_line(SIGTERM, SI_QUEUE, SHELL, true, "18446744073709551615 15 -1 7 1\n");
    check_line(SIGINT, SI_KERNEL, SHELL, false, "18446744073709551615 2 128 0 0\n"); /* the field is no sender */
    check_line(SIGINT, SI_KERNEL, MEMSCOPE, false, "18446744073709551615 2 128 0 0\n");
    check_line(SIGRTMAX, SI_USER, MEMSCOPE, false, ".\n");
    check_line(SIGRTMAX, SI_USER, MEMSCOPE, true, ".\n");
    check_line(SIGCONT, SI_USER, MEMSCOPE, false, "");
    check_line(SIGTSTP, SI_KERNEL, 0, true, ""); /* SIGCONT takes it away */
    check_line(SIGTSTP, SI_KERNEL, 0, false, "18446744073709551615 20 128 0 0\n");
    char text[MS_RECORD_BYTES];
    siginfo_t info = {.si_signo = SIGRTMAX, .si_code = INT32_MIN};
    info.si_pid = INT32_MAX;
    size_t longest = ms_record(&info, MEMSCOPE, true, UINT64_MAX, text);
    CHECK(longest > 0 && longest + 1 < MS_RECORD_BYTES);
    return 0;
}
