/* A library that, loaded before a program's own, tells it the time that a test wants.

   The time of day comes from a shared file of eight bytes, microseconds since 1970 as the machine
   stores an integer, named by FIVEFOLD_DRIVEN_CLOCK. Clocks that only measure how long something
   takes stay the system's, so that a program's timers go on. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shared_us;

__attribute__((constructor)) static void share(void) {
    const char *path = getenv("FIVEFOLD_DRIVEN_CLOCK");
    int file = path ? open(path, O_RDONLY) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) _exit(71);
    shared_us = page;
    close(file);
}

int clock_gettime(clockid_t which, struct timespec *at) {
    if ((which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE) || !shared_us)
        return syscall(SYS_clock_gettime, which, at);
    int64_t us = *shared_us;
    at->tv_sec = us / 1000000;
    at->tv_nsec = us % 1000000 * 1000;
    return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
