#pragma once
// SHA256_Init and its like are old, not gone; see below for why they are called.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

// EVP_CIPHER_CTX_ctrl takes GCM's commands as macros with arguments of mixed type; two functions say what is meant.
static inline int clibcrypto_gcm_get_tag(EVP_CIPHER_CTX *context, int size, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, size, tag);
}
static inline int clibcrypto_gcm_set_tag(EVP_CIPHER_CTX *context, int size, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, size, tag);
}

// SHA-256 and HMAC by libcrypto's oldest functions, which work on what they are given alone. EVP's fetch an algorithm,
// and the first fetch reads the library's configuration and lists all that it has: a third of what a short command does.
// Nothing here can fail.
static inline void clibcrypto_sha256(const void *bytes, size_t size, unsigned char output[32]) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes, size);
  SHA256_Final(output, &context);
}
// HMAC-SHA-256 (RFC 2104) after the block of its key, so that each message starts from there; never changed.
struct clibcrypto_hmac_key {
  SHA256_CTX inner, outer;
};
static inline void clibcrypto_hmac_start(struct clibcrypto_hmac_key *start, const unsigned char key[32]) {
  unsigned char block[SHA256_CBLOCK];
  memset(block, 0x36, sizeof block);
  for (int index = 0; index < 32; index++) block[index] ^= key[index];
  SHA256_Init(&start->inner);
  SHA256_Update(&start->inner, block, sizeof block);
  for (size_t index = 0; index < sizeof block; index++) block[index] ^= 0x36 ^ 0x5C;
  SHA256_Init(&start->outer);
  SHA256_Update(&start->outer, block, sizeof block);
  OPENSSL_cleanse(block, sizeof block);
}
static inline void clibcrypto_hmac(
    const struct clibcrypto_hmac_key *start, const void *message, size_t size, unsigned char output[32]) {
  struct clibcrypto_hmac_key context = *start;
  SHA256_Update(&context.inner, message, size);
  SHA256_Final(output, &context.inner);
  SHA256_Update(&context.outer, output, 32);
  SHA256_Final(output, &context.outer);
  OPENSSL_cleanse(&context, sizeof context);
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
