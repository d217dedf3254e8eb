// libcurl without being linked to it: its shared library brings some forty others along and takes as long to load as all
// else that a short command does, so it is loaded when a relay is first wanted. Of <curl/curl.h> the types and constants
// are for use; its functions are not there to be linked, and each that is wanted has a name of its own here.
//
// Where the library cannot be loaded, `clibcurl_trouble` says why, `clibcurl_easy_init` returns NULL, and with no handle
// nothing else is to be called.
#pragma once
#include <curl/curl.h>

// Loads the library and initialises it: once for the process, on whatever thread comes first, the others wait. It is
// never unloaded. NULL, or what is wrong in dlerror's words, for as long as the process lives.
const char *clibcurl_trouble(void);

// What `clibcurl_trouble` would say of another file, which is loaded and not kept. Returns 0, or -1 with the words in
// `why`: what the failures are tested with.
int clibcurl_try(const char *file, char *why, size_t size);

CURL *clibcurl_easy_init(void);
void clibcurl_easy_cleanup(CURL *handle);
CURLcode clibcurl_easy_perform(CURL *handle);
CURLcode clibcurl_easy_send(CURL *handle, const void *bytes, size_t size, size_t *sent);
CURLcode clibcurl_easy_recv(CURL *handle, void *bytes, size_t size, size_t *received);
const char *clibcurl_easy_strerror(CURLcode code);
time_t clibcurl_getdate(const char *text);
struct curl_slist *clibcurl_slist_append(struct curl_slist *list, const char *text);
void clibcurl_slist_free_all(struct curl_slist *list);

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one function for each kind of value, so
// that a Swift Int can never be passed where libcurl reads a long of another width.
CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode clibcurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode clibcurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode clibcurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
typedef size_t (*clibcurl_data_callback)(char *bytes, size_t size, size_t count, void *context);
CURLcode clibcurl_set_header_callback(CURL *handle, clibcurl_data_callback callback, void *context);
CURLcode clibcurl_set_read_callback(CURL *handle, clibcurl_data_callback callback, void *context);
// Makes libcurl use a socket that is connected already. `*socket` becomes -1 as it takes it, and must stay where it is
// until then.
CURLcode clibcurl_set_connected_socket(CURL *handle, int *socket);
CURLcode clibcurl_set_write_callback(CURL *handle, clibcurl_data_callback callback, void *context);
CURLcode clibcurl_get_socket(CURL *handle, curl_socket_t *value);
CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode clibcurl_get_string(CURL *handle, CURLINFO info, const char **value);
CURLcode clibcurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode clibcurl_get_certificates(CURL *handle, struct curl_certinfo **value);

// Called while libcurl waits; a result other than 0 ends the transfer.
typedef int (*clibcurl_progress_callback)(
    void *context, curl_off_t total_in, curl_off_t in, curl_off_t total_out, curl_off_t out);
CURLcode clibcurl_set_progress_callback(CURL *handle, clibcurl_progress_callback callback, void *context);

// The one way to learn TLS version and cipher from libcurl without linking libssl.
typedef int (*clibcurl_debug_callback)(
    CURL *handle, curl_infotype type, char *bytes, size_t size, void *context);
CURLcode clibcurl_set_debug_callback(CURL *handle, clibcurl_debug_callback callback, void *context);

// curl_version_info's argument and the feature bit are macros: 1 where this libcurl has SCRAM, which it takes from
// GSASL; 0 also where there is no libcurl.
int clibcurl_has_scram(void);
