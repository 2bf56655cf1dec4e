/* gpt_folder.h - the folder of a run of gpt: model.safetensors, state.safetensors and the picture
 * loss. What another program has left under those names is neither moved nor written over.
 */
#ifndef GPT_FOLDER_H
#define GPT_FOLDER_H

#include "common/files/lock.h"

/* Makes directory as needed and takes it; until lock_release or the end of the program it is this
 * run's. saves: a run will be saved there, so a model or a state that gpt has not written, or one
 * that cannot be read, is an error: nothing in the folder has been changed then, but that a move
 * which was cut off has been undone. */
bool gpt_folder_take(const char *directory, bool saves, Lock *lock, Error *err);

/* Call it before the first save of a new run: what an earlier one has left is moved aside. */
bool gpt_folder_keep_earlier(const char *directory, Error *err);

#endif
