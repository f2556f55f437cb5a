// Reads the members of one fault, checks them and collects what is wrong with them.
#ifndef KIBOSH_FIELDS_H
#define KIBOSH_FIELDS_H

#include "document.h"
#include "json.h"

struct problems {
  char *text;     // REASON_SIZE bytes
  size_t used;
  size_t count;
  char *warnings;
  size_t warnings_used, warnings_room;
};

struct fields {
  const struct json *object;
  const struct json *used[48];  // members that someone asked for
  size_t used_count;
  size_t index;                 // of the fault in its list
  struct problems *problems;
};

void problem(struct problems *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void warning(struct problems *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

const struct json *field(struct fields *fields, const char *name);
// `*value` keeps its default when the field is absent. False when it is there and wrong.
bool field_text(struct fields *fields, const char *name, struct text *value);
bool field_number(struct fields *fields, const char *name, double low, double high, double *value);
bool field_integer(struct fields *fields, const char *name, int64_t low, int64_t high,
                   int64_t *value);
bool field_size(struct fields *fields, const char *name, uint64_t *value);
bool field_boolean(struct fields *fields, const char *name, bool *value);
// An errno by number, of either sign, or by name.
bool field_error(struct fields *fields, const char *name, int *value);
// One of a zero-ended list of words; *value is its index.
bool field_word(struct fields *fields, const char *name, const char *const *words, int *value);
// One name of an operation or several; "*" is all.
bool field_ops(struct fields *fields, const char *name, uint64_t *value);
void field_missing(struct fields *fields, const char *name, const char *expected);
// Reports members that nobody asked for: wrong in our own types, a warning in the reference's.
void fields_unknown(struct fields *fields, bool wrong);

#endif
