/* A C program that loads a C++ library. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
    void *plugin = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    int (*run)(void) = plugin ? (int (*)(void))dlsym(plugin, "cxx_plugin") : NULL;
    if (!run) {
        printf("%s\n", dlerror());
        return 9;
    }
    return run();
}
