/* Preloaded by test_faults.sh: lets the n-th call of one kind that the program itself makes fail,
 * or ends the program there as a power cut would. glibc only.
 *
 *     FAULT='write 3 fail'     the third write fails for want of room; likewise open, fsync,
 *                              rename, close, unlink and mkdir, and malloc for want of memory
 *     FAULT='write 3 before'   the program is killed before it; `after`: after it; `half`: when
 *                              half of what was to be written is written
 *     FAULT='sigaction 1 after'   SIGINT comes after the first call of sigaction(), with which the
 *                              program has said what is to become of it
 *     FAULT_COUNTS=FILE        how many calls of each kind there were, one `KIND N` a line
 *     CLOCK_SPEED=1000         the monotonic clock, by which the program tells how long it has run,
 *                              goes a thousand times as fast
 */
#define _GNU_SOURCE // dl_iterate_phdr, RTLD_NEXT
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef enum { OPEN, WRITE, FSYNC, RENAME, CLOSE, UNLINK, MKDIR, MALLOC, SIGACTION, KINDS } Kind;

static const char *const NAMES[KINDS] = {"open",   "write", "fsync",  "rename",   "close",
                                         "unlink", "mkdir", "malloc", "sigaction"};
static const int REASONS[KINDS] = {EMFILE, ENOSPC, EIO, EIO, EIO, EIO, ENOSPC, ENOMEM, EINVAL};

static atomic_long counts[KINDS];
static Kind wanted = KINDS;
static long wanted_number;
static char how[16];
static long clock_speed = 1;
static uintptr_t program_begin, program_end; // where its code and data are

/* The program comes first of all that is loaded. */
static int note_program(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size, (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uintptr_t begin = info->dlpi_addr + part->p_vaddr, end = begin + part->p_memsz;
        if (part->p_type != PT_LOAD) continue;
        if (program_begin == 0 || begin < program_begin) program_begin = begin;
        if (end > program_end) program_end = end;
    }
    return 1;
}

__attribute__((constructor)) static void begin(void) {
    char name[16] = "";
    const char *fault = getenv("FAULT");
    const char *speed = getenv("CLOCK_SPEED");
    dl_iterate_phdr(note_program, NULL);
    if (speed) clock_speed = atol(speed);
    if (!fault || sscanf(fault, "%15s %ld %15s", name, &wanted_number, how) != 3) return;
    for (Kind kind = 0; kind < KINDS; kind++)
        if (strcmp(name, NAMES[kind]) == 0) wanted = kind;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    for (Kind kind = 0; kind < KINDS; kind++)
        fprintf(file, "%s %ld\n", NAMES[kind], (long)counts[kind]);
    fclose(file);
}

static bool is(const char *what) {
    return strcmp(how, what) == 0;
}

/* Counts a call that came from there; whether it is the one. Calls of libraries are not ours: they
 * would be other ones with every release. */
static bool is_wanted(Kind kind, const void *from) {
    const uintptr_t address = (uintptr_t)from;
    if (address < program_begin || address >= program_end) return false;
    return ++counts[kind] == wanted_number && kind == wanted;
}

/* Whether the call is to fail; or the end. */
static bool strike(Kind kind) {
    if (is("before")) raise(SIGKILL);
    if (is("fail")) errno = REASONS[kind];
    return is("fail");
}

/* What the call gave, unless this is the end. */
static int survive(bool hit, int result) {
    if (hit && is("after")) raise(SIGKILL);
    return result;
}

/* The function that the program would have called. A cast from an object's pointer is what POSIX
 * asks for. */
static void *next(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    const bool hit = is_wanted(OPEN, __builtin_return_address(0));
    if (hit && strike(OPEN)) return -1;
    return survive(hit, ((int (*)(const char *, int, ...))next("open"))(path, flags, mode));
}

ssize_t write(int fd, const void *data, size_t bytes) {
    ssize_t (*const real)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))next("write");
    const bool hit = is_wanted(WRITE, __builtin_return_address(0));
    if (hit && strike(WRITE)) return -1;
    if (hit && is("half") && real(fd, data, bytes / 2) >= 0) raise(SIGKILL);
    const ssize_t written = real(fd, data, bytes);
    survive(hit, 0);
    return written;
}

int fsync(int fd) {
    const bool hit = is_wanted(FSYNC, __builtin_return_address(0));
    if (hit && strike(FSYNC)) return -1;
    return survive(hit, ((int (*)(int))next("fsync"))(fd));
}

int rename(const char *old, const char *new) {
    const bool hit = is_wanted(RENAME, __builtin_return_address(0));
    if (hit && strike(RENAME)) return -1;
    return survive(hit, ((int (*)(const char *, const char *))next("rename"))(old, new));
}

/* A close that fails has closed all the same. */
int close(int fd) {
    const bool hit = is_wanted(CLOSE, __builtin_return_address(0));
    if (hit && is("before")) raise(SIGKILL);
    const int result = survive(hit, ((int (*)(int))next("close"))(fd));
    return hit && strike(CLOSE) ? -1 : result;
}

int unlink(const char *path) {
    const bool hit = is_wanted(UNLINK, __builtin_return_address(0));
    if (hit && strike(UNLINK)) return -1;
    return survive(hit, ((int (*)(const char *))next("unlink"))(path));
}

int mkdir(const char *path, mode_t mode) {
    const bool hit = is_wanted(MKDIR, __builtin_return_address(0));
    if (hit && strike(MKDIR)) return -1;
    return survive(hit, ((int (*)(const char *, mode_t))next("mkdir"))(path, mode));
}

int sigaction(int number, const struct sigaction *action, struct sigaction *before) {
    const bool hit = is_wanted(SIGACTION, __builtin_return_address(0));
    const int result = ((int (*)(int, const struct sigaction *, struct sigaction *))next(
        "sigaction"))(number, action, before);
    if (hit) raise(SIGINT);
    return result;
}

/* ---- Time ------------------------------------------------------------------------------------ */

int clock_gettime(clockid_t clock, struct timespec *time) {
    const int result = ((int (*)(clockid_t, struct timespec *))next("clock_gettime"))(clock, time);
    if (clock != CLOCK_MONOTONIC || clock_speed == 1 || result != 0) return result;
    const double seconds = ((double)time->tv_sec + 1e-9 * (double)time->tv_nsec);
    time->tv_sec = (time_t)(seconds * (double)clock_speed);
    time->tv_nsec = 0;
    return 0;
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* glibc's own: looking a name up may itself want memory. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);

void *malloc(size_t bytes) {
    const bool hit = is_wanted(MALLOC, __builtin_return_address(0));
    return hit && strike(MALLOC) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
    const bool hit = is_wanted(MALLOC, __builtin_return_address(0));
    return hit && strike(MALLOC) ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes) {
    const bool hit = is_wanted(MALLOC, __builtin_return_address(0));
    return hit && strike(MALLOC) ? NULL : __libc_realloc(memory, bytes);
}
