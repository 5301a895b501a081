/* Before main, and in libraries that are loaded later. */
#include "promises.h"

#include <dlfcn.h>

static void *early;

__attribute__((constructor(101))) static void constructor(void) {
    early = malloc(321);
    fill(early, 321, 1);
    void *other = realloc(malloc(10), 100000);
    free(other);
}

void libraries(void) {
    CHECK("a constructor's block is there in main", early && is_filled(early, 321, 1));
    free(early);
    const char *path = getenv("PLUGIN");
    void *plugin = path ? dlopen(path, RTLD_NOW) : NULL;
    if (!plugin) printf("%s\n", dlerror());
    CHECK("a library is loaded", plugin != NULL);
    if (!plugin) return;
    void *(*make)(size_t) = (void *(*)(size_t))dlsym(plugin, "plugin_make");
    void (*drop)(void *) = (void (*)(void *))dlsym(plugin, "plugin_drop");
    int *loaded = dlsym(plugin, "plugin_loaded");
    CHECK("its constructor has allocated", loaded && *loaded == 1);
    char *block = make(100);
    CHECK("its blocks are ours to free", block && strcmp(block, "plugin") == 0);
    free(block);
    block = malloc(100);
    drop(block);
    CHECK("it is let go", dlclose(plugin) == 0);
}
