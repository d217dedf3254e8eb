// The plainest C programs that do what a bench measures, run beside it on the same machine in the same run, so
// that each figure comes with a ratio. They keep no state, check no more than they must, and are used by
// `passcode-bench` alone.
//
// Each measurement returns the seconds it took, or a negative number where it failed; `why` (at least 256 bytes) then says why.
#pragma once
#include <stddef.h>

// Sends `count` copies of a message that is ready for the wire (CRLF lines, dots stuffed, final dot included)
// over `threads` connections: libcurl's CONNECT_ONLY, then MAIL, RCPT and DATA pipelined (RFC 2920). With
// `grouped` the body goes out together with the next mail's envelope; with `reconnecting` each mail has a
// connection of its own. For smtps:// `authority` is the file with the certificate to trust, else NULL.
double cbaselines_smtp_pipelined(const char *url, const char *sender, const char *recipient,
                                 const char *message, size_t length, long count, int threads, int grouped,
                                 int reconnecting, const char *authority, char *why);

// The same mails through libcurl's own upload mode, connections reused.
double cbaselines_smtp_upload(const char *url, const char *sender, const char *recipient, const char *message,
                              size_t length, long count, int threads, char *why);

// Starts a server on 127.0.0.1 that speaks TLS from the first byte and takes every mail, for as long as the process
// lives; its certificate is written to `certificate_path`. Returns the port, or a negative number with `why`.
int cbaselines_tls_sink(const char *certificate_path, char *why);

// `count` files of `length` bytes: write, fsync, rename from `directory`/tmp into `directory`/new, fsync of new.
double cbaselines_publish(const char *directory, const char *bytes, size_t length, long count, char *why);

// `count` transactions that update one row each, in a fresh WAL database with synchronous=FULL.
double cbaselines_sqlite_commits(const char *path, long count, char *why);

// Processor time of the calling thread.
double cbaselines_thread_seconds(void);

// `count` mails from parts that are rendered already: the code put in where `code` stands, headers by sprintf, both
// parts in quoted-printable byte by byte. Processor time.
double cbaselines_compose(const char *text, size_t text_length, const char *html, size_t html_length, const char *code,
                          long count, char *why);

// From here on every allocation of this process is counted; it cannot be undone. Not zero where it failed.
int cbaselines_count_allocations(char *why);
long cbaselines_allocations(void);
