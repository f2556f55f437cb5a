// Recursive descent with a limit on depth. Memory comes from a list of blocks.
#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define BLOCK 65536

struct block {
  struct block *next;
  size_t used, size;
  _Alignas(16) char data[];
};

struct reader {
  const char *start, *at, *end;
  const char *problem;
  struct block *blocks;
};

static void *take(struct reader *reader, size_t size) {
  size = (size + 15) & ~(size_t)15;
  struct block *block = reader->blocks;
  if (block == NULL || block->size - block->used < size) {
    size_t room = size > BLOCK ? size : BLOCK;
    block = malloc(sizeof *block + room);
    if (block == NULL) {
      reader->problem = "no memory left";
      return NULL;
    }
    *block = (struct block){.next = reader->blocks, .size = room};
    reader->blocks = block;
  }
  void *piece = block->data + block->used;
  block->used += size;
  return piece;
}

static void *fail(struct reader *reader, const char *problem) {
  if (reader->problem == NULL) reader->problem = problem;
  return NULL;
}

static void skip_space(struct reader *reader) {
  while (reader->at < reader->end && memchr(" \t\r\n", *reader->at, 4) != NULL) reader->at++;
}

static bool take_char(struct reader *reader, char expected) {
  skip_space(reader);
  if (reader->at >= reader->end || *reader->at != expected) return false;
  reader->at++;
  return true;
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static long take_unit(struct reader *reader) {
  if (reader->end - reader->at < 4) return -1;
  long unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_value(*reader->at++);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

// A code point from \uXXXX, with its second half when it is one of a pair.
static long take_code_point(struct reader *reader) {
  long unit = take_unit(reader);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit > 0xdbff || reader->end - reader->at < 6) return -1;
  if (reader->at[0] != '\\' || reader->at[1] != 'u') return -1;
  reader->at += 2;
  long low = take_unit(reader);
  if (low < 0xdc00 || low > 0xdfff) return -1;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static char *put_utf8(char *out, long point) {
  if (point < 0x80) {
    *out++ = (char)point;
  } else if (point < 0x800) {
    *out++ = (char)(0xc0 | (point >> 6));
    *out++ = (char)(0x80 | (point & 63));
  } else if (point < 0x10000) {
    *out++ = (char)(0xe0 | (point >> 12));
    *out++ = (char)(0x80 | ((point >> 6) & 63));
    *out++ = (char)(0x80 | (point & 63));
  } else {
    *out++ = (char)(0xf0 | (point >> 18));
    *out++ = (char)(0x80 | ((point >> 12) & 63));
    *out++ = (char)(0x80 | ((point >> 6) & 63));
    *out++ = (char)(0x80 | (point & 63));
  }
  return out;
}

static bool put_escape(struct reader *reader, char **out) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  if (reader->at >= reader->end) return false;
  char c = *reader->at++;
  if (c == 'u') {
    long point = take_code_point(reader);
    if (point < 0) return false;
    *out = put_utf8(*out, point);
    return true;
  }
  const char *known = c == '\0' ? NULL : strchr(from, c);
  if (known == NULL) return false;
  *(*out)++ = to[known - from];
  return true;
}

// After the opening quote. An escape is never shorter than what it stands for.
static const char *take_string(struct reader *reader, size_t *length) {
  const char *close = reader->at;
  while (close < reader->end && *close != '"') close += *close == '\\' ? 2 : 1;
  if (close >= reader->end) return fail(reader, "a string is not closed");
  char *text = take(reader, (size_t)(close - reader->at) + 1);
  if (text == NULL) return NULL;
  char *out = text;
  while (reader->at < close) {
    char c = *reader->at++;
    if ((unsigned char)c < 0x20) return fail(reader, "a control character inside a string");
    if (c != '\\') {
      *out++ = c;
    } else if (!put_escape(reader, &out)) {
      return fail(reader, "an unknown escape inside a string");
    }
  }
  reader->at = close + 1;
  *out = '\0';
  *length = (size_t)(out - text);
  return text;
}

static bool take_digits(struct reader *reader) {
  const char *start = reader->at;
  while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') reader->at++;
  return reader->at > start;
}

static bool take_number(struct reader *reader, struct json *value) {
  const char *start = reader->at;
  bool is_integer = true;
  if (*reader->at == '-') reader->at++;
  const char *digits = reader->at;
  if (!take_digits(reader)) return false;
  if (*digits == '0' && reader->at - digits > 1) return false;
  if (reader->at < reader->end && *reader->at == '.') {
    reader->at++;
    is_integer = false;
    if (!take_digits(reader)) return false;
  }
  if (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')) {
    reader->at++;
    is_integer = false;
    if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-')) reader->at++;
    if (!take_digits(reader)) return false;
  }
  char copy[64];
  size_t length = (size_t)(reader->at - start);
  if (length >= sizeof copy) return false;
  memcpy(copy, start, length);
  copy[length] = '\0';
  value->type = JSON_NUMBER;
  value->number = strtod(copy, NULL);
  errno = 0;
  value->integer = strtoll(copy, NULL, 10);
  value->is_integer = is_integer && errno == 0;
  return isfinite(value->number);
}

static bool take_word(struct reader *reader, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(reader->end - reader->at) < length) return false;
  if (memcmp(reader->at, word, length) != 0) return false;
  reader->at += length;
  return true;
}

static struct json *take_value(struct reader *reader, int depth);

static bool take_members(struct reader *reader, struct json *value, char close, int depth) {
  struct json **last = &value->first;
  while (!take_char(reader, close)) {
    const char *key = NULL;
    size_t key_length = 0;
    if (close == '}') {
      if (!take_char(reader, '"')) return fail(reader, "expected a name in quotes or }");
      key = take_string(reader, &key_length);
      if (key == NULL) return false;
      if (!take_char(reader, ':')) return fail(reader, "expected a colon after a name");
    }
    struct json *member = take_value(reader, depth + 1);
    if (member == NULL) return false;
    member->key = key;
    member->key_length = key_length;
    *last = member;
    last = &member->next;
    value->length++;
    if (take_char(reader, ',')) continue;
    if (take_char(reader, close)) return true;
    return fail(reader, close == '}' ? "expected a comma or }" : "expected a comma or ]");
  }
  return true;
}

static bool fill_value(struct reader *reader, struct json *value, int depth) {
  switch (*reader->at) {
    case '{':
    case '[':
      value->type = *reader->at == '{' ? JSON_OBJECT : JSON_ARRAY;
      if (depth >= DEPTH_MAX) return fail(reader, "nested too deeply");
      reader->at++;
      return take_members(reader, value, value->type == JSON_OBJECT ? '}' : ']', depth);
    case '"':
      reader->at++;
      value->type = JSON_STRING;
      value->text = take_string(reader, &value->length);
      return value->text != NULL;
    case 't':
      value->type = JSON_BOOL;
      value->boolean = true;
      return take_word(reader, "true") || fail(reader, "an unknown word");
    case 'f':
      value->type = JSON_BOOL;
      return take_word(reader, "false") || fail(reader, "an unknown word");
    case 'n':
      value->type = JSON_NULL;
      return take_word(reader, "null") || fail(reader, "an unknown word");
    default:
      return take_number(reader, value) || fail(reader, "expected a value");
  }
}

static struct json *take_value(struct reader *reader, int depth) {
  skip_space(reader);
  if (reader->at >= reader->end) return fail(reader, "the document ends too early");
  struct json *value = take(reader, sizeof *value);
  if (value == NULL) return NULL;
  *value = (struct json){.raw = reader->at};
  if (!fill_value(reader, value, depth)) return NULL;
  value->raw_length = (size_t)(reader->at - value->raw);
  return value;
}

static void locate(const struct reader *reader, struct json_document *document) {
  document->line = 1;
  document->column = 1;
  for (const char *c = reader->start; c < reader->at && c < reader->end; c++) {
    document->column++;
    if (*c != '\n') continue;
    document->line++;
    document->column = 1;
  }
}

struct json_document json_read(const char *text, size_t size) {
  struct reader reader = {.start = text, .at = text, .end = text + size};
  if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) reader.at += 3;
  struct json *root = take_value(&reader, 0);
  if (root != NULL) {
    skip_space(&reader);
    if (reader.at < reader.end) root = fail(&reader, "text after the end of the document");
  }
  struct json_document document = {.root = root, .problem = reader.problem,
                                   .memory = reader.blocks};
  if (root == NULL) locate(&reader, &document);
  return document;
}

void json_free(struct json_document *document) {
  struct block *block = document->memory;
  while (block != NULL) {
    struct block *next = block->next;
    free(block);
    block = next;
  }
  document->memory = NULL;
  document->root = NULL;
}

bool json_key_is(const struct json *member, const char *key) {
  return strlen(key) == member->key_length && memcmp(member->key, key, member->key_length) == 0;
}

const struct json *json_member(const struct json *object, const char *key) {
  for (const struct json *member = object->first; member != NULL; member = member->next) {
    if (json_key_is(member, key)) return member;
  }
  return NULL;
}
