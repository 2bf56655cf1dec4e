/* program_name.h - what a program calls itself in its messages. */
#ifndef COMMON_PROGRAM_NAME_H
#define COMMON_PROGRAM_NAME_H

/* The name it was started by, without its folder. */
const char *program_name(void);

#endif
