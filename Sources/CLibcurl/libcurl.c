#include <pthread.h>
#include <stdio.h>

#include "CDynamicLibrary.h"
#include "CLibcurl.h"

// Each function of libcurl that is used, looked up by name; its type is the header's, so that the compiler checks calls
// as if it were linked.
#define FUNCTIONS(DO) \
  DO(curl_global_init) \
  DO(curl_version_info) \
  DO(curl_easy_init) \
  DO(curl_easy_cleanup) \
  DO(curl_easy_setopt) \
  DO(curl_easy_getinfo) \
  DO(curl_easy_perform) \
  DO(curl_easy_send) \
  DO(curl_easy_recv) \
  DO(curl_easy_strerror) \
  DO(curl_getdate) \
  DO(curl_slist_append) \
  DO(curl_slist_free_all)

// The header's macros of the same names would check the types of values that here have types already.
#undef curl_easy_setopt
#undef curl_easy_getinfo

struct functions {
#define MEMBER(name) __typeof__(name) *name;
  FUNCTIONS(MEMBER)
};

// Returns the loaded file, or NULL with the words in `why`.
static void *load(const char *file, struct functions *functions, char *why, size_t size) {
  const struct cdynamic_symbol symbols[] = {
#define SYMBOL(name) {#name, (void **)&functions->name, 0},
      FUNCTIONS(SYMBOL)
  };
  return cdynamic_open(file, symbols, sizeof symbols / sizeof *symbols, why, size);
}

int clibcurl_try(const char *file, char *why, size_t size) {
  struct functions functions;
  void *library = load(file, &functions, why, size);
  if (!library) return -1;
  cdynamic_close(library);
  return 0;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct functions libcurl;
// NULL once the functions can be called.
static const char *trouble;

static void load_once(void) {
  static char why[512];
  if (!load("libcurl.so.4", &libcurl, why, sizeof why)) {
    trouble = why;
    return;
  }
  CURLcode code = libcurl.curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code == CURLE_OK) return;
  snprintf(why, sizeof why, "libcurl.so.4: curl_global_init: %s", libcurl.curl_easy_strerror(code));
  trouble = why;
}

const char *clibcurl_trouble(void) {
  pthread_once(&once, load_once);
  return trouble;
}

CURL *clibcurl_easy_init(void) { return clibcurl_trouble() ? NULL : libcurl.curl_easy_init(); }

void clibcurl_easy_cleanup(CURL *handle) { libcurl.curl_easy_cleanup(handle); }

CURLcode clibcurl_easy_perform(CURL *handle) { return libcurl.curl_easy_perform(handle); }

CURLcode clibcurl_easy_send(CURL *handle, const void *bytes, size_t size, size_t *sent) {
  return libcurl.curl_easy_send(handle, bytes, size, sent);
}

CURLcode clibcurl_easy_recv(CURL *handle, void *bytes, size_t size, size_t *received) {
  return libcurl.curl_easy_recv(handle, bytes, size, received);
}

const char *clibcurl_easy_strerror(CURLcode code) { return libcurl.curl_easy_strerror(code); }

time_t clibcurl_getdate(const char *text) { return libcurl.curl_getdate(text, NULL); }

struct curl_slist *clibcurl_slist_append(struct curl_slist *list, const char *text) {
  return libcurl.curl_slist_append(list, text);
}

void clibcurl_slist_free_all(struct curl_slist *list) { libcurl.curl_slist_free_all(list); }

CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value) {
  return libcurl.curl_easy_setopt(handle, option, value);
}

CURLcode clibcurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return libcurl.curl_easy_setopt(handle, option, value);
}

CURLcode clibcurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return libcurl.curl_easy_setopt(handle, option, value);
}

CURLcode clibcurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return libcurl.curl_easy_setopt(handle, option, value);
}

CURLcode clibcurl_set_header_callback(CURL *handle, clibcurl_data_callback callback, void *context) {
  CURLcode code = libcurl.curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, callback);
  return code == CURLE_OK ? libcurl.curl_easy_setopt(handle, CURLOPT_HEADERDATA, context) : code;
}

CURLcode clibcurl_set_read_callback(CURL *handle, clibcurl_data_callback callback, void *context) {
  CURLcode code = libcurl.curl_easy_setopt(handle, CURLOPT_READFUNCTION, callback);
  return code == CURLE_OK ? libcurl.curl_easy_setopt(handle, CURLOPT_READDATA, context) : code;
}

CURLcode clibcurl_set_write_callback(CURL *handle, clibcurl_data_callback callback, void *context) {
  CURLcode code = libcurl.curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
  return code == CURLE_OK ? libcurl.curl_easy_setopt(handle, CURLOPT_WRITEDATA, context) : code;
}

CURLcode clibcurl_set_progress_callback(CURL *handle, clibcurl_progress_callback callback, void *context) {
  CURLcode code = libcurl.curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  if (code == CURLE_OK) code = libcurl.curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
  return code == CURLE_OK ? libcurl.curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context) : code;
}

CURLcode clibcurl_set_debug_callback(CURL *handle, clibcurl_debug_callback callback, void *context) {
  CURLcode code = libcurl.curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
  if (code == CURLE_OK) code = libcurl.curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, callback);
  return code == CURLE_OK ? libcurl.curl_easy_setopt(handle, CURLOPT_DEBUGDATA, context) : code;
}

// libcurl asks for a socket and is given the one that is there, once.
static curl_socket_t give_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose, (void)address;
  int *socket = context;
  int given = *socket;
  *socket = -1;
  return given < 0 ? CURL_SOCKET_BAD : given;
}

static int say_connected(void *context, curl_socket_t socket, curlsocktype purpose) {
  (void)context, (void)socket, (void)purpose;
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

CURLcode clibcurl_set_connected_socket(CURL *handle, int *socket) {
  CURLcode code = libcurl.curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, give_socket);
  if (code == CURLE_OK) code = libcurl.curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, socket);
  return code == CURLE_OK ? libcurl.curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, say_connected) : code;
}

CURLcode clibcurl_get_socket(CURL *handle, curl_socket_t *value) {
  return libcurl.curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}

CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return libcurl.curl_easy_getinfo(handle, info, value);
}

CURLcode clibcurl_get_string(CURL *handle, CURLINFO info, const char **value) {
  return libcurl.curl_easy_getinfo(handle, info, value);
}

CURLcode clibcurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return libcurl.curl_easy_getinfo(handle, info, value);
}

CURLcode clibcurl_get_certificates(CURL *handle, struct curl_certinfo **value) {
  return libcurl.curl_easy_getinfo(handle, CURLINFO_CERTINFO, value);
}

int clibcurl_has_scram(void) {
  return !clibcurl_trouble() && (libcurl.curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_GSASL) != 0;
}
