/* A disk that fails: loaded before the C library, it counts what changes files below one folder, by whatever
   process of the run, and lets the N-th change fail; or each change from the N-th on.

   FAILING_UNDER  folder            FAILING_COUNT  file that the processes count in (8 bytes of zeros)
   FAILING_FROM   N, 1 the first    FAILING_TIMES  changes that fail from there on; 0 all
   FAILING_ERRNO  number of errno   FAILING_SHORT  1: the first of them writes half of its bytes
   FAILING_TRACE  file that failed changes are written to, or all where none is to fail (number, call, path)
   FAILING_KILL   1: the process group is killed (SIGKILL) in place of the first failed change

   A disk without room refuses only what needs room: no unlink, no truncation, nothing that is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *under, *trace;
static size_t under_length;
static uint64_t first, times;
static int error_number, half, kills;
static volatile uint64_t *count;

__attribute__((constructor)) static void begin(void) {
    const char *counted = getenv("FAILING_COUNT"), *text;
    under = getenv("FAILING_UNDER");
    if (!under || !counted) return;
    under_length = strlen(under);
    first = (text = getenv("FAILING_FROM")) ? strtoull(text, 0, 10) : 0;
    times = (text = getenv("FAILING_TIMES")) ? strtoull(text, 0, 10) : 1;
    error_number = (text = getenv("FAILING_ERRNO")) ? atoi(text) : ENOSPC;
    half = (text = getenv("FAILING_SHORT")) && *text == '1';
    kills = (text = getenv("FAILING_KILL")) && *text == '1';
    trace = getenv("FAILING_TRACE");
    int file = syscall(SYS_openat, AT_FDCWD, counted, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *at = mmap(0, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    syscall(SYS_close, file);
    if (at != MAP_FAILED) count = at;
}

/* 0: goes on; 1: fails; 2: fails after half of it. */
static int verdict(const char *path, const char *call) {
    if (!count || strncmp(path, under, under_length)) return 0;
    if (!kills && (error_number == ENOSPC || error_number == EDQUOT)) {
        if (!strncmp(call, "unlink", 6) || !strcmp(call, "rmdir") || strstr(call, "truncate")) return 0;
        if ((!strcmp(call, "open") || !strncmp(call, "mkdir", 5)) && !access(path, F_OK)) return 0;
    }
    uint64_t number = __sync_add_and_fetch(count, 1);
    if (first && (number < first || (times && number >= first + times))) return 0;
    if (trace) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%llu %s %s\n", (unsigned long long)number, call,
                              path + under_length);
        int file = syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        syscall(SYS_write, file, line, length);
        syscall(SYS_close, file);
    }
    if (!first) return 0;
    if (kills) {
        kill(0, SIGKILL);
        for (;;) pause();
    }
    errno = error_number;
    return half && number == first ? 2 : 1;
}

static int verdict_at(int folder, const char *path, const char *call) {
    char whole[PATH_MAX * 2], link[64];
    if (!count) return 0;
    if (path[0] == '/') return verdict(path, call);
    ssize_t length;
    if (folder == AT_FDCWD) {
        length = getcwd(whole, PATH_MAX) ? (ssize_t)strlen(whole) : -1;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        length = readlink(link, whole, PATH_MAX - 1);
    }
    if (length < 0) return 0;
    snprintf(whole + length, PATH_MAX, "/%s", path);
    return verdict(whole, call);
}

static int verdict_of(int file, const char *call) {
    char link[64], path[PATH_MAX];
    if (!count) return 0;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return verdict(path, call);
}

#define REAL(type, name, ...)                                   \
    static type (*real)(__VA_ARGS__);                           \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static int makes(int flags) { return (flags & O_CREAT) || (flags & O_ACCMODE) != O_RDONLY; }

#define OPENS(name)                                                             \
    int name(const char *path, int flags, ...) {                                \
        va_list rest;                                                           \
        va_start(rest, flags);                                                  \
        mode_t mode = va_arg(rest, mode_t);                                     \
        va_end(rest);                                                           \
        REAL(int, name, const char *, int, ...);                                \
        if (makes(flags) && verdict_at(AT_FDCWD, path, "open")) return -1;      \
        return real(path, flags, mode);                                         \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                                          \
    int name(int folder, const char *path, int flags, ...) {                    \
        va_list rest;                                                           \
        va_start(rest, flags);                                                  \
        mode_t mode = va_arg(rest, mode_t);                                     \
        va_end(rest);                                                           \
        REAL(int, name, int, const char *, int, ...);                           \
        if (makes(flags) && verdict_at(folder, path, "open")) return -1;        \
        return real(folder, path, flags, mode);                                 \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

ssize_t write(int file, const void *bytes, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    int fails = verdict_of(file, "write");
    if (fails == 2 && length > 1) return real(file, bytes, length / 2);
    return fails ? -1 : real(file, bytes, length);
}

#define WRITES_AT(name, offset_t)                                               \
    ssize_t name(int file, const void *bytes, size_t length, offset_t at) {     \
        REAL(ssize_t, name, int, const void *, size_t, offset_t);               \
        int fails = verdict_of(file, "pwrite");                                 \
        if (fails == 2 && length > 1) return real(file, bytes, length / 2, at); \
        return fails ? -1 : real(file, bytes, length, at);                      \
    }
WRITES_AT(pwrite, off_t)
WRITES_AT(pwrite64, off64_t)

ssize_t writev(int file, const struct iovec *parts, int number) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    return verdict_of(file, "writev") ? -1 : real(file, parts, number);
}

#define ON_FILE(type, name, declared, given)                  \
    type name declared {                                      \
        static type(*real) declared;                          \
        if (!real) real = (type(*) declared)dlsym(RTLD_NEXT, #name); \
        if (verdict_of(file, #name)) return -1;               \
        return real given;                                    \
    }
ON_FILE(int, fsync, (int file), (file))
ON_FILE(int, fdatasync, (int file), (file))
ON_FILE(int, ftruncate, (int file, off_t length), (file, length))
ON_FILE(int, ftruncate64, (int file, off64_t length), (file, length))
ON_FILE(int, fallocate, (int file, int mode, off_t at, off_t length), (file, mode, at, length))
ON_FILE(ssize_t, sendfile, (int file, int from, off_t *at, size_t length), (file, from, at, length))
ON_FILE(ssize_t, sendfile64, (int file, int from, off64_t *at, size_t length), (file, from, at, length))

int posix_fallocate(int file, off_t at, off_t length) {
    REAL(int, posix_fallocate, int, off_t, off_t);
    return verdict_of(file, "posix_fallocate") ? error_number : real(file, at, length);
}

ssize_t copy_file_range(int from, off64_t *from_at, int file, off64_t *at, size_t length, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    return verdict_of(file, "copy_file_range") ? -1 : real(from, from_at, file, at, length, flags);
}

#define ON_PATH(name, declared, given, folder, path)                 \
    int name declared {                                              \
        static int(*real) declared;                                  \
        if (!real) real = (int(*) declared)dlsym(RTLD_NEXT, #name);  \
        if (verdict_at(folder, path, #name)) return -1;              \
        return real given;                                           \
    }
ON_PATH(rename, (const char *old, const char *new), (old, new), AT_FDCWD, new)
ON_PATH(renameat, (int a, const char *old, int b, const char *new), (a, old, b, new), b, new)
ON_PATH(link, (const char *old, const char *new), (old, new), AT_FDCWD, new)
ON_PATH(symlink, (const char *old, const char *new), (old, new), AT_FDCWD, new)
ON_PATH(unlink, (const char *path), (path), AT_FDCWD, path)
ON_PATH(unlinkat, (int folder, const char *path, int flags), (folder, path, flags), folder, path)
ON_PATH(rmdir, (const char *path), (path), AT_FDCWD, path)
ON_PATH(mkdir, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
ON_PATH(mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode), folder, path)
ON_PATH(truncate, (const char *path, off_t length), (path, length), AT_FDCWD, path)
