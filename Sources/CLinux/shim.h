// Linux calls that Swift's Glibc module does not carry, or that are variadic or macros there.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

// open and openat are variadic; Swift sees no variadic C functions.
static inline int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int clinux_openat(int directory, const char *path, int flags, mode_t mode) {
  return openat(directory, path, flags, mode);
}

// Opens without the time of access being noted, which would write to the disk for each file that is read; noted it is
// where the file belongs to somebody else, who alone may leave it out.
static inline int clinux_openat_quietly(int directory, const char *path, int flags) {
  int descriptor = openat(directory, path, flags | __O_NOATIME);
  return descriptor < 0 && errno == EPERM ? openat(directory, path, flags) : descriptor;
}

// GNU extensions, declared here because _GNU_SOURCE would give types such as fd_set another shape than they have in
// the other C modules, and one program cannot hold both.
int pthread_setname_np(pthread_t thread, const char *name);
int renameat2(int directory, const char *name, int target, const char *new_name, unsigned int flags);
int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
int pipe2(int ends[2], int flags);

static inline int clinux_set_thread_name(pthread_t thread, const char *name) {
  return pthread_setname_np(thread, name);
}
// A rename that fails with EEXIST instead of replacing what stands there (RENAME_NOREPLACE is 1, renameat2(2)).
static inline int clinux_rename_noreplace(int directory, const char *name, int target, const char *new_name) {
  return renameat2(directory, name, target, new_name, 1u);
}
// A rename that lets two names change places (RENAME_EXCHANGE is 2).
static inline int clinux_rename_exchange(int directory, const char *name, int target, const char *new_name) {
  return renameat2(directory, name, target, new_name, 2u);
}
// Without SOCK_CLOEXEC in the same call, a child that is started meanwhile inherits the socket.
static inline int clinux_accept(int listener) { return accept4(listener, (void *)0, (void *)0, SOCK_CLOEXEC); }
// Likewise for the ends of a pipe.
static inline int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
// Whether a list of access rights is kept beside the mode, whose group bits then bound all that it names (acl(5)). Links
// have none.
static inline int clinux_has_access_list(const char *path) {
  return getxattr(path, "system.posix_acl_access", (void *)0, 0) > 0;
}
// prctl is variadic.
static inline int clinux_set_dumpable(unsigned long value) { return prctl(PR_SET_DUMPABLE, value, 0ul, 0ul, 0ul); }
static inline int clinux_get_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0ul, 0ul, 0ul, 0ul); }
