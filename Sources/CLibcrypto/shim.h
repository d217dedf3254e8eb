#pragma once
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

// EVP_CIPHER_CTX_ctrl takes GCM's commands as macros with arguments of mixed type; two functions say what is meant.
static inline int clibcrypto_gcm_get_tag(EVP_CIPHER_CTX *context, int size, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, size, tag);
}
static inline int clibcrypto_gcm_set_tag(EVP_CIPHER_CTX *context, int size, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, size, tag);
}
// OSSL_PARAM_construct_utf8_string wants a mutable pointer to a macro's string; a Swift array of OSSL_PARAM would
// have to keep both strings in place for the length of the call.
static inline int clibcrypto_hmac_sha256_init(EVP_MAC_CTX *context, const unsigned char *key, size_t size) {
  OSSL_PARAM parameters[2] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_init(context, key, size, parameters);
}
