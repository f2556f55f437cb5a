// Puts control documents into force.
#ifndef KIBOSH_COMMIT_H
#define KIBOSH_COMMIT_H

#include "document.h"
#include "unsynced.h"

bool commit_start(void);
// Evaluates the text and, when it is good and new, puts it into force. Answers 0, EINVAL or EFBIG.
// `flush`, unless NULL, is then answered when the kernel's caches are dropped: if it is parked, the
// caller has nothing more to do with it; else the caller answers.
int commit(const char *text, size_t size, struct request *flush);
// Only notes why a document is refused; 0 when it is not.
int commit_check(const char *text, size_t size);
// Notes that a document is too long, and answers EFBIG.
int commit_refuse_too_long(void);

// Copies of what the virtual files hold; to be freed. NULL when memory is short.
char *commit_text(size_t *size);
char *commit_error(size_t *size);
size_t commit_text_size(void);
size_t commit_error_size(void);
uint64_t commit_time_ns(void);
uint64_t commit_last_crash(struct crash_result *lost);
// Calls back with the list in force, which cannot be replaced meanwhile.
void commit_inspect(void (*visit)(const struct fault_list *list, void *context), void *context);

#endif
