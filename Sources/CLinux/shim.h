// Linux calls that Swift's Glibc module does not carry, or that are variadic or macros there.
//
// _GNU_SOURCE is not defined: it changes structures (`fd_set`) that Swift's Glibc module holds without it, and
// the compiler refuses two modules that disagree. GNU extensions are declared here one by one instead.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

// open and openat are variadic; Swift sees no variadic C functions.
static inline int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int clinux_openat(int directory, const char *path, int flags, mode_t mode) {
  return openat(directory, path, flags, mode);
}
// fcntl is variadic too.
static inline int clinux_get_flags(int fd) { return fcntl(fd, F_GETFL); }
static inline int clinux_set_flags(int fd, int flags) { return fcntl(fd, F_SETFL, flags); }

// A GNU extension.
#include <pthread.h>
extern int pthread_setname_np(pthread_t thread, const char *name);
static inline int clinux_set_thread_name(pthread_t thread, const char *name) {
  return pthread_setname_np(thread, name);
}

// A GNU extension too: a rename that fails with EEXIST instead of replacing what stands there.
#include <stdio.h>
extern int renameat2(int directory, const char *name, int target, const char *new_name, unsigned int flags);
static inline int clinux_rename_noreplace(int directory, const char *name, int target, const char *new_name) {
  return renameat2(directory, name, target, new_name, 1 /* RENAME_NOREPLACE */);
}

// A GNU extension as well: without SOCK_CLOEXEC in the same call, a child started meanwhile inherits the socket.
#include <sys/socket.h>
extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
static inline int clinux_accept(int listener) { return accept4(listener, 0, 0, SOCK_CLOEXEC); }

// Likewise: the ends of a pipe must not leak into a child that another thread starts at the same moment.
extern int pipe2(int ends[2], int flags);
static inline int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
