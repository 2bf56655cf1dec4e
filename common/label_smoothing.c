#include "common/label_smoothing.h"

LabelSmoothing label_smoothing(real e, size_t V) {
    return (LabelSmoothing){.certainty = 1 - e, .share = e / (real)V};
}
