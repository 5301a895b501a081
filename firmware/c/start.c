/* The start and the end of a program: vectors, memory that begins as zero, and an exit by semihosting. */

extern char zero_start[], zero_end[], stack_top[];
int run(void);

/* "Angel" semihosting, Arm's DUI 0471: the program ends with a code. */
enum { SYS_EXIT_EXTENDED = 0x20, ADP_STOPPED_APPLICATION_EXIT = 0x20026 };

static void leave(int code) {
    const struct { int why, code; } end = {ADP_STOPPED_APPLICATION_EXIT, code};
    register int operation __asm__("r0") = SYS_EXIT_EXTENDED;
    register const void *argument __asm__("r1") = &end;
    __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
    for (;;) {
    }
}

static void reset(void) {
    for (char *byte = zero_start; byte < zero_end; byte++) *(volatile char *)byte = 0;
    leave(run());
}

static void fault(void) {
    leave(99);
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {stack_top, reset, fault, fault};
