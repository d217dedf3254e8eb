#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cbaselines.h"

double cbaselines_thread_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static char *quoted_printable(char *out, const char *in, size_t length) {
  static const char hexadecimal[] = "0123456789ABCDEF";
  int column = 0;
  for (size_t index = 0; index < length; index++) {
    unsigned char byte = (unsigned char)in[index];
    if (byte == '\n') {
      *out++ = '\r';
      *out++ = '\n';
      column = 0;
      continue;
    }
    int plain = byte >= 0x20 && byte < 0x7F && byte != '=';
    if (column + (plain ? 1 : 3) > 75) {
      memcpy(out, "=\r\n", 3);
      out += 3;
      column = 0;
    }
    if (plain) {
      *out++ = (char)byte;
      column++;
    } else {
      *out++ = '=';
      *out++ = hexadecimal[byte >> 4];
      *out++ = hexadecimal[byte & 15];
      column += 3;
    }
  }
  return out;
}

double cbaselines_compose(const char *text, size_t text_length, const char *html, size_t html_length, const char *code,
                          long count, char *why) {
  const char *text_code = memmem(text, text_length, code, strlen(code));
  const char *html_code = memmem(html, html_length, code, strlen(code));
  if (text_code == NULL || html_code == NULL) {
    snprintf(why, 256, "the code is not in the mail");
    return -1;
  }
  double start = cbaselines_thread_seconds();
  volatile char sum = 0;
  for (long index = 0; index < count; index++) {
    char number[32];
    int digits = snprintf(number, sizeof number, "%06ld", index % 1000000);
    const char *sources[2] = {text, html}, *places[2] = {text_code, html_code};
    size_t lengths[2] = {text_length, html_length};
    // Like a mail: parts with the code put in, then the whole.
    char *message = malloc(3 * (text_length + html_length) + 4096), *end = message;
    if (message == NULL) {
      snprintf(why, 256, "malloc failed");
      return -1;
    }
    end += sprintf(end,
                   "From: Fabrikam <no-reply@fabrikam.example>\r\nTo: guest@example.org\r\n"
                   "Subject: Your Fabrikam sign-in code\r\nMessage-ID: <%ld@fabrikam.example>\r\n"
                   "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=_b\"\r\n\r\n",
                   index);
    for (int part = 0; part < 2; part++) {
      char *body = malloc(lengths[part] + 32);
      if (body == NULL) {
        free(message);
        snprintf(why, 256, "malloc failed");
        return -1;
      }
      size_t before = (size_t)(places[part] - sources[part]), after = before + strlen(code);
      memcpy(body, sources[part], before);
      memcpy(body + before, number, (size_t)digits);
      memcpy(body + before + digits, sources[part] + after, lengths[part] - after);
      end += sprintf(end, "--=_b\r\nContent-Type: text/%s; charset=utf-8\r\n"
                          "Content-Transfer-Encoding: quoted-printable\r\n\r\n", part == 0 ? "plain" : "html");
      end = quoted_printable(end, body, before + (size_t)digits + lengths[part] - after);
      end += sprintf(end, "\r\n");
      free(body);
    }
    end += sprintf(end, "--=_b--\r\n");
    sum ^= end[-3];
    free(message);
  }
  return cbaselines_thread_seconds() - start;
}
