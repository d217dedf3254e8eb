// libidn2 (apt: libidn2-0) without being linked to it: it is loaded when the first text comes that is not ASCII and
// needs it, which few do. libcurl needs it as well, so that where mail can be sent it is there.
//
// Where it cannot be loaded, `clibidn2_trouble` says why and the others fail.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Loads the library: once for the process, on whatever thread comes first, the others wait. It is never unloaded.
// NULL, or what is wrong in dlerror's words, for as long as the process lives.
const char *clibidn2_trouble(void);

// What `clibidn2_trouble` would say of another file, which is loaded and not kept. Returns 0, or -1 with the words in
// `why`: what the failures are tested with.
int clibidn2_try(const char *file, char *why, size_t size);

// A domain name in UTF-8 as A-labels, for looking up (RFC 5891, 5), mapped as UTS 46 says, non-transitional. Returns
// NULL and fills `why` with a static text in libidn2's words where there is none. `clibidn2_free` frees it.
char *clibidn2_lookup(const char *domain, const char **why);

// A domain name of A-labels in UTF-8, its labels in Unicode (RFC 5891, 5.4). NULL where there is none, or libidn2 is
// missing. `clibidn2_free` frees it.
char *clibidn2_unicode(const char *domain);
void clibidn2_free(char *domain);

// Unicode's composed compatibility form (NFKC) of UTF-8; its size is in `length`. NULL where libidn2 is missing or has
// been built without libunistring, or where the text is no UTF-8. `clibidn2_free_composed` frees it.
uint8_t *clibidn2_compose_compatibly(const uint8_t *text, size_t count, size_t *length);
void clibidn2_free_composed(uint8_t *text);
