#include "CDynamicLibrary.h"

#include <dlfcn.h>
#include <stdio.h>

void *cdynamic_open(
    const char *file, const struct cdynamic_symbol *symbols, size_t count, char *why, size_t size) {
  // RTLD_NOW: what cannot be bound is told now, and not by ending the process in the middle of a mail.
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(why, size, "%s", dlerror());
    return NULL;
  }
  for (size_t index = 0; index < count; index++) {
    // Looked up in what the library needs as well, whatever version of that it is.
    *symbols[index].place = dlsym(library, symbols[index].name);
    if (*symbols[index].place || symbols[index].is_optional) continue;
    snprintf(why, size, "%s", dlerror());
    dlclose(library);
    return NULL;
  }
  return library;
}

void cdynamic_close(void *library) { dlclose(library); }
