/* malloc_usable_size(3), mallinfo(3), malloc_info(3), malloc_trim(3), mallopt(3). */
#include "promises.h"

static void usable_size(void) {
    int enough = 1;
    for (size_t size = 0; size < 100000; size = size * 2 + 1) {
        void *block = malloc(size);
        size_t usable = malloc_usable_size(block);
        enough = enough && usable >= size;
        fill(block, usable, 6);
        void *other = malloc(size);
        enough = enough && is_filled(block, usable, 6);
        free(other);
        free(block);
    }
    CHECK("malloc_usable_size is at least the request, and can be used", enough);
    CHECK("malloc_usable_size of a null pointer is zero", malloc_usable_size(NULL) == 0);
}

static void information(void) {
    void *block = malloc(1000);
    struct mallinfo2 before = mallinfo2();
    void *more = malloc(50000);
    struct mallinfo2 after = mallinfo2();
    CHECK("mallinfo2 adds up", after.arena == after.uordblks + after.fordblks);
    CHECK("mallinfo2 counts what is in use", after.uordblks >= before.uordblks + 50000);
    free(more);
    struct mallinfo2 freed = mallinfo2();
    CHECK("mallinfo2 counts what is freed", freed.uordblks <= after.uordblks - 50000);
    CHECK("mallinfo2 knows of free blocks", freed.ordblks >= 1);
    CHECK("keepcost is no more than what is free", freed.keepcost <= freed.fordblks);
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    struct mallinfo narrow = mallinfo();
    CHECK("mallinfo agrees", (size_t)narrow.uordblks <= after.uordblks && narrow.uordblks > 0);
    free(block);
}

/* Whether every element of a text is closed, and the first is `root`. */
static int is_xml(const char *text, const char *root) {
    char open[16][32];
    int depth = 0, elements = 0;
    while ((text = strchr(text, '<')) != NULL) {
        char name[32];
        const char *end = strchr(text, '>');
        if (!end || depth == 16) return 0;
        if (sscanf(text, "</%31[a-z]", name) == 1) {
            if (depth == 0 || strcmp(open[--depth], name) != 0) return 0;
        } else if (sscanf(text, "<%31[a-z]", name) == 1) {
            if (elements++ == 0 && strcmp(name, root) != 0) return 0;
            if (end[-1] != '/') strcpy(open[depth++], name);
        } else {
            return 0;
        }
        text = end;
    }
    return depth == 0 && elements > 0;
}

static void xml(void) {
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    CHECK("malloc_info succeeds", malloc_info(0, stream) == 0);
    fclose(stream);
    CHECK("malloc_info writes XML", is_xml(text, "malloc"));
    CHECK("malloc_info tells of a heap", strstr(text, "<heap nr=\"0\">") != NULL);
    CHECK("malloc_info tells what the system gave", strstr(text, "<system type=\"current\" size=\"") != NULL);
    free(text);
    stream = fopen("/dev/null", "w");
    CHECK("malloc_info refuses options", malloc_info(1, stream) != 0);
    fclose(stream);
}

static void tuning(void) {
    CHECK("mallopt accepts", mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1);
    CHECK("mallopt accepts again", mallopt(M_ARENA_MAX, 1) == 1);
    enum { COUNT = 256 };
    void *blocks[COUNT];
    for (int i = 0; i < COUNT; i++) memset(blocks[i] = malloc(100000), 1, 100000);
    for (int i = 0; i < COUNT; i++) free(blocks[i]);
    int trimmed = malloc_trim(0);
    CHECK("malloc_trim gives back", trimmed == 1);
    for (int i = 0; i < COUNT; i++) memset(blocks[i] = malloc(100000), 1, 100000);
    for (int i = 0; i < COUNT; i++) free(blocks[i]);
    struct timespec longest_pause = {.tv_nsec = 10000000};
    nanosleep(&longest_pause, NULL);
    CHECK("malloc_trim gives back again later", malloc_trim(0) == 1);
    void *block = hidden(malloc(100000));
    CHECK("there is memory after malloc_trim", block != NULL);
    free(block);
}

void figures(void) {
    usable_size();
    information();
    xml();
    tuning();
}
