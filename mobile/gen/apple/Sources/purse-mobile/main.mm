#include "bindings/bindings.h"

int main(int, char *[]) {
    ffi::start_app();
    return 0;
}
