/* A library that promises.c loads. */
#include <stdlib.h>
#include <string.h>

int plugin_loaded;
static void *kept;

__attribute__((constructor)) static void begin(void) {
    kept = malloc(5000);
    plugin_loaded = kept != NULL;
}

__attribute__((destructor)) static void end(void) { free(kept); }

void *plugin_make(size_t size) {
    char *block = calloc(1, size);
    return strcpy(block, "plugin");
}

void plugin_drop(void *block) { free(block); }
