// A small JSON reader for control documents: bounded in depth, in one piece of memory that is freed
// at once. Tolerates what Kibosh did: a byte-order mark in front and trailing commas.
#ifndef KIBOSH_JSON_H
#define KIBOSH_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
  enum json_type type;
  bool boolean;
  bool is_integer;     // written without point and exponent, and within 64 bits
  int64_t integer;
  double number;
  const char *text;    // of a string, decoded, with a zero behind it that is not counted
  size_t length;       // of the text; of an array or object: how many members
  const char *raw;     // the value as it stands in the document
  size_t raw_length;
  const char *key;     // of a member of an object
  size_t key_length;
  struct json *first;  // of an array or object
  struct json *next;
};

struct json_document {
  struct json *root;   // NULL when the text is not JSON
  const char *problem;
  size_t line, column;
  void *memory;
};

struct json_document json_read(const char *text, size_t size);
void json_free(struct json_document *document);
// The first member of that name; NULL when there is none.
const struct json *json_member(const struct json *object, const char *key);
bool json_key_is(const struct json *member, const char *key);

#endif
