// Each reader names the field, what stands there and what was expected.
#include "fields.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errno-names.h"

#define SHOWN 40

void problem(struct problems *problems, const char *format, ...) {
  problems->count++;
  if (problems->used + 2 >= REASON_SIZE) return;
  if (problems->used > 0) problems->text[problems->used++] = '\n';
  va_list list;
  va_start(list, format);
  size_t room = REASON_SIZE - problems->used;
  int length = vsnprintf(problems->text + problems->used, room, format, list);
  va_end(list);
  problems->used += (size_t)length < room ? (size_t)length : room - 1;
}

void warning(struct problems *problems, const char *format, ...) {
  char line[256];
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  size_t size = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
  if (problems->warnings_used + size + 2 > 4096) return;  // more would help nobody
  if (problems->warnings == NULL) problems->warnings = calloc(1, 4096);
  if (problems->warnings == NULL) return;
  if (problems->warnings_used > 0) problems->warnings[problems->warnings_used++] = '\n';
  memcpy(problems->warnings + problems->warnings_used, line, size);
  problems->warnings_used += size;
}

const struct json *field(struct fields *fields, const char *name) {
  const struct json *member = json_member(fields->object, name);
  if (member != NULL && fields->used_count < 48) fields->used[fields->used_count++] = member;
  return member;
}

static bool wrong(struct fields *fields, const char *name, const struct json *value,
                  const char *expected) {
  int shown = value->raw_length > SHOWN ? SHOWN : (int)value->raw_length;
  problem(fields->problems, "faults[%zu].%s is %.*s%s, expected %s", fields->index, name, shown,
          value->raw, value->raw_length > SHOWN ? "..." : "", expected);
  return false;
}

void field_missing(struct fields *fields, const char *name, const char *expected) {
  problem(fields->problems, "faults[%zu].%s is missing, expected %s", fields->index, name,
          expected);
}

bool field_text(struct fields *fields, const char *name, struct text *value) {
  const struct json *member = field(fields, name);
  if (member == NULL) return true;
  if (member->type != JSON_STRING) return wrong(fields, name, member, "a text");
  *value = (struct text){member->text, member->length};
  return true;
}

bool field_number(struct fields *fields, const char *name, double low, double high,
                  double *value) {
  const struct json *member = field(fields, name);
  if (member == NULL) return true;
  if (member->type == JSON_NUMBER && member->number >= low && member->number <= high) {
    *value = member->number;
    return true;
  }
  char expected[80];
  snprintf(expected, sizeof expected, "a number from %g to %g", low, high);
  return wrong(fields, name, member, expected);
}

bool field_integer(struct fields *fields, const char *name, int64_t low, int64_t high,
                   int64_t *value) {
  const struct json *member = field(fields, name);
  if (member == NULL) return true;
  if (member->type == JSON_NUMBER && member->is_integer && member->integer >= low &&
      member->integer <= high) {
    *value = member->integer;
    return true;
  }
  char expected[96];
  snprintf(expected, sizeof expected, "an integer from %lld to %lld", (long long)low,
           (long long)high);
  return wrong(fields, name, member, expected);
}

bool field_size(struct fields *fields, const char *name, uint64_t *value) {
  int64_t number = -1;
  if (!field_integer(fields, name, 0, INT64_MAX, &number)) return false;
  if (number >= 0) *value = (uint64_t)number;
  return true;
}

bool field_boolean(struct fields *fields, const char *name, bool *value) {
  const struct json *member = field(fields, name);
  if (member == NULL) return true;
  if (member->type != JSON_BOOL) return wrong(fields, name, member, "true or false");
  *value = member->boolean;
  return true;
}

bool field_error(struct fields *fields, const char *name, int *value) {
  const struct json *member = field(fields, name);
  if (member == NULL) return true;
  int64_t number = 0;
  if (member->type == JSON_NUMBER && member->is_integer) number = member->integer;
  if (member->type == JSON_STRING) number = errno_of(member->text, member->length);
  if (number < 0 && number > -512) number = -number;
  if (number >= 1 && number <= 511) {
    *value = (int)number;
    return true;
  }
  return wrong(fields, name, member, "an errno from 1 to 511, or its name such as \"EIO\"");
}

bool field_word(struct fields *fields, const char *name, const char *const *words, int *value) {
  const struct json *member = field(fields, name);
  if (member == NULL) return true;
  char expected[256] = "one of";
  size_t used = strlen(expected);
  for (int i = 0; words[i] != NULL; i++) {
    if (member->type == JSON_STRING && strlen(words[i]) == member->length &&
        memcmp(words[i], member->text, member->length) == 0) {
      *value = i;
      return true;
    }
    int length = snprintf(expected + used, sizeof expected - used, " \"%s\"", words[i]);
    used += (size_t)length < sizeof expected - used ? (size_t)length : 0;
  }
  return wrong(fields, name, member, expected);
}

static bool add_operation(struct fields *fields, const char *name, const struct json *word,
                          uint64_t *ops) {
  if (word->type == JSON_STRING && word->length == 1 && word->text[0] == '*') {
    *ops |= OPS_ALL;
    return true;
  }
  enum operation op =
      word->type == JSON_STRING ? operation_of(word->text, word->length) : OP_NONE;
  if (op == OP_NONE) {
    return wrong(fields, name, word, "an operation such as \"read\" or \"fsync\", or \"*\"");
  }
  *ops |= OP_BIT(op);
  return true;
}

bool field_ops(struct fields *fields, const char *name, uint64_t *value) {
  const struct json *member = field(fields, name);
  if (member == NULL) return true;
  uint64_t ops = 0;
  if (member->type != JSON_ARRAY) {
    if (!add_operation(fields, name, member, &ops)) return false;
  } else if (member->first == NULL) {
    return wrong(fields, name, member, "at least one operation");
  } else {
    for (const struct json *word = member->first; word != NULL; word = word->next) {
      if (!add_operation(fields, name, word, &ops)) return false;
    }
  }
  *value = ops;
  return true;
}

void fields_unknown(struct fields *fields, bool is_wrong) {
  for (const struct json *member = fields->object->first; member != NULL; member = member->next) {
    bool known = false;
    for (size_t i = 0; i < fields->used_count && !known; i++) {
      known = json_key_is(fields->used[i], member->key) && member->key_length ==
              fields->used[i]->key_length;
    }
    if (known) continue;
    int shown = member->key_length > SHOWN ? SHOWN : (int)member->key_length;
    if (is_wrong) {
      problem(fields->problems, "faults[%zu].%.*s is not a field of this type of fault",
              fields->index, shown, member->key);
    } else {
      warning(fields->problems, "faults[%zu].%.*s is not a field of this type and was ignored",
              fields->index, shown, member->key);
    }
  }
}
