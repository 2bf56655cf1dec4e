#include "common/files/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Reading --------------------------------------------------------------------------------- */

/* Reads fd to its end. The size of a regular file is known beforehand; a pipe's buffer grows. */
static bool read_all(const char *path, int fd, size_t expected, char **data, size_t *bytes,
                     Error *err) {
    size_t capacity = expected + 2, used = 0; // one for the NUL, one to see the end of the file
    char *buffer = malloc(capacity);
    while (buffer) {
        // One byte is kept for the NUL in every round, so that it fits wherever the file ends.
        const ssize_t got = read(fd, buffer + used, capacity - used - 1);
        if (got == 0) break;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            free(buffer);
            return error_set(err, "%s: cannot read: %s", path, strerror(errno));
        }
        used += (size_t)got;
        if (used + 1 < capacity) continue; // the next read finds the end, or more
        // Doubling a size near SIZE_MAX would wrap round to a small one.
        char *larger = capacity <= SIZE_MAX / 2 ? realloc(buffer, capacity * 2) : NULL;
        if (!larger) free(buffer);
        buffer = larger;
        capacity *= 2;
    }
    if (!buffer) return error_set(err, "%s: too large for the memory", path);
    buffer[used] = '\0';
    *data = buffer;
    *bytes = used;
    return true;
}

/* A signal may come while a slow file system opens a file. */
int file_open(const char *path, int flags) {
    int fd;
    do fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* file_begin has opened what was closed the other way round: reading it would fail. */
static bool is_for_reading(int fd) {
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY;
}

/* Directories open like files and fail only when read; devices such as /dev/zero never end. Both
 * are told apart before anything is read. */
static bool has_an_end(const char *path, int fd, bool pipes, struct stat *status, Error *err) {
    if (!is_for_reading(fd)) return error_set(err, "%s: cannot read: %s", path, strerror(EBADF));
    if (fstat(fd, status) != 0) return error_set(err, "%s: cannot read: %s", path, strerror(errno));
    if (S_ISDIR(status->st_mode))
        return error_set(err, "%s: is a directory, expected a file", path);
    return S_ISREG(status->st_mode) ||
           (pipes && (S_ISFIFO(status->st_mode) || S_ISSOCK(status->st_mode))) ||
           error_set(err, "%s: is not a regular file", path);
}

/* Standard input is read where it stands: a socket has no name that could be opened, and opening a
 * file anew would begin it anew. Where no pipe is wanted, opening one must not wait for its other
 * end (O_NONBLOCK, which makes no difference to a regular file). */
static bool open_and_read(const char *path, bool pipes, char **data, size_t *bytes, Error *err) {
    const bool standard = strcmp(path, FILE_STDIN) == 0;
    const int fd =
        standard ? STDIN_FILENO : file_open(path, pipes ? O_RDONLY : O_RDONLY | O_NONBLOCK);
    if (fd < 0) return error_set(err, "%s: cannot open: %s", path, strerror(errno));
    struct stat status;
    const bool ok = has_an_end(path, fd, pipes, &status, err) &&
                    read_all(path, fd, S_ISREG(status.st_mode) ? (size_t)status.st_size : 65536,
                             data, bytes, err);
    if (!standard) close(fd);
    return ok;
}

bool file_read(const char *path, char **data, size_t *bytes, Error *err) {
    return open_and_read(path, true, data, bytes, err);
}

bool file_read_regular(const char *path, char **data, size_t *bytes, Error *err) {
    return open_and_read(path, false, data, bytes, err);
}

int file_open_regular(const char *path, Error *err) {
    struct stat status;
    const int fd = file_open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) error_set(err, "%s: cannot open: %s", path, strerror(errno));
    if (fd < 0 || has_an_end(path, fd, false, &status, err)) return fd;
    close(fd);
    return -1;
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* The folder of "a/b" is "a/", of "/b" "/", and of "b" ".". */
static void folder_of(const char *path, char folder[4096]) {
    const char *slash = strrchr(path, '/');
    const size_t length = slash ? (size_t)(slash - path) : 0;
    snprintf(folder, 4096, "%.*s%s", (int)length, path, slash ? "/" : ".");
}

/* What follows the folder. */
static const char *name_in_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool same_there(const char *a, const char *b) {
    struct stat s, t;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* What is not there has no number yet, but its folder has: a folder may have several names too. */
bool file_same(const char *a, const char *b) {
    char folder_a[4096], folder_b[4096];
    if (strcmp(a, b) == 0 || same_there(a, b)) return true;
    folder_of(a, folder_a);
    folder_of(b, folder_b);
    return strcmp(name_in_folder(a), name_in_folder(b)) == 0 && same_there(folder_a, folder_b);
}

/* Looked at before it is opened, since opening a pipe waits for its other end. */
bool file_may_replace(const char *path, const char *mark, size_t within) {
    struct stat status;
    char start[4096 + 1];
    // Without a folder to be in it is not there either: who writes will say so.
    if (stat(path, &status) != 0) return errno == ENOENT || errno == ENOTDIR;
    FILE *file = S_ISREG(status.st_mode) ? fopen(path, "rbe") : NULL;
    if (!file) return false;
    start[fread(start, 1, sizeof start - 1, file)] = '\0';
    fclose(file);
    const char *found = strstr(start, mark);
    return found && (size_t)(found - start) < within;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* write() may take only a part, or be interrupted by the signal that asks a training to stop. */
static bool write_all(int fd, const char *data, size_t bytes) {
    while (bytes > 0) {
        const ssize_t written = write(fd, data, bytes);
        // A write that takes nothing and gives no reason would otherwise be tried for ever.
        if (written == 0) errno = ENOSPC;
        if (written == 0 || (written < 0 && errno != EINTR)) return false;
        if (written > 0) data += written, bytes -= (size_t)written;
    }
    return true;
}

/* Creates "PATH.PID-N.tmp", which must not exist: left-overs and links are never written to. There
 * may be many of them: in a container every program has the same number. */
static int temporary_open(const char *path, char *temporary, size_t size) {
    int fd = -1;
    for (int attempt = 0; attempt < 1000000 && fd < 0; attempt++) {
        const int length =
            snprintf(temporary, size, "%s.%ld-%d.tmp", path, (long)getpid(), attempt);
        if (length < 0 || (size_t)length >= size) {
            errno = ENAMETOOLONG;
            return -1;
        }
        // O_EXCL also refuses a link that someone left there to lead us elsewhere.
        fd = file_open(temporary, O_WRONLY | O_CREAT | O_EXCL);
        if (fd < 0 && errno != EEXIST) return -1;
    }
    return fd;
}

/* What is written has reached the disk. */
static bool flush(int fd) {
    int flushed;
    do flushed = fsync(fd);
    while (flushed != 0 && errno == EINTR);
    return flushed == 0;
}

/* A signal during close leaves the file closed, and what was flushed is safe. */
static bool close_file(int fd) {
    return close(fd) == 0 || errno == EINTR;
}

/* Makes the rename itself survive a power cut. File systems that cannot flush a folder say EINVAL,
 * which leaves nothing to be done. */
static bool folder_flush(const char *path) {
    char folder[4096];
    folder_of(path, folder);
    const int fd = file_open(folder, O_RDONLY);
    if (fd < 0) return false;
    const bool ok = flush(fd) || errno == EINVAL;
    const int reason = errno;
    close(fd);
    errno = reason;
    return ok;
}

/* The order is what makes it safe: first the data reach the disk, then the name is moved over, then
 * the folder with the new name reaches the disk. After a crash there is the old file or the new
 * one, never a part. */
bool file_write(const char *path, const Bytes *pieces, size_t piece_count, Error *err) {
    struct stat status; // renaming over a device would replace it
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return error_set(err, "%s: cannot write: is not a regular file", path);
    char temporary[4096];
    const int fd = temporary_open(path, temporary, sizeof temporary);
    if (fd < 0) return error_set(err, "%s: cannot write: %s", path, strerror(errno));
    bool ok = true;
    for (size_t i = 0; i < piece_count && ok; i++)
        ok = write_all(fd, pieces[i].data, pieces[i].count);
    // Without it the rename can reach the disk before the data, and a crash leaves an empty file.
    ok = ok && flush(fd);
    int reason = errno; // close and unlink may change it
    if (!close_file(fd) && ok) ok = false, reason = errno;
    if (ok && rename(temporary, path) != 0) ok = false, reason = errno;
    if (!ok) {
        unlink(temporary);
        return error_set(err, "%s: cannot write: %s (what was there is unharmed)", path,
                         strerror(reason));
    }
    if (!folder_flush(path))
        return error_set(err, "%s: written, but its folder cannot be flushed to the disk: %s", path,
                         strerror(errno));
    return true;
}

/* Takes ".PID-N.tmp" off a name; the process's number, or 0 if it does not end so. */
static long strip_temporary(char *name) {
    char *dot = strrchr(name, '.');
    if (!dot || strcmp(dot, ".tmp") != 0) return 0;
    *dot = '\0';
    dot = strrchr(name, '.');
    long process;
    int attempt, end = 0;
    if (!dot || sscanf(dot, ".%ld-%d%n", &process, &attempt, &end) != 2 || dot[end]) return 0;
    *dot = '\0';
    return process > 0 ? process : 0;
}

static bool has_ended(long process) {
    return kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

/* Of the file of that name, or of all that belongs accepts. A leftover that cannot be removed does
 * no harm. */
static void remove_leftovers(const char *folder, bool alone, bool (*belongs)(const char *name),
                             const char *only) {
    char path[4096], name[256 + 1];
    const int fd = file_open(folder, O_RDONLY | O_DIRECTORY);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    if (!entries) return;
    for (struct dirent *entry; (entry = readdir(entries));) {
        snprintf(name, sizeof name, "%s", entry->d_name);
        const long process = strip_temporary(name);
        if (process == 0 || !(only ? strcmp(name, only) == 0 : belongs(name))) continue;
        if (!alone && !has_ended(process)) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(entries);
}

void file_remove_leftovers(const char *folder, bool alone, bool (*belongs)(const char *name)) {
    remove_leftovers(folder, alone, belongs, NULL);
}

void file_remove_leftovers_of(const char *path) {
    char folder[4096];
    folder_of(path, folder);
    remove_leftovers(folder, false, NULL, name_in_folder(path));
}

/* The other way round than they are used, which is what makes it fail. Each gets the lowest free
 * number: those before it are taken by then. */
void file_begin(void) {
    signal(SIGXFSZ, SIG_IGN);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}
