// Loads a library when it is wanted and looks up what is called in it, so that no program links it: CLibcurl and CLibidn2
// are made of this.
#pragma once
#include <stddef.h>

// One function or object of a library, and where its address goes.
struct cdynamic_symbol {
  const char *name;
  void **place;
  // Left NULL where the library has none of that name.
  int is_optional;
};

// Loads `file` and fills the places. Returns the loaded file, for cdynamic_close, or NULL with dlerror's words in `why`.
void *cdynamic_open(
    const char *file, const struct cdynamic_symbol *symbols, size_t count, char *why, size_t size);

void cdynamic_close(void *library);
