/* Linked into everything that counts what it runs (MODE=coverage): tests of a REQUIRE end in abort,
 * and what was run until then would not be counted. */
#include <stdlib.h>

void __gcov_dump(void);
_Noreturn void __real_abort(void);
_Noreturn void __wrap_abort(void);

_Noreturn void __wrap_abort(void) {
    __gcov_dump();
    __real_abort();
}
