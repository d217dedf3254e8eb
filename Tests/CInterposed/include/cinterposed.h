// Two functions of the C library, replaced in the tests' process for what no public interface lets a test see or cause:
// how often this thread allocates, a name look-up that does not end, and `two.addresses.invalid`, which is 127.0.0.1 and
// 127.0.0.2. Everything else passes through.
#pragma once

/// How often malloc was called on this thread so far.
unsigned long cinterposed_allocations(void);

/// getaddrinfo for names under `never.invalid` waits until this is called, at most 30 s, and then finds nothing.
void cinterposed_end_lookups(void);

/// How many such look-ups wait now.
int cinterposed_waiting_lookups(void);
