// A control document is an object with a list "faults"; without the list there are none. One bad
// fault refuses the whole document, with every problem named.
#include "document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "unsynced.h"

const char *const fault_type_names[FAULT_TYPES] = {
    "unreadable",   "unwritable", "read_delay", "write_delay", "read_corrupt", "write_corrupt",
    "error",        "delay",      "bandwidth",  "short",       "corrupt",      "bit_rot",
    "full_disk",    "read_only",  "open_limit", "failed_sync", "lose_unsynced",
};

static const char *const mode_names[] = {"zero", "random", "zero_tail", "random_tail", "cut", NULL};
static const int mode_numbers[] = {CORRUPT_ZERO, CORRUPT_RANDOM, CORRUPT_ZERO_TAIL,
                                   CORRUPT_RANDOM_TAIL, CORRUPT_CUT};

// White space counts within strings only: whoever adds a fault may format the others anew.
static uint64_t hash_json(const char *text, size_t length) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  bool quoted = false;
  for (size_t i = 0; i < length; i++) {
    uint8_t c = (uint8_t)text[i];
    if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
    if (c == '"') quoted = !quoted;
    hash = (hash ^ c) * UINT64_C(0x100000001b3);
    if (quoted && c == '\\' && i + 1 < length) {
      hash = (hash ^ (uint8_t)text[++i]) * UINT64_C(0x100000001b3);
    }
  }
  return mix64(hash);
}

static void read_mode(struct fields *fields, struct fault *fault, bool numbers) {
  const struct json *member = json_member(fields->object, "mode");
  if (numbers && member != NULL && member->type == JSON_NUMBER && member->is_integer) {
    field(fields, "mode");
    for (int i = 0; mode_names[i] != NULL; i++) {
      if (member->integer == mode_numbers[i]) fault->mode = mode_numbers[i];
    }
    if (fault->mode == 0) {
      problem(fields->problems,
              "faults[%zu].mode is %lld, expected 1000, 1001, 1100, 1101, 1200 or \"zero\", "
              "\"random\", \"zero_tail\", \"random_tail\", \"cut\"",
              fields->index, (long long)member->integer);
    }
    return;
  }
  int word = -1;
  if (member == NULL) {
    field_missing(fields, "mode",
                  "\"zero\", \"random\", \"zero_tail\", \"random_tail\" or \"cut\"");
  } else if (field_word(fields, "mode", mode_names, &word)) {
    fault->mode = mode_numbers[word];
  }
}

static void need(struct fields *fields, const char *name, const char *expected) {
  if (json_member(fields->object, name) == NULL) field_missing(fields, name, expected);
}

static void read_code(struct fields *fields, struct fault *fault) {
  const char *name = "code";
  if (json_member(fields->object, "code") == NULL &&
      json_member(fields->object, "errorCode") != NULL) {
    name = "errorCode";  // what Kafka's FilesUnreadableFaultSpec writes
  }
  need(fields, name, "an errno from 1 to 511, or its name such as \"EIO\"");
  field_error(fields, name, &fault->error);
}

static void read_reference_delay(struct fields *fields, struct fault *fault) {
  int64_t delay_ms = 0;
  need(fields, "delay_ms", "an integer from 0 to 4294967295");
  field_integer(fields, "delay_ms", 0, UINT32_MAX, &delay_ms);
  fault->delay_ms = (double)delay_ms;
  need(fields, "fraction", "a number from 0 to 1");
  field_number(fields, "fraction", 0, 1, &fault->probability);
}

static void read_reference(struct fields *fields, struct fault *fault) {
  fault->prefix = (struct text){"/", 1};
  field_text(fields, "prefix", &fault->prefix);
  field_text(fields, "suffix", &fault->suffix);
  bool reads = fault->type == FAULT_UNREADABLE || fault->type == FAULT_READ_DELAY ||
               fault->type == FAULT_READ_CORRUPT;
  fault->ops = OP_BIT(reads ? OP_READ : OP_WRITE);
  switch (fault->type) {
    case FAULT_UNREADABLE:
    case FAULT_UNWRITABLE:
      read_code(fields, fault);
      break;
    case FAULT_READ_DELAY:
    case FAULT_WRITE_DELAY:
      read_reference_delay(fields, fault);
      break;
    default: {
      int64_t count = -1;
      read_mode(fields, fault, true);
      need(fields, "fraction", "a number from 0 to 1");
      field_number(fields, "fraction", 0, 1, &fault->fraction);
      field_integer(fields, "count", INT32_MIN, INT32_MAX, &count);
      // After the count it cuts for good, so it is no limit on how often it applies.
      atomic_store(&fault->state->left, count < 0 ? -1 : count);
    }
  }
  fields_unknown(fields, false);
}

static void read_match(struct fields *fields, struct fault *fault) {
  field_text(fields, "prefix", &fault->prefix);
  field_text(fields, "suffix", &fault->suffix);
  field_text(fields, "glob", &fault->glob);
  field_text(fields, "comm", &fault->comm);
  field_ops(fields, "ops", &fault->ops);
  field_integer(fields, "pid", 1, INT32_MAX, &fault->pid);
  field_integer(fields, "uid", 0, UINT32_MAX, &fault->uid);
  field_size(fields, "min_size", &fault->min_size);
  field_size(fields, "max_size", &fault->max_size);
  field_size(fields, "min_offset", &fault->min_offset);
  field_size(fields, "max_offset", &fault->max_offset);
}

static void read_trigger(struct fields *fields, struct fault *fault) {
  bool once = false;
  int64_t every = 1, count = -1, duration_ms = 0;
  field_size(fields, "after", &fault->after);
  field_integer(fields, "every", 1, INT64_MAX, &every);
  field_number(fields, "probability", 0, 1, &fault->probability);
  field_integer(fields, "count", 1, INT64_MAX, &count);
  if (field_boolean(fields, "once", &once) && once) count = 1;
  field_integer(fields, "duration_ms", 1, INT64_MAX / 1000000, &duration_ms);
  fault->every = (uint64_t)every;
  fault->count = count;
  fault->duration_ns = (uint64_t)duration_ms * 1000000;
  atomic_store(&fault->state->left, count);
}

static void read_delay(struct fields *fields, struct fault *fault) {
  static const char *const names[] = {"fixed", "uniform", "normal", "pareto", NULL};
  const double hour_ms = 3600000;
  int word = DIST_FIXED;
  need(fields, "delay_ms", "a number of milliseconds");
  field_number(fields, "delay_ms", 0, 24 * hour_ms, &fault->delay_ms);
  field_number(fields, "jitter_ms", 0, 24 * hour_ms, &fault->jitter_ms);
  field_number(fields, "max_ms", 0, 24 * hour_ms, &fault->max_ms);
  field_number(fields, "shape", 0.1, 100, &fault->shape);
  if (field_word(fields, "distribution", names, &word)) {
    fault->distribution = (enum distribution)word;
  }
  if (fault->distribution == DIST_FIXED && fault->jitter_ms > 0) {
    fault->distribution = DIST_UNIFORM;
  }
  field_boolean(fields, "continue", &fault->goes_on);
}

static void read_effect(struct fields *fields, struct fault *fault) {
  static const char *const losses[] = {"lose", "torn", NULL};
  int64_t number = -1;
  int word = 0;
  switch (fault->type) {
    case FAULT_ERROR:
      fault->error = EIO;
      need(fields, "ops", "the operations that fail, such as [\"fsync\"]");
      field_error(fields, "code", &fault->error);
      break;
    case FAULT_DELAY:
      need(fields, "ops", "the operations that are slow, such as [\"fsync\"]");
      read_delay(fields, fault);
      break;
    case FAULT_BANDWIDTH:
      need(fields, "bytes_per_sec", "a number of bytes");
      field_number(fields, "bytes_per_sec", 1, 1e15, &fault->bytes_per_sec);
      field_boolean(fields, "continue", &fault->goes_on);
      break;
    case FAULT_SHORT:
      need(fields, "max_bytes", "a number of bytes");
      field_integer(fields, "max_bytes", 1, INT64_MAX, &number);
      fault->limit = (uint64_t)number;
      break;
    case FAULT_CORRUPT:
      read_mode(fields, fault, false);
      fault->fraction = 1;
      field_number(fields, "fraction", 0, 1, &fault->fraction);
      break;
    case FAULT_BIT_ROT:
      need(fields, "rate", "the share of bytes that have one wrong bit, such as 0.000001");
      field_number(fields, "rate", 0, 1, &fault->fraction);
      break;
    case FAULT_FULL_DISK:
      fault->error = ENOSPC;
      field_error(fields, "code", &fault->error);
      field_number(fields, "available_percent", 0, 100, &fault->percent);
      field_size(fields, "available_bytes", &fault->limit);
      break;
    case FAULT_READ_ONLY:
      fault->error = EROFS;
      break;
    case FAULT_OPEN_LIMIT:
      fault->error = EMFILE;
      field_error(fields, "code", &fault->error);
      field_size(fields, "limit", &fault->limit);
      break;
    case FAULT_FAILED_SYNC:
      fault->error = EIO;
      field_error(fields, "code", &fault->error);
      break;
    case FAULT_LOSE_UNSYNCED:
      if (field_word(fields, "mode", losses, &word)) fault->torn = word == 1;
      break;
    default:
      break;
  }
}

static uint64_t default_ops(enum fault_type type) {
  switch (type) {
    case FAULT_BIT_ROT:
      return OP_BIT(OP_READ);
    case FAULT_FULL_DISK:
      return OP_BIT(OP_WRITE) | OP_BIT(OP_CREATE) | OP_BIT(OP_MKDIR) | OP_BIT(OP_MKNOD) |
             OP_BIT(OP_SYMLINK) | OP_BIT(OP_FALLOCATE) | OP_BIT(OP_STATFS) | OP_BIT(OP_SETXATTR);
    case FAULT_READ_ONLY:
      return OPS_MODIFYING | OP_BIT(OP_OPEN);
    case FAULT_OPEN_LIMIT:
      return OP_BIT(OP_OPEN) | OP_BIT(OP_CREATE) | OP_BIT(OP_OPENDIR);
    case FAULT_FAILED_SYNC:
      return OP_BIT(OP_FSYNC) | OP_BIT(OP_FDATASYNC);
    case FAULT_LOSE_UNSYNCED:
      return 0;
    default:
      return OPS_DATA;
  }
}

// Data can only be cut or changed where there is some.
static void check_ops(struct fields *fields, const struct fault *fault) {
  bool data_only = fault->type == FAULT_SHORT || fault->type == FAULT_CORRUPT ||
                   fault->type == FAULT_BANDWIDTH;
  if (data_only && (fault->ops & ~OPS_DATA) != 0) {
    problem(fields->problems, "faults[%zu].ops may only be \"read\" and \"write\" for \"%s\"",
            fields->index, fault_type_names[fault->type]);
  }
  if (fault->type > FAULT_CORRUPT && json_member(fields->object, "ops") != NULL) {
    problem(fields->problems, "faults[%zu].ops cannot be chosen for \"%s\"", fields->index,
            fault_type_names[fault->type]);
  }
}

static void read_fault(struct problems *problems, const struct json *value, size_t index,
                       struct fault *fault) {
  struct fields fields = {.object = value, .index = index, .problems = problems};
  fault->state = fault_state_new();
  if (fault->state == NULL) {
    problem(problems, "no memory left");
    return;
  }
  if (value->type != JSON_OBJECT) {
    problem(problems, "faults[%zu] is not an object", index);
    return;
  }
  int type = -1;
  const char *names[FAULT_TYPES + 1] = {NULL};
  memcpy(names, fault_type_names, sizeof fault_type_names);
  if (json_member(value, "type") == NULL) field_missing(&fields, "type", "a type of fault");
  if (!field_word(&fields, "type", names, &type) || type < 0) return;
  fault->type = (enum fault_type)type;
  fault->raw = (struct text){value->raw, value->raw_length};
  fault->identity = hash_json(value->raw, value->raw_length);
  fault->ops = default_ops(fault->type);
  fault->pid = fault->uid = -1;
  fault->max_size = fault->max_offset = UINT64_MAX;
  fault->every = 1;
  fault->probability = 1;
  fault->count = -1;
  fault->percent = -1;
  fault->shape = 2;
  if (fault->type < FAULT_REFERENCE_TYPES) {
    read_reference(&fields, fault);
    return;
  }
  read_match(&fields, fault);
  read_trigger(&fields, fault);
  read_effect(&fields, fault);
  check_ops(&fields, fault);
  fields_unknown(&fields, true);
}

void faults_free(struct fault_list *list) {
  if (list == NULL) return;
  if (list->json != NULL) json_free(list->json);
  free(list->json);
  for (size_t i = 0; i < list->count; i++) fault_state_put(list->faults[i].state);
  free(list->faults);
  free(list->heads);
  free(list->text);
  free(list->warnings);
  free(list);
}

static struct fault_list *new_list(const char *text, size_t size) {
  struct fault_list *list = calloc(1, sizeof *list);
  if (list == NULL) return NULL;
  list->json = calloc(1, sizeof *list->json);
  list->text = malloc(size + 1);
  if (list->json == NULL || list->text == NULL) {
    faults_free(list);
    return NULL;
  }
  memcpy(list->text, text, size);
  list->text[size] = '\0';
  list->text_size = size;
  return list;
}

static void read_crash(struct problems *problems, const struct json *root,
                       struct fault_list *list) {
  const struct json *crash = json_member(root, "crash");
  if (crash == NULL) return;
  const struct json *id = crash->type == JSON_OBJECT ? json_member(crash, "id") : NULL;
  if (id == NULL || id->type != JSON_NUMBER || !id->is_integer || id->integer < 1) {
    problem(problems, "\"crash\" is not an object with an \"id\" of 1 or more");
    return;
  }
  list->crash_id = (uint64_t)id->integer;
}

static void read_top(struct problems *problems, struct fault_list *list) {
  const struct json *root = list->json->root;
  if (root->type != JSON_OBJECT) {
    problem(problems, "the document is not an object, expected {\"faults\":[...]}");
    return;
  }
  for (const struct json *member = root->first; member != NULL; member = member->next) {
    if (json_key_is(member, "faults") || json_key_is(member, "crash")) continue;
    warning(problems, "the member \"%.*s\" is unknown and was ignored",
            member->key_length > 40 ? 40 : (int)member->key_length, member->key);
  }
  read_crash(problems, root, list);
  const struct json *faults = json_member(root, "faults");
  if (faults == NULL) return;
  if (faults->type != JSON_ARRAY) {
    problem(problems, "\"faults\" is not a list");
    return;
  }
  if (faults->length > FAULTS_MAX) return;
  list->faults = calloc(faults->length + 1, sizeof *list->faults);
  list->heads = calloc(faults->length + 1, sizeof *list->heads);
  if (list->faults == NULL || list->heads == NULL) {
    problem(problems, "no memory left for %zu faults", faults->length);
    return;
  }
  for (const struct json *value = faults->first; value != NULL; value = value->next) {
    struct fault *fault = &list->faults[list->count];
    read_fault(problems, value, list->count, fault);
    list->heads[list->count++] = prefix_head_of(&fault->prefix);
    list->ops |= fault->ops;
  }
}

enum document_verdict document_read(const char *text, size_t size, struct fault_list **result,
                                    char *reason) {
  struct problems problems = {.text = reason};
  struct fault_list *list = new_list(text, size);
  reason[0] = '\0';
  if (list == NULL) {
    problem(&problems, "no memory left");
    return DOCUMENT_INVALID;
  }
  *list->json = json_read(list->text, size);
  enum document_verdict verdict = DOCUMENT_OK;
  if (list->json->root == NULL) {
    problem(&problems, "line %zu, column %zu: %s", list->json->line, list->json->column,
            list->json->problem);
    verdict = DOCUMENT_MALFORMED;
  } else {
    read_top(&problems, list);
    const struct json *faults = list->json->root->type == JSON_OBJECT
                                    ? json_member(list->json->root, "faults")
                                    : NULL;
    if (faults != NULL && faults->type == JSON_ARRAY && faults->length > FAULTS_MAX) {
      problem(&problems, "%zu faults, expected at most %d", faults->length, FAULTS_MAX);
      verdict = DOCUMENT_TOO_LARGE;
    }
    list->warnings = problems.warnings;
    problems.warnings = NULL;
  }
  free(problems.warnings);
  if (verdict == DOCUMENT_OK && problems.count > 0) verdict = DOCUMENT_INVALID;
  if (verdict == DOCUMENT_OK) {
    *result = list;
  } else {
    faults_free(list);
  }
  return verdict;
}
