#pragma once
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
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

// Without a callback of its own, OpenSSL asks at the terminal for the passphrase of an encrypted key.
static inline int clibcrypto_no_passphrase(char *buffer, int size, int writing, void *context) { return -1; }
// A private key in PEM, of any kind; NULL where there is none that can be read. PEM readers take a BIO.
static inline EVP_PKEY *clibcrypto_read_private_key(const void *bytes, int size) {
  BIO *memory = BIO_new_mem_buf(bytes, size);
  EVP_PKEY *key = memory ? PEM_read_bio_PrivateKey(memory, NULL, clibcrypto_no_passphrase, NULL) : NULL;
  BIO_free(memory);
  return key;
}
// EVP_PKEY_RSA is a macro of a macro.
static inline int clibcrypto_is_rsa(const EVP_PKEY *key) { return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA; }
