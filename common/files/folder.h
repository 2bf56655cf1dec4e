/* folder.h - folders to write into. */
#ifndef COMMON_FOLDER_H
#define COMMON_FOLDER_H

#include <dirent.h>

#include "common/error.h"

/* Makes the folder and those above it as needed (mkdir -p); one that cannot be written into is an
 * error. */
bool folder_make(const char *path, Error *err);

/* opendir(), again where a signal came in between; closedir ends it. */
DIR *folder_open(const char *path);

#endif
