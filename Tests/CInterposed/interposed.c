#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cinterposed.h"

// An executable's symbols come before those of the libraries, so libcurl and the Swift runtime call these.

extern void *__libc_malloc(size_t size);

static __thread unsigned long allocations;

void *malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}

unsigned long cinterposed_allocations(void) { return allocations; }

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static int waiting, ends;

int cinterposed_waiting_lookups(void) {
  pthread_mutex_lock(&mutex);
  int count = waiting;
  pthread_mutex_unlock(&mutex);
  return count;
}

void cinterposed_end_lookups(void) {
  pthread_mutex_lock(&mutex);
  ends++;
  pthread_cond_broadcast(&ended);
  pthread_mutex_unlock(&mutex);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
  static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  if (node && strstr(node, "never.invalid")) {
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 30;
    pthread_mutex_lock(&mutex);
    int end = ends;
    waiting++;
    while (ends == end && pthread_cond_timedwait(&ended, &mutex, &limit) == 0) {
    }
    waiting--;
    pthread_mutex_unlock(&mutex);
    return EAI_AGAIN;
  }
  if (!next)
    next = (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
        RTLD_NEXT, "getaddrinfo");
  if (node && strcmp(node, "two.addresses.invalid") == 0) {
    int code = next("127.0.0.1", service, hints, result);
    if (code != 0) return code;
    struct addrinfo *last = *result;
    while (last->ai_next) last = last->ai_next;
    // freeaddrinfo goes from one to the next.
    return next("127.0.0.2", service, hints, &last->ai_next);
  }
  return next(node, service, hints, result);
}
