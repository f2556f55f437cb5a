// Whether a path is what a fault means: plain bytes at both ends, and a glob over the whole path.
#include <string.h>

#include "faults.h"

// One character of a bracket expression's content; *at stands behind the opening bracket.
static bool bracket_matches(const char **at, const char *end, char c) {
  const char *p = *at;
  bool negated = p < end && (*p == '!' || *p == '^');
  if (negated) p++;
  bool found = false, first = true;
  while (p < end && (*p != ']' || first)) {
    first = false;
    unsigned char low = (unsigned char)*p++, high = low;
    if (p + 1 < end && *p == '-' && p[1] != ']') {
      high = (unsigned char)p[1];
      p += 2;
    }
    if ((unsigned char)c >= low && (unsigned char)c <= high) found = true;
  }
  *at = p < end ? p + 1 : end;
  return found != negated;
}

// `*` and `?` stop at slashes, `**` does not. Backtracks to the last star only, and from a `*` that
// met a slash to the last `**`: linear in practice, and never exponential.
bool glob_matches(const char *pattern, size_t length, const char *path) {
  const char *p = pattern, *end = pattern + length, *s = path;
  const char *star_p = NULL, *star_s = NULL, *deep_p = NULL, *deep_s = NULL;
  for (;;) {
    if (p < end && *p == '*') {
      if (p + 1 < end && p[1] == '*') {
        p += 2;
        deep_p = p;
        deep_s = s;
        star_p = NULL;
      } else {
        p++;
        star_p = p;
        star_s = s;
      }
      continue;
    }
    if (p == end && *s == '\0') return true;
    bool same = false;
    const char *next = p;
    if (p < end && *s != '\0') {
      next = p + 1;
      if (*p == '?') {
        same = *s != '/';
      } else if (*p == '[') {
        same = bracket_matches(&next, end, *s) && *s != '/';
      } else {
        if (*p == '\\' && p + 1 < end) next = ++p + 1;
        same = *p == *s;
      }
    }
    if (same) {
      p = next;
      s++;
    } else if (star_p != NULL && *star_s != '\0' && *star_s != '/') {
      p = star_p;
      s = ++star_s;
    } else if (deep_p != NULL && *deep_s != '\0') {
      p = deep_p;
      s = ++deep_s;
      star_p = NULL;
    } else {
      return false;
    }
  }
}

static uint64_t head_of(const char *text, size_t length) {
  uint64_t head = 0;
  memcpy(&head, text, length < sizeof head ? length : sizeof head);
  return head;
}

struct match_path match_path_of(const char *text) {
  size_t length = strlen(text);
  return (struct match_path){text, length, head_of(text, length)};
}

struct prefix_head prefix_head_of(const struct text *prefix) {
  static const char ones[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
  return (struct prefix_head){
      .bytes = head_of(prefix->at == NULL ? "" : prefix->at, prefix->length),
      .mask = head_of(ones, prefix->length),
  };
}

size_t fault_next(const struct fault_list *list, size_t from, const struct match_path *path) {
  const struct prefix_head *heads = list->heads;
  while (from < list->count && (path->head & heads[from].mask) != heads[from].bytes) from++;
  return from;
}

bool fault_matches(const struct fault *fault, const struct match_path *path) {
  if (path->length == 0) return false;
  const struct text *prefix = &fault->prefix, *suffix = &fault->suffix;
  if (prefix->length > path->length ||
      memcmp(path->text, prefix->at == NULL ? "" : prefix->at, prefix->length) != 0) {
    return false;
  }
  if (suffix->length > path->length ||
      memcmp(path->text + path->length - suffix->length, suffix->at == NULL ? "" : suffix->at,
             suffix->length) != 0) {
    return false;
  }
  return fault->glob.at == NULL || glob_matches(fault->glob.at, fault->glob.length, path->text);
}

bool fault_path_matches(const struct fault *fault, const char *path) {
  struct match_path match = match_path_of(path);
  return fault_matches(fault, &match);
}
