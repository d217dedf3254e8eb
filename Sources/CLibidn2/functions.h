// What is called of libidn2 and of libunistring, which libidn2 brings along, declared here so that neither's -dev
// package is needed to build. A test compiles this together with their own headers where those are installed, and so
// shows that they agree.
#pragma once
#include <stddef.h>
#include <stdint.h>

// <idn2.h>
int idn2_lookup_u8(const uint8_t *source, uint8_t **found, int flags);
int idn2_to_unicode_8z8z(const char *source, char **found, int flags);
const char *idn2_strerror(int code);
void idn2_free(void *pointer);

// idn2_flags: the input is put into NFC, mapped as UTS 46 says, and ß and its like stay what they are.
enum { CLIBIDN2_NFC_INPUT = 1, CLIBIDN2_NONTRANSITIONAL = 8 };
// idn2_rc
enum { CLIBIDN2_OK = 0 };

// <uninorm.h>
struct unicode_normalization_form;
extern const struct unicode_normalization_form uninorm_nfkc;
uint8_t *u8_normalize(
    const struct unicode_normalization_form *form, const uint8_t *text, size_t count, uint8_t *buffer,
    size_t *length);
