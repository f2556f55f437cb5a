// Turns the text of a control document into a list of faults.
#ifndef KIBOSH_DOCUMENT_H
#define KIBOSH_DOCUMENT_H

#include "faults.h"

#define FAULTS_MAX 10000
#define DOCUMENT_MAX (1u << 20)
#define REASON_SIZE 2048

enum document_verdict {
  DOCUMENT_OK,
  DOCUMENT_MALFORMED,  // not JSON: perhaps only not complete yet
  DOCUMENT_INVALID,
  DOCUMENT_TOO_LARGE,
};

// On DOCUMENT_OK *list is a list of its own; otherwise `reason` says what is wrong, all of it.
enum document_verdict document_read(const char *text, size_t size, struct fault_list **list,
                                    char *reason);

#endif
