#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cbaselines.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double fail(char *why, const char *call) {
  snprintf(why, 256, "%s: %s", call, strerror(errno));
  return -1;
}

double cbaselines_publish(const char *directory, const char *bytes, size_t length, long count, char *why) {
  char from[4096], to[4096], new[4096];
  snprintf(new, sizeof new, "%s/new", directory);
  int folder = open(new, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return fail(why, "open");
  double start = now();
  for (long index = 0; index < count; index++) {
    snprintf(from, sizeof from, "%s/tmp/baseline.%ld", directory, index);
    snprintf(to, sizeof to, "%s/baseline.%ld", new, index);
    int file = open(from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return fail(why, "open");
    if (write(file, bytes, length) != (ssize_t)length) return fail(why, "write");
    if (fsync(file) < 0) return fail(why, "fsync");
    close(file);
    if (rename(from, to) < 0) return fail(why, "rename");
    if (fsync(folder) < 0) return fail(why, "fsync");
  }
  double seconds = now() - start;
  close(folder);
  return seconds;
}

double cbaselines_sqlite_commits(const char *path, long count, char *why) {
  sqlite3 *database = NULL;
  sqlite3_stmt *update = NULL;
  double seconds = -1;
  if (sqlite3_open(path, &database) == SQLITE_OK &&
      sqlite3_exec(database,
                   "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "CREATE TABLE counter(id INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
                   "INSERT INTO counter VALUES (1, 0);",
                   NULL, NULL, NULL) == SQLITE_OK &&
      sqlite3_prepare_v2(database, "UPDATE counter SET value = value + 1 WHERE id = 1", -1, &update, NULL) ==
          SQLITE_OK) {
    // Until the log has been written once around: writing over it is faster than making it longer.
    for (int warm = 0; warm < 1500 && sqlite3_step(update) == SQLITE_DONE; warm++) sqlite3_reset(update);
    sqlite3_reset(update);
    double start = now();
    long index = 0;
    while (index < count && sqlite3_step(update) == SQLITE_DONE && sqlite3_reset(update) == SQLITE_OK) index++;
    if (index == count) seconds = now() - start;
  }
  if (seconds < 0) snprintf(why, 256, "%s", sqlite3_errmsg(database));
  sqlite3_finalize(update);
  sqlite3_close(database);
  return seconds;
}
