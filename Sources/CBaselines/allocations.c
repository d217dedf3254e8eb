// Counts allocations by putting counting functions into the import tables of the program and of every library that
// is loaded: glibc has no hooks any more, and replacing malloc for good would tax the worker too. What Swift and its
// runtime allocate is counted; calls that glibc makes to itself may not be.
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cbaselines.h"

static atomic_long calls;

// glibc's own, looked up by name: a plain mention would be an entry that is replaced as well.
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);

static void count(void) { atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed); }

static void *counted_malloc(size_t size) {
  count();
  return real_malloc(size);
}

static void *counted_calloc(size_t items, size_t size) {
  count();
  return real_calloc(items, size);
}

static void *counted_realloc(void *block, size_t size) {
  count();
  return real_realloc(block, size);
}

static int counted_posix_memalign(void **block, size_t alignment, size_t size) {
  count();
  return real_posix_memalign(block, alignment, size);
}

static void *counted_aligned_alloc(size_t alignment, size_t size) {
  count();
  return real_aligned_alloc(alignment, size);
}

static const struct {
  const char *name;
  void *function;
} replacements[] = {
    {"malloc", (void *)counted_malloc},
    {"calloc", (void *)counted_calloc},
    {"realloc", (void *)counted_realloc},
    {"posix_memalign", (void *)counted_posix_memalign},
    {"aligned_alloc", (void *)counted_aligned_alloc},
};

static int replace(void **entry, void *function) {
  uintptr_t page = (uintptr_t)entry & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
  // The table is read-only after start (RELRO). It stays writable: its page may hold what was never protected.
  if (mprotect((void *)page, (uintptr_t)(entry + 1) - page, PROT_READ | PROT_WRITE) != 0) return -1;
  *entry = function;
  return 0;
}

// glibc has made the addresses of the dynamic section absolute.
static int visit(struct dl_phdr_info *object, size_t size, void *failed) {
  (void)size;
  const ElfW(Dyn) *section = NULL;
  for (int index = 0; index < object->dlpi_phnum; index++) {
    if (object->dlpi_phdr[index].p_type == PT_DYNAMIC)
      section = (const void *)(object->dlpi_addr + object->dlpi_phdr[index].p_vaddr);
  }
  // The kernel's own object has addresses that are not absolute.
  if (section == NULL || strstr(object->dlpi_name, "vdso") != NULL) return 0;
  const ElfW(Sym) *symbols = NULL;
  const char *names = NULL;
  const ElfW(Rela) *tables[2] = {NULL, NULL};
  size_t sizes[2] = {0, 0};
  for (; section->d_tag != DT_NULL; section++) {
    switch (section->d_tag) {
      case DT_SYMTAB: symbols = (const void *)section->d_un.d_ptr; break;
      case DT_STRTAB: names = (const void *)section->d_un.d_ptr; break;
      case DT_JMPREL: tables[0] = (const void *)section->d_un.d_ptr; break;
      case DT_PLTRELSZ: sizes[0] = section->d_un.d_val; break;
      case DT_RELA: tables[1] = (const void *)section->d_un.d_ptr; break;
      case DT_RELASZ: sizes[1] = section->d_un.d_val; break;
      default: break;
    }
  }
  if (symbols == NULL || names == NULL) return 0;
  for (int table = 0; table < 2; table++) {
    for (size_t index = 0; tables[table] != NULL && index < sizes[table] / sizeof(ElfW(Rela)); index++) {
      const ElfW(Rela) *relocation = &tables[table][index];
      size_t symbol = ELF64_R_SYM(relocation->r_info);
      if (symbol == 0) continue;
      for (size_t item = 0; item < sizeof replacements / sizeof replacements[0]; item++) {
        if (strcmp(names + symbols[symbol].st_name, replacements[item].name) != 0) continue;
        if (replace((void **)(object->dlpi_addr + relocation->r_offset), replacements[item].function) != 0)
          *(int *)failed = errno;
      }
    }
  }
  return 0;
}

int cbaselines_count_allocations(char *why) {
  real_malloc = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "malloc");
  real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_DEFAULT, "calloc");
  real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_DEFAULT, "realloc");
  real_posix_memalign = (int (*)(void **, size_t, size_t))dlsym(RTLD_DEFAULT, "posix_memalign");
  real_aligned_alloc = (void *(*)(size_t, size_t))dlsym(RTLD_DEFAULT, "aligned_alloc");
  if (!real_malloc || !real_calloc || !real_realloc || !real_posix_memalign || !real_aligned_alloc) {
    snprintf(why, 256, "dlsym: an allocation function was not found");
    return -1;
  }
  int failed = 0;
  dl_iterate_phdr(visit, &failed);
  if (failed == 0) return 0;
  snprintf(why, 256, "mprotect: %s", strerror(failed));
  return -1;
}

long cbaselines_allocations(void) { return atomic_load(&calls); }
