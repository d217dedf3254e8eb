// The plainest C programs that do what a bench measures, run beside it on the same machine in the same run, so
// that each figure comes with a ratio. They keep no state, check no more than they must, and are used by
// `passcode bench` alone.
//
// Each returns the seconds it took, or a negative number where it failed; `why` (at least 256 bytes) then says why.
#pragma once
#include <stddef.h>

// Sends `count` copies of a message that is ready for the wire (CRLF lines, dots stuffed, final dot included)
// over `threads` connections: libcurl's CONNECT_ONLY, then MAIL, RCPT and DATA pipelined (RFC 2920). With
// `grouped` the body goes out together with the next mail's envelope.
double cbaselines_smtp_pipelined(const char *url, const char *sender, const char *recipient,
                                 const char *message, size_t length, long count, int threads, int grouped,
                                 char *why);

// The same mails through libcurl's own upload mode, connections reused.
double cbaselines_smtp_upload(const char *url, const char *sender, const char *recipient, const char *message,
                              size_t length, long count, int threads, char *why);

// `count` files of `length` bytes: write, fsync, rename from `directory`/tmp into `directory`/new, fsync of new.
double cbaselines_publish(const char *directory, const char *bytes, size_t length, long count, char *why);

// `count` transactions that update one row each, in a fresh WAL database with synchronous=FULL.
double cbaselines_sqlite_commits(const char *path, long count, char *why);
