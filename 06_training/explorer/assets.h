/* assets.h - the files of the page (page.html and what it names), which are in the program: so it
 * runs from any folder, and also where this folder is not.
 */
#ifndef ASSETS_H
#define ASSETS_H

/* The text of the file of that name; NULL if the page has no such file. */
const char *asset_text(const char *name);

#endif
