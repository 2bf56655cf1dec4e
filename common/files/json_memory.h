/* json_memory.h - where the JSON library (jansson) gets its memory from.
 *
 * jansson 2.14 does not survive that malloc fails once: json_dumps then leaves out a key and says
 * nothing, json_pack frees twice, json_loadb writes behind its buffer. A header without a key would
 * take the place of a good file. So it gets memory that never fails: where there is none left, the
 * program ends with one line, and what is on the disk stays (memory_alloc).
 */
#ifndef COMMON_JSON_MEMORY_H
#define COMMON_JSON_MEMORY_H

/* Call it before any function of jansson; again does no harm. */
void json_memory_use(void);

#endif
