#include <pthread.h>
#include <stdlib.h>

#include "CDynamicLibrary.h"
#include "CLibidn2.h"
#include "functions.h"

struct functions {
  __typeof__(idn2_lookup_u8) *lookup;
  // NULL before libidn2 2.0.
  __typeof__(idn2_to_unicode_8z8z) *to_unicode;
  __typeof__(idn2_strerror) *strerror;
  __typeof__(idn2_free) *free;
  // NULL both where libidn2 carries these tables inside itself.
  __typeof__(u8_normalize) *normalize;
  const struct unicode_normalization_form *nfkc;
};

// Returns the loaded file, or NULL with the words in `why`.
static void *load(const char *file, struct functions *functions, char *why, size_t size) {
  const struct cdynamic_symbol symbols[] = {
      {"idn2_lookup_u8", (void **)&functions->lookup, 0},
      {"idn2_to_unicode_8z8z", (void **)&functions->to_unicode, 1},
      {"idn2_strerror", (void **)&functions->strerror, 0},
      {"idn2_free", (void **)&functions->free, 0},
      {"u8_normalize", (void **)&functions->normalize, 1},
      {"uninorm_nfkc", (void **)&functions->nfkc, 1},
  };
  return cdynamic_open(file, symbols, sizeof symbols / sizeof *symbols, why, size);
}

int clibidn2_try(const char *file, char *why, size_t size) {
  struct functions functions;
  void *library = load(file, &functions, why, size);
  if (!library) return -1;
  cdynamic_close(library);
  return 0;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct functions libidn2;
// NULL once the functions can be called.
static const char *trouble;

static void load_once(void) {
  static char why[512];
  if (!load("libidn2.so.0", &libidn2, why, sizeof why)) trouble = why;
}

const char *clibidn2_trouble(void) {
  pthread_once(&once, load_once);
  return trouble;
}

char *clibidn2_lookup(const char *domain, const char **why) {
  if ((*why = clibidn2_trouble())) return NULL;
  uint8_t *found = NULL;
  int code = libidn2.lookup(
      (const uint8_t *)domain, &found, CLIBIDN2_NFC_INPUT | CLIBIDN2_NONTRANSITIONAL);
  if (code == CLIBIDN2_OK) return (char *)found;
  *why = libidn2.strerror(code);
  return NULL;
}

char *clibidn2_unicode(const char *domain) {
  char *found = NULL;
  if (clibidn2_trouble() || !libidn2.to_unicode) return NULL;
  return libidn2.to_unicode(domain, &found, 0) == CLIBIDN2_OK ? found : NULL;
}

void clibidn2_free(char *domain) { libidn2.free(domain); }

uint8_t *clibidn2_compose_compatibly(const uint8_t *text, size_t count, size_t *length) {
  if (clibidn2_trouble() || !libidn2.normalize || !libidn2.nfkc) return NULL;
  return libidn2.normalize(libidn2.nfkc, text, count, NULL, length);
}

void clibidn2_free_composed(uint8_t *text) { free(text); }
