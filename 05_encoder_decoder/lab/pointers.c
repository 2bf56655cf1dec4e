#include "05_encoder_decoder/lab/pointers.h"

enum { CELL = POINTER_CELL, PIXELS = CELL * CELL, DIRECTIONS = 4 };
static const double NOISE = 0.1;

/* Rows from the top, '#' is bright: four shapes, then the arrow's four directions. */
static const char *const drawing[POINTER_SHAPES + DIRECTIONS] = {
    "#####..##..#####", // square
    "#..#.##..##.#..#", // cross
    "####....####....", // bars
    "...#..#..#..#...", // slash
    "..#.##..##....#.", // arrow to the left
    ".#....##..##.#..", // to the right
    ".....##.#..#....", // up
    "....#..#.##.....", // down
};
static const int step[DIRECTIONS][2] = {{0, -1}, {0, 1}, {-1, 0}, {1, 0}}; // rows, columns

const char *pointers_shape(int shape) {
    static const char *const names[POINTER_SHAPES] = {"square", "cross", "bars", "slash"};
    return names[shape];
}

static void paint(PointerImage *image, int cell, const char *pixels) {
    const int top = cell / POINTER_ROW * CELL, left = cell % POINTER_ROW * CELL;
    for (int i = 0; i < PIXELS; i++)
        image->pixels[(top + i / CELL) * POINTER_SIDE + left + i % CELL] += pixels[i] == '#';
}

static void draw_image(PointerImage *image, Random *random) {
    int row, column, direction;
    random_fill_normal(random, image->pixels, POINTER_SIDE * POINTER_SIDE, 0, NOISE);
    do { // the cell that it shows to must be there
        image->arrow = (int)random_below(random, POINTER_CELLS);
        direction = (int)random_below(random, DIRECTIONS);
        row = image->arrow / POINTER_ROW + step[direction][0];
        column = image->arrow % POINTER_ROW + step[direction][1];
    } while (row < 0 || row >= POINTER_ROW || column < 0 || column >= POINTER_ROW);
    image->target = row * POINTER_ROW + column;
    for (int cell = 0; cell < POINTER_CELLS; cell++) {
        const int shape = (int)random_below(random, POINTER_SHAPES);
        if (cell == image->target) image->label = shape;
        paint(image, cell, drawing[cell == image->arrow ? POINTER_SHAPES + direction : shape]);
    }
}

void pointers_draw(PointerImage *images, int count, Random *random) {
    for (int n = 0; n < count; n++) draw_image(&images[n], random);
}
