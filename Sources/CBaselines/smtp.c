#define _GNU_SOURCE 1
#include <CLibcurl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cbaselines.h"

struct job {
  const char *url, *sender, *recipient, *message, *authority;
  size_t length;
  long count;
  int grouped;
  int reconnecting;
  int failed;
  char why[256];
  // Upload mode: how much of the message libcurl has read.
  size_t offset;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int fail(struct job *job, const char *why) {
  snprintf(job->why, sizeof job->why, "%s", why);
  job->failed = 1;
  return -1;
}

static int wait_for(CURL *curl, short events) {
  curl_socket_t socket;
  if (clibcurl_get_socket(curl, &socket) != CURLE_OK) return -1;
  struct pollfd polled = {.fd = socket, .events = events};
  return poll(&polled, 1, 30000) == 1 ? 0 : -1;
}

static int send_all(CURL *curl, const char *bytes, size_t length) {
  while (length > 0) {
    size_t sent = 0;
    CURLcode code = clibcurl_easy_send(curl, bytes, length, &sent);
    if (code == CURLE_AGAIN) {
      if (wait_for(curl, POLLOUT) < 0) return -1;
      continue;
    }
    if (code != CURLE_OK) return -1;
    bytes += sent;
    length -= sent;
  }
  return 0;
}

// Reads until `wanted` final reply lines have come; -1 where one is not of the class `classes` says.
static int read_replies(CURL *curl, const char *classes, int wanted) {
  static __thread char buffer[8192];
  static __thread size_t held = 0;
  if (wanted == 0) {
    held = 0;
    return 0;
  }
  int seen = 0;
  for (;;) {
    char *end;
    while (seen < wanted && held > 0 && (end = memchr(buffer, '\n', held)) != NULL) {
      size_t line = (size_t)(end - buffer) + 1;
      if (line >= 4 && buffer[3] != '-') {
        if (buffer[0] != classes[seen]) return -1;
        seen++;
      }
      held -= line;
      memmove(buffer, buffer + line, held);
    }
    if (seen == wanted) return 0;
    size_t count = 0;
    CURLcode code = clibcurl_easy_recv(curl, buffer + held, sizeof buffer - held, &count);
    if (code == CURLE_AGAIN) {
      if (wait_for(curl, POLLIN) < 0) return -1;
      continue;
    }
    if (code != CURLE_OK || count == 0) return -1;
    held += count;
  }
}

static CURL *connect_only(struct job *job) {
  CURL *curl = clibcurl_easy_init();
  clibcurl_set_string(curl, CURLOPT_URL, job->url);
  clibcurl_set_long(curl, CURLOPT_CONNECT_ONLY, 1L);
  clibcurl_set_long(curl, CURLOPT_NOSIGNAL, 1L);
  if (job->authority) clibcurl_set_string(curl, CURLOPT_CAINFO, job->authority);
  CURLcode code = clibcurl_easy_perform(curl);
  if (code == CURLE_OK) {
    read_replies(curl, "", 0);
    return curl;
  }
  fail(job, clibcurl_easy_strerror(code));
  clibcurl_easy_cleanup(curl);
  return NULL;
}

static void *run_pipelined(void *context) {
  struct job *job = context;
  CURL *curl = connect_only(job);
  if (!curl) return NULL;
  char envelope[1024];
  int length =
      snprintf(envelope, sizeof envelope, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", job->sender, job->recipient);
  size_t total = job->length + (size_t)length;
  char *both = malloc(total);
  memcpy(both, job->message, job->length);
  memcpy(both + job->length, envelope, (size_t)length);
  if (job->grouped && job->count > 0 && send_all(curl, envelope, (size_t)length) < 0) fail(job, "send");
  for (long index = 0; index < job->count && !job->failed; index++) {
    int ok;
    if (job->grouped) {
      int last = index + 1 == job->count;
      ok = (index > 0 || read_replies(curl, "223", 3) == 0) && send_all(curl, both, last ? job->length : total) == 0 &&
           read_replies(curl, last ? "2" : "2223", last ? 1 : 4) == 0;
    } else {
      if (job->reconnecting && index > 0) {
        send_all(curl, "QUIT\r\n", 6);
        clibcurl_easy_cleanup(curl);
        curl = connect_only(job);
        if (!curl) break;
      }
      ok = send_all(curl, envelope, (size_t)length) == 0 && read_replies(curl, "223", 3) == 0 &&
           send_all(curl, job->message, job->length) == 0 && read_replies(curl, "2", 1) == 0;
    }
    if (!ok) fail(job, "the relay did not take a mail");
  }
  if (curl && !job->failed) send_all(curl, "QUIT\r\n", 6);
  free(both);
  if (curl) clibcurl_easy_cleanup(curl);
  return NULL;
}

static size_t read_message(char *buffer, size_t size, size_t count, void *context) {
  struct job *job = context;
  size_t left = job->length - job->offset;
  size_t take = left < size * count ? left : size * count;
  memcpy(buffer, job->message + job->offset, take);
  job->offset += take;
  return take;
}

static void *run_upload(void *context) {
  struct job *job = context;
  CURL *curl = clibcurl_easy_init();
  struct curl_slist *recipients = clibcurl_slist_append(NULL, job->recipient);
  clibcurl_set_string(curl, CURLOPT_URL, job->url);
  clibcurl_set_long(curl, CURLOPT_NOSIGNAL, 1L);
  clibcurl_set_long(curl, CURLOPT_UPLOAD, 1L);
  clibcurl_set_string(curl, CURLOPT_MAIL_FROM, job->sender);
  clibcurl_set_list(curl, CURLOPT_MAIL_RCPT, recipients);
  clibcurl_set_read_callback(curl, read_message, job);
  for (long index = 0; index < job->count && !job->failed; index++) {
    job->offset = 0;
    CURLcode code = clibcurl_easy_perform(curl);
    if (code != CURLE_OK) fail(job, clibcurl_easy_strerror(code));
  }
  clibcurl_slist_free_all(recipients);
  clibcurl_easy_cleanup(curl);
  return NULL;
}

static double run(struct job *template, int threads, void *(*body)(void *), char *why) {
  if (threads < 1 || threads > 64) {
    snprintf(why, 256, "1 to 64 threads");
    return -1;
  }
  const char *trouble = clibcurl_trouble();
  if (trouble) {
    snprintf(why, 256, "%s", trouble);
    return -1;
  }
  struct job jobs[64];
  pthread_t handles[64];
  double start = now();
  for (int index = 0; index < threads; index++) {
    jobs[index] = *template;
    jobs[index].count = template->count / threads + (index < template->count % threads ? 1 : 0);
    pthread_create(&handles[index], NULL, body, &jobs[index]);
  }
  int failed = 0;
  for (int index = 0; index < threads; index++) {
    pthread_join(handles[index], NULL);
    if (jobs[index].failed) {
      failed = 1;
      snprintf(why, 256, "%s", jobs[index].why);
    }
  }
  return failed ? -1 : now() - start;
}

double cbaselines_smtp_pipelined(const char *url, const char *sender, const char *recipient,
                                 const char *message, size_t length, long count, int threads, int grouped,
                                 int reconnecting, const char *authority, char *why) {
  struct job job = {.url = url, .sender = sender, .recipient = recipient, .message = message,
                    .length = length, .count = count, .grouped = grouped, .reconnecting = reconnecting,
                    .authority = authority};
  return run(&job, threads, run_pipelined, why);
}

double cbaselines_smtp_upload(const char *url, const char *sender, const char *recipient, const char *message,
                              size_t length, long count, int threads, char *why) {
  struct job job = {.url = url, .sender = sender, .recipient = recipient, .message = message,
                    .length = length, .count = count};
  return run(&job, threads, run_upload, why);
}
