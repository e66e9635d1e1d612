/* Only in the build for coverage: lets a process that is about to end by _exit or a signal write what it has counted. */
void __gcov_dump(void);
void __gcov_reset(void);
void ms_write_coverage(void);

__attribute__((visibility("default"))) void ms_write_coverage(void)
{
    __gcov_dump();
    __gcov_reset();
}
