#include <cstring>

#include "check.h"

/** Runs every test whose name contains the argument, or all, and says which. */
int main(int count, char** arguments) {
  const char* const wanted = count > 1 ? arguments[1] : "";
  int run = 0;
  for (Test* test = Test::first(); test != nullptr; test = test->next) {
    if (strstr(test->name, wanted) == nullptr) continue;
    printf("%s\n", test->name);
    fflush(stdout);
    test->run();
    run++;
  }
  return run == 0 ? 1 : 0;
}
