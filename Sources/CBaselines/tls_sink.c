#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cbaselines.h"

// libssl is loaded as libcurl is, when it is wanted: linked, it would be loaded with every command for this server alone.
#define FUNCTIONS(DO) \
  DO(TLS_server_method) \
  DO(SSL_CTX_new) \
  DO(SSL_CTX_free) \
  DO(SSL_CTX_use_certificate) \
  DO(SSL_CTX_use_PrivateKey) \
  DO(SSL_new) \
  DO(SSL_free) \
  DO(SSL_set_fd) \
  DO(SSL_accept) \
  DO(SSL_read) \
  DO(SSL_write)

static struct {
#define MEMBER(name) __typeof__(name) *name;
  FUNCTIONS(MEMBER)
} ssl;

static int load(void) {
  void *library = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!library) return -1;
#define LOOK_UP(name) \
  if (!(ssl.name = (__typeof__(name) *)dlsym(library, #name))) return -1;
  FUNCTIONS(LOOK_UP)
  return 0;
}

struct connection {
  SSL_CTX *context;
  int socket;
};

static int write_all(SSL *tls, const char *bytes, size_t length) {
  return length == 0 || ssl.SSL_write(tls, bytes, (int)length) == (int)length ? 0 : -1;
}

// Takes every mail; answers all commands of one read with one write, as a client that pipelines wants it.
static void *serve(void *context) {
  struct connection connection = *(struct connection *)context;
  free(context);
  SSL *tls = ssl.SSL_new(connection.context);
  static const char greeting[] = "220 bench ESMTP\r\n";
  char input[16384], output[4096];
  size_t held = 0;
  int in_message = 0, open = 1;
  ssl.SSL_set_fd(tls, connection.socket);
  if (ssl.SSL_accept(tls) != 1 || write_all(tls, greeting, sizeof greeting - 1) < 0) open = 0;
  while (open) {
    int count = ssl.SSL_read(tls, input + held, (int)(sizeof input - held));
    if (count <= 0) break;
    held += (size_t)count;
    size_t start = 0, said = 0;
    char *end;
    while (open && (end = memchr(input + start, '\n', held - start)) != NULL) {
      const char *line = input + start, *reply = "250 2.0.0 Ok\r\n";
      size_t length = (size_t)(end - line) + 1;
      start += length;
      if (in_message) {
        if (length != 3 || line[0] != '.') continue;
        in_message = 0;
      } else if (line[0] == 'E') {
        reply = "250-bench\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
      } else if (line[0] == 'D') {
        reply = "354 go\r\n";
        in_message = 1;
      } else if (line[0] == 'Q') {
        reply = "221 2.0.0 Bye\r\n";
        open = 0;
      }
      size_t size = strlen(reply);
      if (said + size > sizeof output) {
        if (write_all(tls, output, said) < 0) open = 0;
        said = 0;
      }
      memcpy(output + said, reply, size);
      said += size;
    }
    if (write_all(tls, output, said) < 0) open = 0;
    held -= start;
    memmove(input, input + start, held);
    // A line that does not fit is none that a bench sends.
    if (held == sizeof input) open = 0;
  }
  ssl.SSL_free(tls);
  close(connection.socket);
  return NULL;
}

struct server {
  SSL_CTX *context;
  int listener;
};

static void *accept_all(void *context) {
  struct server server = *(struct server *)context;
  free(context);
  for (;;) {
    int socket = accept(server.listener, NULL, NULL);
    if (socket < 0) continue;
    int one = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *connection = malloc(sizeof *connection);
    *connection = (struct connection){.context = server.context, .socket = socket};
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, connection) != 0) {
      close(socket);
      free(connection);
      continue;
    }
    pthread_detach(thread);
  }
  return NULL;
}

// A self-signed certificate for 127.0.0.1, for a day.
static int certify(SSL_CTX *context, const char *path) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  int done = 0;
  if (key && certificate) {
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"bench", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    if (names) X509_add_ext(certificate, names, -1);
    FILE *file = fopen(path, "w");
    if (names && file && X509_sign(certificate, key, EVP_sha256()) > 0)
      done = PEM_write_X509(file, certificate) && ssl.SSL_CTX_use_certificate(context, certificate) == 1 &&
             ssl.SSL_CTX_use_PrivateKey(context, key) == 1;
    if (file && fclose(file) != 0) done = 0;
    X509_EXTENSION_free(names);
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  return done ? 0 : -1;
}

int cbaselines_tls_sink(const char *certificate_path, char *why) {
  signal(SIGPIPE, SIG_IGN);
  if (load() < 0) {
    snprintf(why, 256, "%s", dlerror());
    return -1;
  }
  SSL_CTX *context = ssl.SSL_CTX_new(ssl.TLS_server_method());
  if (!context || certify(context, certificate_path) < 0) {
    snprintf(why, 256, "no certificate could be made and written to %s", certificate_path);
    ssl.SSL_CTX_free(context);
    return -1;
  }
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  struct server *server = malloc(sizeof *server);
  *server = (struct server){.context = context, .listener = listener};
  pthread_t thread;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 128) < 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) < 0 ||
      pthread_create(&thread, NULL, accept_all, server) != 0) {
    snprintf(why, 256, "cannot listen on 127.0.0.1");
    if (listener >= 0) close(listener);
    free(server);
    ssl.SSL_CTX_free(context);
    return -1;
  }
  pthread_detach(thread);
  return ntohs(address.sin_port);
}
