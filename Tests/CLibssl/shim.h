// The server side of TLS, for the scripted relay of the tests alone: the product itself speaks TLS through libcurl.
#pragma once
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// One C function, because OpenSSL's generators and PEM writers are macros and take FILE pointers.
// Writes a self-signed certificate for `names` ("DNS:a,IP:127.0.0.1") and its key; 1 where that worked.
static inline int clibssl_write_certificate(
    const char *names, long starts_in, long ends_in, const char *certificate_path, const char *key_path) {
  int done = 0;
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  if (key && certificate) {
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), (long)getpid() * 1000 + rand() % 1000);
    X509_gmtime_adj(X509_getm_notBefore(certificate), starts_in);
    X509_gmtime_adj(X509_getm_notAfter(certificate), ends_in);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"scripted relay", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    if (extension) {
      X509_add_ext(certificate, extension, -1);
      X509_EXTENSION_free(extension);
    }
    FILE *certificate_file = fopen(certificate_path, "w");
    FILE *key_file = fopen(key_path, "w");
    if (extension && certificate_file && key_file && X509_sign(certificate, key, EVP_sha256()) > 0)
      done = PEM_write_X509(certificate_file, certificate)
          && PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL);
    if (certificate_file) fclose(certificate_file);
    if (key_file) fclose(key_file);
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  return done;
}

// A server's context with a certificate; NULL where the files are not good. The chain's loader is a plain
// function, but SSL_FILETYPE_PEM and the context's constants are macros.
// `client_authority`, where it is not NULL, names who must have signed the certificate that clients then have to
// show. `highest`, where it is not 0, is the last version of TLS that the server speaks.
static inline SSL_CTX *clibssl_server_context(
    const char *certificate_path, const char *key_path, const char *client_authority, int highest) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  int good = context != NULL;
  // A machine's own settings and OpenSSL's rules for new connections would keep the old versions from being tried.
  if (good && highest > 0)
    good = SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1
        && SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1
        && SSL_CTX_set_max_proto_version(context, highest) == 1;
  if (good && client_authority) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    good = SSL_CTX_load_verify_locations(context, client_authority, NULL) == 1;
  }
  if (good && SSL_CTX_use_certificate_chain_file(context, certificate_path) == 1
      && SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) == 1)
    return context;
  SSL_CTX_free(context);
  return NULL;
}
