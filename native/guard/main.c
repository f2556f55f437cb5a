// The program that workers are started and guarded with. One static executable, several modes: the
// first argument says which. docs/workers.md says what each promises.

#include <stdio.h>
#include <string.h>

#include "guard.h"

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--version") == 0) {
    puts("trogdor-guard 1");
    return 0;
  }
  if (argc > 1 && strcmp(argv[1], "launch") == 0) return launch(argc - 2, argv + 2);
  if (argc > 1 && strcmp(argv[1], "guard") == 0) return guard(argc - 2, argv + 2);
  if (argc > 1 && strcmp(argv[1], "stress") == 0) return stress(argc - 2, argv + 2);
  fprintf(stderr, "trogdor-guard: expected launch, guard, stress or --version\n");
  return 2;
}
