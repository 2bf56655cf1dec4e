#include "tests/scratch.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

void scratch_make(void) {
    snprintf(folder, sizeof folder, "/tmp/test_scratch_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

const char *scratch_folder(void) {
    return folder;
}

int scratch_entries(const char *ending, bool remove_them) {
    DIR *dir = opendir(folder);
    int count = 0;
    ck_assert_msg(dir != NULL, "%s is gone", folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        const size_t length = strlen(entry->d_name), tail = strlen(ending);
        if (entry->d_name[0] == '.' || length < tail) continue;
        if (strcmp(entry->d_name + length - tail, ending) != 0) continue;
        count++;
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (remove_them) remove(path);
    }
    closedir(dir);
    return count;
}

void scratch_remove(void) {
    scratch_entries("", true);
    rmdir(folder);
}

const char *scratch_path(const char *name) {
    static char paths[4][128];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

const char *scratch_put(const char *name, const char *data, size_t bytes) {
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, bytes, file), bytes);
    fclose(file);
    return path;
}

void expect_text(const Error *err, const char *path, const char *rest) {
    char expected[2048];
    snprintf(expected, sizeof expected, "%s%s", path, rest);
    ck_assert_str_eq(err->text, expected);
}
