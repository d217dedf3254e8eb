#pragma once
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one shim for each kind of
// value, so that a Swift Int can never be passed where libcurl reads a long of another width.
static inline CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode clibcurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode clibcurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
typedef size_t (*clibcurl_data_callback)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode clibcurl_set_header_callback(
    CURL *handle, clibcurl_data_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, callback);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_HEADERDATA, context) : code;
}
static inline CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode clibcurl_get_socket(CURL *handle, curl_socket_t *value) {
  return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}
static inline CURLcode clibcurl_get_string(CURL *handle, CURLINFO info, const char **value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode clibcurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode clibcurl_get_certificates(CURL *handle, struct curl_certinfo **value) {
  return curl_easy_getinfo(handle, CURLINFO_CERTINFO, value);
}

// Called while libcurl waits; a result other than 0 ends the transfer.
typedef int (*clibcurl_progress_callback)(
    void *context, curl_off_t total_in, curl_off_t in, curl_off_t total_out, curl_off_t out);
static inline CURLcode clibcurl_set_progress_callback(
    CURL *handle, clibcurl_progress_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context) : code;
}

// The one way to learn TLS version and cipher from libcurl without linking libssl.
typedef int (*clibcurl_debug_callback)(
    CURL *handle, curl_infotype type, char *bytes, size_t size, void *context);
static inline CURLcode clibcurl_set_debug_callback(
    CURL *handle, clibcurl_debug_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, callback);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_DEBUGDATA, context) : code;
}

// curl_version_info's argument and the feature bit are macros: 1 where this libcurl has SCRAM, which it takes from
// GSASL.
static inline int clibcurl_has_scram(void) {
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_GSASL) != 0;
}
